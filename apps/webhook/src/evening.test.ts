import { createMemoryStore } from '@vesper/outbox/memory-store';
import type { FlushClock } from '@vesper/outbox/flusher';
import type { RunRecord } from '@vesper/outbox/run';
import type { Lease, Store } from '@vesper/outbox/store';
import { describe, expect, it } from 'vitest';
import { saveSettings, changeCompany } from './company.ts';
import type { BooksDesk } from './company-run.ts';
import { noTotals } from './control-totals.ts';
import { mulberry32 } from './demo/mulberry32.ts';
import { startEvenings, type EveningRoom } from './evening.ts';
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
    process: (desk: BooksDesk = openBooks, onLook?: EveningRoom['onLook']) =>
      startEvenings({
        store,
        clock,
        logger,
        openBooks: desk,
        holder: `process-${(ids += 1)}`,
        signal: new AbortController().signal,
        ...(onLook && { onLook }),
      }),
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

/** Every rule for clocks in the states and territories: with and without summer time, east to west over the date line. */
const US_ZONES = [
  'America/Puerto_Rico',
  'America/New_York',
  'America/Indiana/Indianapolis',
  'America/Chicago',
  'America/Denver',
  'America/Phoenix',
  'America/Los_Angeles',
  'America/Anchorage',
  'America/Adak',
  'Pacific/Honolulu',
  'Pacific/Pago_Pago',
  'Pacific/Guam',
];

describe('evenings', { timeout: 60_000 }, () => {
  it.each([
    { night: 'the clocks skip an hour', from: '2026-03-06T12:00:00Z', days: ['2026-03-07', '2026-03-08', '2026-03-09'] },
    { night: 'the clocks go back', from: '2026-10-30T12:00:00Z', days: ['2026-10-31', '2026-11-01', '2026-11-02'] },
  ])('run once on each local day in every US zone and at every hour when $night', async ({ from, days }) => {
    const town = createTown(from);
    const hours = ['01:30', '02:30', '20:00'];
    const names = US_ZONES.flatMap((timezone) =>
      hours.map((eveningAt) => ({ id: `${timezone.replaceAll('/', '-')}-${eveningAt.replace(':', '')}`, timezone, eveningAt })),
    );
    for (const { id, timezone, eveningAt } of names) await town.company(id, { timezone, eveningAt });
    const [one, other] = [town.process(), town.process()];
    for (let hour = 0; hour < 4 * 24; hour += 1) {
      town.pass(HOUR);
      await Promise.all([one.catchUp(), other.catchUp()]);
    }
    for (const { id } of names)
      expect(
        (await town.evenings(id)).filter((day) => days.includes(day)),
        id,
      ).toEqual(days);
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

  // Without it one new kind of setting would keep every company of a replica that is not upgraded yet out of QuickBooks.
  it('wait for nobody whose settings only a newer version can read', async () => {
    const town = createTown('2026-06-01T15:00:00Z');
    for (const id of ['auk', 'tern']) await town.company(id, { timezone: 'America/Chicago' });
    const auk = await town.store.company('auk');
    if (!auk) throw new Error('auk is there');
    await town.store.putCompany({ ...auk, settings: { ...(auk.settings as object), mode: 'a_newer_mode' } }, auk.version);
    town.setClock('2026-06-02T02:00:00Z');
    const evenings = town.process();
    await evenings.catchUp();
    expect([await town.evenings('auk'), await town.evenings('tern')]).toEqual([[], ['2026-06-01']]);
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

  it.each(['2026-03-06T12:00:00Z', '2026-10-30T12:00:00Z'])(
    'run once on each local day though clock, service and processes do what they like around %s',
    async (from) => {
      const town = createTown(from);
      for (const timezone of US_ZONES) await town.company(timezone.replaceAll('/', '-'), { timezone, eveningAt: '01:30' });
      const random = mulberry32(7);
      let [one, other] = [town.process(), town.process()];
      for (let step = 0; step < 60; step += 1) {
        // Forward by up to six hours, back by up to five: some four days in all.
        town.pass((random() < 0.3 ? -random() * 5 : random() * 6) * HOUR);
        await Promise.all(random() < 0.5 ? [one.catchUp()] : [one.catchUp(), other.catchUp()]);
        if (random() < 0.2) {
          await one.stop();
          one = town.process();
        }
        [one, other] = [other, one];
      }
      town.pass(DAY);
      await one.catchUp();
      for (const timezone of US_ZONES) {
        const days = await town.evenings(timezone.replaceAll('/', '-'));
        const first = Date.parse(days[0] ?? '');
        expect(days.length, timezone).toBeGreaterThan(3);
        expect(days, timezone).toEqual(days.map((_, day) => new Date(first + day * DAY).toISOString().slice(0, 10)));
      }
      await Promise.all([one.stop(), other.stop()]);
    },
  );

  it('of hundreds of companies share a process: a few at a time, and none waits for one that hangs', async () => {
    const town = createTown('2026-06-01T15:00:00Z');
    const ids = Array.from({ length: 300 }, (_, index) => `company-${index}`);
    for (const id of ids) await town.company(id, { timezone: 'America/Chicago' });
    let open = 0;
    let mostOpen = 0;
    const letGo = Promise.withResolvers<void>();
    const evenings = town.process(async ({ id }) => {
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      await (id === 'company-0' ? letGo.promise : new Promise((resolve) => setImmediate(resolve)));
      open -= 1;
      return { outcome: 'open', open: { books: booksWithNothingToDo, totals: noBooks, requests: () => 0 } };
    });
    town.setClock('2026-06-02T01:00:00Z');
    const caughtUp = evenings.catchUp();
    while (evenings.state().underWay.length !== 1 || evenings.state().lookedAtMs === undefined)
      await new Promise((resolve) => setImmediate(resolve));
    expect(evenings.state().underWay).toEqual(['company-0']);
    expect(await town.evenings('company-299')).toEqual(['2026-06-01']);
    expect(mostOpen).toBeLessThanOrEqual(8 + 24);
    letGo.resolve();
    await caughtUp;
    expect((await Promise.all(ids.map((id) => town.evenings(id)))).filter(([day]) => day !== '2026-06-01')).toEqual([]);
    await evenings.stop();
  });

  it('do not wait for the look at a company whose QuickBooks hangs', async () => {
    const town = createTown('2026-06-01T15:00:00Z');
    for (const id of ['auk', 'tern']) await town.company(id, { timezone: 'America/Chicago' });
    const letGo = Promise.withResolvers<void>();
    const evenings = town.process(undefined, ({ id }) => (id === 'auk' ? letGo.promise : Promise.resolve()));
    town.setClock('2026-06-02T01:00:00Z');
    const caughtUp = evenings.catchUp();
    while ((await town.evenings('tern')).length + (await town.evenings('auk')).length < 2)
      await new Promise((resolve) => setImmediate(resolve));
    letGo.resolve();
    await caughtUp;
    await evenings.stop();
  });

  it('count as overdue only where a monitor could help, not where the books stay closed to us', async () => {
    const town = createTown('2026-06-01T15:00:00Z');
    await town.company('tern', { timezone: 'America/Chicago' });
    const evenings = town.process(() => Promise.resolve({ outcome: 'closed', reason: { code: 'not_checked', message: '', remedy: '' } }));
    town.setClock('2026-06-02T01:00:00Z');
    await evenings.catchUp();
    town.pass(3 * HOUR);
    await evenings.catchUp();
    expect(evenings.state()).toMatchObject({ companies: 1, overdue: 0 });
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
