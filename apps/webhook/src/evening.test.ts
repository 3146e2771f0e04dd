import { createMemoryStore } from '@vesper/outbox/memory-store';
import type { FlushClock } from '@vesper/outbox/flusher';
import type { RunRecord } from '@vesper/outbox/run';
import type { Lease, Store } from '@vesper/outbox/store';
import { describe, expect, it } from 'vitest';
import { saveSettings, changeCompany } from './company.ts';
import type { BooksDesk } from './company-run.ts';
import { noTotals } from './control-totals.ts';
import { startEvenings } from './evening.ts';
import { createLogger } from './logger.ts';
import { setPaused } from './pause.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A store, a clock that is set by hand, and as many processes as a test starts. */
function createTown(startAt: string) {
  let nowMs = Date.parse(startAt);
  let ids = 0;
  const clock: FlushClock = {
    now: () => nowMs,
    sleep: () => new Promise((resolve) => setImmediate(resolve)),
    newId: () => `id-${(ids += 1)}`,
  };
  const store = createMemoryStore({ now: () => nowMs });
  const logger = createLogger('silent');
  const opened: string[] = [];
  const openBooks: BooksDesk = ({ id }) => {
    opened.push(id);
    return Promise.resolve({ outcome: 'open', open: { books: booksWithNothingToDo, totals: noBooks, requests: () => 0 } });
  };
  return {
    store,
    clock,
    opened,
    setClock: (at: string | number) => void (nowMs = typeof at === 'number' ? at : Date.parse(at)),
    pass: (ms: number) => void (nowMs += ms),
    async company(id: string, { timezone, eveningAt = '20:00' }: { timezone: string; eveningAt?: string }) {
      const at = new Date(nowMs).toISOString();
      await saveSettings(store, id, { name: id, timezone, eveningAt }, at);
      await changeCompany(store, id, at, () => ({ connection: { state: 'connected', realmId: '1', connectedAt: at, problems: [] } }));
    },
    process: (desk: BooksDesk = openBooks) =>
      startEvenings({ store, clock, logger, openBooks: desk, holder: `process-${(ids += 1)}`, signal: new AbortController().signal }),
    evenings: async (companyId: string) => eveningRuns(store, companyId),
  };
}

async function eveningRuns(store: Store, companyId: string): Promise<string[]> {
  const runs = await store.runs({ companyId, limit: 1_000 });
  return runs.flatMap(({ trigger, state, localDate }) => (trigger === 'evening' && state === 'done' ? [localDate] : [])).toSorted();
}

const never = (): never => {
  throw new Error('nothing is due in these tests');
};
const booksWithNothingToDo = { realmId: '1', batchSize: 30, concurrency: 1, prepare: never, assemble: never, send: never, find: never };
const noBooks = () => Promise.resolve({ totals: noTotals(), byDate: {}, records: [], doubles: [] });

const stoppedEvening: Omit<RunRecord, 'companyId'> = {
  id: 'evening-1',
  localDate: '2026-06-01',
  trigger: 'evening',
  state: 'stopped',
  reason: { code: 'shutting_down', message: '', remedy: '' },
  counts: { posted: 0, updated: 0, voided: 0, held: 0, failed: 0, unknown: 0, skipped: 0 },
  requests: 0,
  startedAt: '2026-06-02T01:00:00.000Z',
  finishedAt: '2026-06-02T01:00:30.000Z',
};

const US_ZONES = [
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Phoenix',
  'America/Los_Angeles',
  'America/Anchorage',
  'Pacific/Honolulu',
];

