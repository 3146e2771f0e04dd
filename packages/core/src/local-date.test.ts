import { describe, expect, it } from 'vitest';
import { compareInstants, daysBetween, localDate } from './local-date.ts';

describe('localDate', () => {
  it.each([
    ['2026-06-02T04:59:59.999Z', 'America/Chicago', '2026-06-01'],
    ['2026-06-02T05:00:00.000Z', 'America/Chicago', '2026-06-02'],
    ['2026-06-02T09:59:00Z', 'Pacific/Honolulu', '2026-06-01'],
    ['2026-06-01T22:00:00-05:00', 'America/New_York', '2026-06-01'],
    ['2026-12-31T23:30:00.000Z', 'America/Anchorage', '2026-12-31'],
  ])('the day of %s in %s is %s', (instant, timezone, day) => {
    expect(localDate(instant, timezone)).toBe(day);
  });

  it.each([
    // Clocks go forward at 2 am on 8 March 2026 and back at 2 am on 1 November 2026 in Chicago.
    ['2026-03-08T05:59:59Z', '2026-03-07'],
    ['2026-03-08T06:00:00Z', '2026-03-08'],
    ['2026-03-09T04:59:59Z', '2026-03-08'],
    ['2026-11-01T04:59:59Z', '2026-10-31'],
    ['2026-11-01T05:00:00Z', '2026-11-01'],
    ['2026-11-02T05:59:59Z', '2026-11-01'],
    ['2026-11-02T06:00:00Z', '2026-11-02'],
  ])('%s falls on %s although the night is shorter or longer', (instant, day) => {
    expect(localDate(instant, 'America/Chicago')).toBe(day);
  });
});

it('counts calendar days, whatever the clocks did between', () => {
  expect(daysBetween({ from: '2026-03-07', to: '2026-03-09' })).toBe(2);
  expect(daysBetween({ from: '2026-10-31', to: '2026-11-02' })).toBe(2);
  expect(daysBetween({ from: '2026-06-05', to: '2026-06-01' })).toBe(-4);
});

it('orders instants by time, not by how they are written', () => {
  expect(compareInstants('2026-06-01T20:00:00-05:00', '2026-06-02T00:30:00.000Z')).toBeGreaterThan(0);
  expect(compareInstants('2026-06-01T20:00:00Z', '2026-06-01T20:00:00.000Z')).toBe(0);
});
