import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDollars, lineCents } from './money.ts';

describe('lineCents', () => {
  it.each([
    [3, 1_250, 3_750],
    [0.1, 5, 1],
    [0.5, 1, 1],
    [0.5, -1, -1],
    [1.005, 100, 101],
    [-1.005, 100, -101],
    [2.5, 67, 168],
    [38, 67, 2_546],
    [1e-7, 10_000, 0],
    [1e21, 1, 1e21],
    [0, -500, 0],
  ])('%d × %d cents is %d cents', (quantity, unitAmountCents, expected) => {
    expect(lineCents(quantity, unitAmountCents)).toBe(expected);
  });

  it('never answers minus zero, which JSON and a bookkeeper do not know', () => {
    expect(Object.is(lineCents(0, -500), 0)).toBe(true);
    expect(Object.is(lineCents(-0.001, 100), 0)).toBe(true);
  });

  it('is a mirror about zero: a discount rounds as its fee does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: -5_000_000, max: 5_000_000 }), (thousandths, unit) => {
        expect(lineCents(thousandths / 1000, -unit)).toBe(-lineCents(thousandths / 1000, unit) + 0);
      }),
    );
  });

  it('is within half a cent of the exact product', () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999, max: 99_999 }), fc.integer({ min: -500_000, max: 500_000 }), (thousandths, unit) => {
        const exactThousandths = thousandths * unit;
        expect(Math.abs(lineCents(thousandths / 1000, unit) * 1000 - exactThousandths)).toBeLessThanOrEqual(500);
      }),
    );
  });

  it('refuses what is no number', () => {
    expect(() => lineCents(Number.NaN, 100)).toThrow(RangeError);
  });
});

it.each([
  [0, '$0.00'],
  [5, '$0.05'],
  [-123_450, '-$1,234.50'],
  [123_456_789, '$1,234,567.89'],
])('writes %d cents as %s', (cents, text) => {
  expect(formatDollars(cents)).toBe(text);
});
