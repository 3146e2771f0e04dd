import { expect, test } from 'vitest';
import { expiryNotice } from './token-keeper.ts';

const day = 86_400_000;
const now = Date.parse('2026-06-01T00:00:00Z');
const tokens = (refreshDays: number, hardDays?: number) => ({
  realmId: '1',
  accessToken: 'a',
  accessExpiresAt: '',
  refreshToken: 'r',
  refreshExpiresAt: new Date(now + refreshDays * day).toISOString(),
  ...(hardDays !== undefined && { refreshHardExpiresAt: new Date(now + hardDays * day).toISOString() }),
  obtainedAt: '',
});

// An end nobody foresaw is an evening without books and a person to find on a holiday.
test.each([
  [15, undefined, undefined],
  [14, undefined, 'connection_ends_by_disuse'],
  [0, undefined, 'connection_ends_by_disuse'],
  [100, 14, 'connection_ends_for_good'],
  [100, 1_000, undefined],
])('with %s days of use and %s days in all left, announces %s', (refreshDays, hardDays, code) => {
  expect(expiryNotice(tokens(refreshDays, hardDays), now)?.code).toBe(code);
});
