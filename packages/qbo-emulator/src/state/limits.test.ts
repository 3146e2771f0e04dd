import { expect, it } from 'vitest';
import { quickBooksLimits, RateLimiter } from './limits.ts';

const admit = (limiter: RateLimiter, now: number, more: { batch?: boolean; inFlight?: number } = {}) =>
  limiter.admit({ limits: quickBooksLimits, now, batch: false, inFlight: 1, ...more });

it('lets 500 a minute through by a sliding window, and refusals do not count', () => {
  const limiter = new RateLimiter();
  for (let request = 0; request < 500; request += 1) expect(admit(limiter, request * 110)).toBe(true);
  expect(admit(limiter, 55_500)).toBe(false);
  expect(admit(limiter, 59_999)).toBe(false);
  expect(admit(limiter, 60_000)).toBe(true);
});

it('counts batches in both windows', () => {
  const limiter = new RateLimiter();
  for (let batch = 0; batch < 40; batch += 1) expect(admit(limiter, batch * 200, { batch: true })).toBe(true);
  expect(admit(limiter, 9_000, { batch: true })).toBe(false);
  expect(admit(limiter, 9_000)).toBe(true);
});

it('refuses the eleventh in flight', () => {
  expect([admit(new RateLimiter(), 0, { inFlight: 10 }), admit(new RateLimiter(), 0, { inFlight: 11 })]).toEqual([true, false]);
});

it('starts anew when the clock is set back', () => {
  const limiter = new RateLimiter();
  for (let request = 0; request < 10; request += 1) admit(limiter, 1_000_000);
  expect([admit(limiter, 1_000_000), admit(limiter, 5)]).toEqual([false, true]);
});