describe('evenings', () => {
  it.each([
    { night: 'the clocks skip an hour', from: '2026-03-07T12:00:00Z' },
    { night: 'the clocks go back', from: '2026-10-31T12:00:00Z' },
  ])('run once on each local day in every US zone and at every hour when $night', async ({ from }) => {
    const town = createTown(from);
    const hours = ['01:30', '02:30', '20:00'];
    const names = US_ZONES.flatMap((timezone) =>
      hours.map((eveningAt) => ({ id: `${timezone.replace('/', '-')}-${eveningAt.replace(':', '')}`, timezone, eveningAt })),
    );
    for (const { id, timezone, eveningAt } of names) await town.company(id, { timezone, eveningAt });
    const [one, other] = [town.process(), town.process()];
    for (let hour = 0; hour < 2 * 24; hour += 1) {
      town.pass(HOUR);
      await Promise.all([one.catchUp(), other.catchUp()]);
    }
    for (const { id } of names) {
      const days = await town.evenings(id);
      const first = Date.parse(days[0] ?? '');
      expect(days, id).toEqual([0, 1].map((day) => new Date(first + day * DAY).toISOString().slice(0, 10)));
    }
    await Promise.all([one.stop(), other.stop()]);
  });

  it('are caught up one by one when the service was down for some nights', async () => {
    const town = createTown('2026-06-01T15:00:00Z');
    await town.company('tern', { timezone: 'America/Chicago' });
    town.setClock('2026-06-04T15:00:00Z');
    const evenings = town.process();
    await evenings.catchUp();
    expect(await town.evenings('tern')).toEqual(['2026-06-01', '2026-06-02', '2026-06-03']);
    await evenings.stop();
  });

  it('run once however often the service is restarted in the same night', async () => {
    const town = createTown('2026-06-01T15:00:00Z');
    await town.company('tern', { timezone: 'America/Chicago' });
    town.setClock('2026-06-02T01:00:00Z');
    for (let restart = 0; restart < 5; restart += 1) {
      const evenings = town.process();
      await evenings.catchUp();
      await evenings.stop();
      town.pass(20 * 60_000);
    }
    expect(await town.evenings('tern')).toEqual(['2026-06-01']);
    expect(town.opened).toHaveLength(1);
  });

  it('run once though the clock jumps back and forth over the hour', async () => {
    const town = createTown('2026-06-01T15:00:00Z');
    await town.company('tern', { timezone: 'America/Chicago' });
    const evenings = town.process();
    const eight = Date.parse('2026-06-02T01:00:00Z');
    for (const jump of [-HOUR, HOUR, -HOUR, 0, HOUR, DAY - 2 * HOUR, DAY, DAY - HOUR]) {
      town.setClock(eight + jump);
      await evenings.catchUp();
    }
    expect(await town.evenings('tern')).toEqual(['2026-06-01', '2026-06-02']);
    await evenings.stop();
  });

  it('do not begin before the company’s hour, nor for a company connected after it', async () => {
    const town = createTown('2026-06-02T02:00:00Z');
    await town.company('tern', { timezone: 'America/Chicago' });
    const evenings = town.process();
    await evenings.catchUp();
    town.setClock('2026-06-03T00:59:00Z');
    await evenings.catchUp();
    expect(await town.evenings('tern')).toEqual([]);
    town.setClock('2026-06-03T01:00:00Z');
    await evenings.catchUp();
    expect(await town.evenings('tern')).toEqual(['2026-06-02']);
    await evenings.stop();
  });

  it('rest while a company is paused and are not made up for after it', async () => {
    const town = createTown('2026-06-01T15:00:00Z');
    await town.company('tern', { timezone: 'America/Chicago' });
    const evenings = town.process();
    await setPaused(town, { companyId: 'tern', paused: true, actor: 'key:admin', reason: 'year end' });
    town.setClock('2026-06-03T15:00:00Z');
    await evenings.catchUp();
    expect(await town.evenings('tern')).toEqual([]);
    await setPaused(town, { companyId: 'tern', paused: false, actor: 'key:admin' });
    await evenings.catchUp();
    expect(await town.evenings('tern')).toEqual([]);
    town.setClock('2026-06-04T01:00:00Z');
    await evenings.catchUp();
    expect(await town.evenings('tern')).toEqual(['2026-06-03']);
    expect((await town.store.audit({ companyId: 'tern', limit: 10 })).map(({ action, reason }) => [action, reason])).toEqual([
      ['company.resume', undefined],
      ['company.pause', 'year end'],
    ]);
    await evenings.stop();
  });

  it('go on with what was left when they were ended by a shutdown', async () => {
    const town = createTown('2026-06-01T15:00:00Z');
    await town.company('tern', { timezone: 'America/Chicago' });
    town.setClock('2026-06-02T01:00:00Z');
    const { lease } = (await town.store.claimLease({ companyId: 'tern', holder: 'gone', ttlMs: 1_000 })) as { lease: Lease };
    await town.store.startRun(lease, { ...stoppedEvening, companyId: 'tern' });
    await town.store.releaseLease(lease);
    town.pass(60_000);
    const evenings = town.process();
    await evenings.catchUp();
    await evenings.catchUp();
    const runs = await town.store.runs({ companyId: 'tern', limit: 10 });
    expect(runs.map(({ state, localDate }) => [state, localDate])).toEqual([
      ['done', '2026-06-01'],
      ['stopped', '2026-06-01'],
    ]);
    await evenings.stop();
  });

  it('leave other companies alone when the books of one cannot be opened', async () => {
    const town = createTown('2026-06-01T15:00:00Z');
    await town.company('auk', { timezone: 'America/Chicago' });
    await town.company('tern', { timezone: 'America/Chicago' });
    const evenings = town.process((company) =>
      company.id === 'auk'
        ? Promise.reject(new Error('disk on fire'))
        : Promise.resolve({ outcome: 'open', open: { books: booksWithNothingToDo, totals: noBooks, requests: () => 0 } }),
    );
    town.setClock('2026-06-02T01:00:00Z');
    await evenings.catchUp();
    expect(await town.evenings('auk')).toEqual([]);
    expect(await town.evenings('tern')).toEqual(['2026-06-01']);
    town.pass(3 * HOUR);
    await evenings.catchUp();
    expect(evenings.state().overdue).toBe(1);
    await evenings.stop();
  });
});
