import { expect, it } from 'vitest';
import { percentOf, toCents } from './money.ts';

it.each([
  [1.005, 101],
  [8.675, 868],
  [-1.005, -101],
  [0.1 + 0.2, 30],
  [33.33 * 3, 9_999],
])('rounds %d to %d cents, half a cent away from zero', (amount, cents) => {
  expect(toCents(amount)).toBe(cents);
});

it.each([
  [29_100, 8, 2_328],
  [1_010, 13, 131],
  [-50, 1, -1],
])('takes of %d cents %d percent as %d', (cents, percent, expected) => {
  expect(percentOf(cents, percent)).toBe(expected);
});
