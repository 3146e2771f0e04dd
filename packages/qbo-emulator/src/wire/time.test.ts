import { expect, it } from 'vitest';
import { addDays, WireTime } from './time.ts';

it('prints the company’s offset on both sides of a change of clocks', () => {
  const time = new WireTime('America/Los_Angeles');
  expect(time.seconds(Date.parse('2026-03-08T09:59:59Z'))).toBe('2026-03-08T01:59:59-08:00');
  expect(time.seconds(Date.parse('2026-03-08T10:00:00Z'))).toBe('2026-03-08T03:00:00-07:00');
  expect(time.day(Date.parse('2026-03-08T07:59:59Z'))).toBe('2026-03-07');
});

it('prints milliseconds in the envelope, and quarter-hour offsets', () => {
  expect(new WireTime('Asia/Kathmandu').milliseconds(Date.parse('2026-01-01T00:00:00.007Z'))).toBe('2026-01-01T05:45:00.007+05:45');
});

it('adds days over the end of a leap February', () => {
  expect([addDays('2028-02-27', 2), addDays('2026-12-31', 30)]).toEqual(['2028-02-29', '2027-01-30']);
});
