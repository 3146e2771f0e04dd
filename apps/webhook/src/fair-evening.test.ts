import type { Books, ItemOutcome } from '@vesper/core/books';
import { parseEvent } from '@vesper/core/event';
import type { FlushClock } from '@vesper/outbox/flusher';
import { createMemoryStore } from '@vesper/outbox/memory-store';
import { describe, expect, it } from 'vitest';
import { changeCompany, saveSettings } from './company.ts';
import { noTotals } from './control-totals.ts';
import { startEvenings } from './evening.ts';
import { createLogger } from './logger.ts';
import { inspectionEvent } from './support/test-room.ts';

const NOON = '2026-06-01T17:00:00Z';
const EVENING = '2026-06-02T01:00:00Z';
/** QuickBooks takes 40 batches a minute. */
const BATCH_MS = 1_500;

/** Time that passes only when everybody waits, and then to whoever waits least long. */
function createPatientClock(startAt: string): FlushClock & { set(at: string): void } {
  let nowMs = Date.parse(startAt);
  let ids = 0;
  const sleepers: { at: number; wake: () => void }[] = [];
  let isMoving = false;
  const move = async (): Promise<void> => {
    isMoving = true;
    while (sleepers.length > 0) {
      for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const next = sleepers.sort((a, b) => a.at - b.at).shift();
      if (next) nowMs = Math.max(nowMs, next.at);
      next?.wake();
    }
    isMoving = false;
  };
  return {
    now: () => nowMs,
    newId: () => `id-${(ids += 1)}`,
    set: (at) => void (nowMs = Date.parse(at)),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: nowMs + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => {
          if (sleepers.includes(sleeper)) sleepers.splice(sleepers.indexOf(sleeper), 1);
          resolve();
        });
        if (!isMoving) void move();
      }),
  };
}

/** Books that take everything, as fast as QuickBooks lets one company post. */
function booksOf(clock: FlushClock): Books {
  return {
    realmId: '1',
    batchSize: 5,
    concurrency: 1,
    prepare: (operations) => Promise.resolve(operations.map(() => ({ outcome: 'send', payload: {}, list: false }))),
    assemble: (items) => new TextEncoder().encode(JSON.stringify(items)),
    find: () => Promise.resolve({ outcome: 'absent' }),
    async send({ items }) {
      await clock.sleep(BATCH_MS);
      const posted = (key: string): ItemOutcome => ({ outcome: 'posted', quickbooks: { entity: 'Invoice', id: key, syncToken: '0' } });
      return { outcome: 'answered', items: new Map(items.map(({ bId, key }) => [bId, posted(key)])) };
    },
  };
}

describe('an evening of companies of very different sizes', () => {
  // Without it two hundred small companies would wait for the night until the big ones are through.
  it('ends for every small company before the first of more large ones than there are slots has ended', async () => {
    const clock = createPatientClock(NOON);
    const store = createMemoryStore({ now: () => clock.now() });
    const book = async (id: string, inspections: number): Promise<void> => {
      await saveSettings(store, id, { name: id, timezone: 'America/Chicago' }, NOON);
      await changeCompany(store, id, NOON, () => ({ connection: { state: 'connected', realmId: '1', connectedAt: NOON, problems: [] } }));
      for (let index = 0; index < inspections; index += 1) {
        const event = inspectionEvent(id, String(index));
        const parsed = parseEvent(event);
        if (parsed.outcome !== 'known') throw new Error(parsed.outcome);
        const body = new TextEncoder().encode(JSON.stringify(event));
        const { subject, refs } = parsed;
        const entry = {
          source: 'vesper',
          webhookId: `m${index}`,
          type: event.type,
          words: [],
          bodySha256: `${index}`,
          state: 'pending' as const,
        };
        await store.append({ companyId: id, subject, refs, body, receivedAt: NOON, ...entry });
      }
    };
    const large = Array.from({ length: 9 }, (_, index) => `a-large-${index}`);
    const small = Array.from({ length: 40 }, (_, index) => `b-small-${index}`);
    for (const id of large) await book(id, 200);
    for (const id of small) await book(id, 1);
    clock.set(EVENING);
    const signal = new AbortController().signal;
    const open = {
      books: booksOf(clock),
      totals: () => Promise.resolve({ totals: noTotals(), byDate: {}, records: [], doubles: [] }),
      requests: () => 0,
    };
    const openBooks = () => Promise.resolve({ outcome: 'open' as const, open });
    const evenings = startEvenings({ store, clock, logger: createLogger('silent'), openBooks, holder: 'one', signal });
    await evenings.catchUp();
    await evenings.stop();

    const ended = async (ids: readonly string[]): Promise<number[]> => {
      const runs = await Promise.all(ids.map(async (companyId) => (await store.runs({ companyId, limit: 1 }))[0]));
      return runs.map((run) => {
        expect(run?.state).toBe('done');
        return Date.parse(run?.finishedAt ?? '') - Date.parse(EVENING);
      });
    };
    expect(Math.max(...(await ended(small)))).toBeLessThan(Math.min(...(await ended(large))));
  });
});
