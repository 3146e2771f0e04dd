import type { RunRecord } from '@vesper/outbox/run';
import { expect, test } from 'vitest';
import { createEveningSums } from './evening-sums.ts';

const DAYS = ['2026-06-01', '2026-06-02', '2026-06-03', '2026-06-04', '2026-06-05'];

function run(localDate: string, change: Partial<RunRecord> = {}): RunRecord {
  return {
    id: localDate,
    companyId: 'tern',
    localDate,
    trigger: 'evening',
    state: 'done',
    counts: { posted: 3, updated: 1, voided: 0, held: 2, failed: 1, unknown: 0, skipped: 0 },
    requests: 4,
    startedAt: `${localDate}T20:00:00.000Z`,
    ...change,
  };
}

function setUp(runs: RunRecord[]) {
  const time = { ms: 0 };
  const reads: { fromDate?: string; toDate?: string }[] = [];
  const store = {
    runs: (filter: { companyId?: string; fromDate?: string; toDate?: string; limit: number }) => {
      reads.push({ ...(filter.fromDate && { fromDate: filter.fromDate }), ...(filter.toDate && { toDate: filter.toDate }) });
      return Promise.resolve(runs.filter(({ localDate }) => (filter.fromDate ?? '') <= localDate && localDate <= (filter.toDate ?? '9')));
    },
  };
  return { time, reads, sums: createEveningSums({ store, clock: { now: () => time.ms } }) };
}

test('days without a run are there, empty', async () => {
  const { sums } = setUp([run('2026-06-02')]);
  const { evenings } = await sums.of(undefined, DAYS);
  expect(evenings.map(({ localDate, changed }) => [localDate, changed])).toEqual([
    ['2026-06-01', 0],
    ['2026-06-02', 4],
    ['2026-06-03', 0],
    ['2026-06-04', 0],
    ['2026-06-05', 0],
  ]);
});

test('a replay adds what it changed, not what still waits', async () => {
  const { sums } = setUp([run('2026-06-05'), run('2026-06-05', { id: 'again', trigger: 'replay' })]);
  const { evenings } = await sums.of(undefined, DAYS);
  expect(evenings.at(-1)).toEqual({ localDate: '2026-06-05', changed: 8, held: 2, failed: 1 });
});

test('older days are read once in a quarter of an hour, the last two every ten seconds at most', async () => {
  const { sums, reads, time } = setUp([run('2026-06-01'), run('2026-06-05')]);
  await sums.of(undefined, DAYS);
  await sums.of(undefined, DAYS);
  expect(reads).toEqual([{ fromDate: '2026-06-01', toDate: '2026-06-03' }, { fromDate: '2026-06-04' }]);
  time.ms += 10_000;
  await sums.of(undefined, DAYS);
  expect(reads.slice(2)).toEqual([{ fromDate: '2026-06-04' }]);
  time.ms += 15 * 60_000;
  await sums.of(undefined, DAYS);
  expect(reads.filter(({ toDate }) => toDate !== undefined)).toHaveLength(2);
});

// One operator's sums must not be another's, who may see fewer companies.
test('what is remembered for all companies is not told of one', async () => {
  const { sums, reads } = setUp([run('2026-06-01')]);
  await sums.of(undefined, DAYS);
  await sums.of(['tern'], DAYS);
  expect(reads.filter(({ toDate }) => toDate !== undefined)).toHaveLength(2);
});
