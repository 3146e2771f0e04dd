import type { Books, ItemOutcome, SealedBytes } from '@vesper/core/books';
import type { DocumentKey } from '@vesper/core/document';
import { parseEvent } from '@vesper/core/event';
import type { Reason } from '@vesper/core/reason';
import type { FlushClock } from '@vesper/outbox/flusher';
import { createMemoryStore } from '@vesper/outbox/memory-store';
import type { Store } from '@vesper/outbox/store';
import { pino } from 'pino';
import { saveSettings } from '../company.ts';
import { wordsOf } from '../receive-webhook.ts';
import type { Agent, SupportRoom } from './support-room.ts';

/** A room over the memory store and books that take whatever they are sent; for tests. */
export interface TestRoom extends SupportRoom {
  store: Store;
  /** Keys in the order QuickBooks took them, with what was done to each. */
  posted: { key: DocumentKey; kind: string }[];
  /** Requests so far; the answer of the third has `intuit_tid` `tid-3`. */
  sends: number;
  /** QuickBooks' answer for a document, instead of taking it. */
  answers: Map<DocumentKey, Extract<ItemOutcome, { reason: Reason }>>;
  /** Called before each sending; a test that lets it wait holds the batch on the wire. */
  beforeSend: () => Promise<void>;
  /** Appends an event as its platform would send it; answers the entry's id. */
  receive(webhookId: string, event: unknown): Promise<string>;
  addCompany(id: string, settings?: Record<string, unknown>): Promise<void>;
}

export const AGENT: Agent = { name: 'ada@example.com' };
const NOW = '2026-06-02T01:00:00.000Z';

export async function createTestRoom(companies: readonly string[] = ['tern']): Promise<TestRoom> {
  let ids = 0;
  let elapsedMs = 0;
  const clock: FlushClock = {
    now: () => Date.parse(NOW) + elapsedMs,
    sleep: async (ms) => {
      elapsedMs += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
    newId: () => `id-${(ids += 1).toString().padStart(6, '0')}`,
  };
  const store = createMemoryStore({ now: () => clock.now() });
  const room: TestRoom = {
    store,
    clock,
    holder: 'test',
    logger: pino({ level: 'silent' }),
    resendAfterMs: 0,
    background: new Set(),
    signal: new AbortController().signal,
    posted: [],
    sends: 0,
    answers: new Map(),
    beforeSend: () => Promise.resolve(),
    openBooks: () =>
      Promise.resolve({
        outcome: 'open',
        open: {
          books: booksOf(room),
          totals: () => Promise.reject(new Error('not asked for')),
          requests: () => 0,
        },
      }),
    clientOf: () => ({ outcome: 'closed', reason: { code: 'not_connected', message: 'Not connected.', remedy: 'Connect it.' } }),
    async receive(webhookId, event) {
      const parsed = parseEvent(event);
      if (parsed.outcome !== 'known') throw new Error(`the event is ${parsed.outcome}`);
      const { companyId, subject, refs } = parsed;
      const body = new TextEncoder().encode(JSON.stringify(event));
      const appended = await store.append({
        companyId,
        source: 'vesper',
        webhookId,
        type: parsed.event.type,
        subject,
        refs,
        words: wordsOf(parsed.event),
        body,
        bodySha256: webhookId,
        receivedAt: new Date(clock.now()).toISOString(),
        state: 'pending',
      });
      if (appended.outcome !== 'stored') throw new Error(`the event was ${appended.outcome}`);
      return appended.id;
    },
    async addCompany(id, settings = {}) {
      await saveSettings(store, id, { name: id, timezone: 'America/Chicago', ...settings }, NOW);
    },
  };
  for (const id of companies) await room.addCompany(id);
  return room;
}

function booksOf(room: TestRoom): Books {
  return {
    realmId: 'realm-1',
    batchSize: 30,
    concurrency: 1,
    prepare: (operations) => Promise.resolve(operations.map(() => ({ outcome: 'send', payload: {}, list: false }))),
    assemble: (items) => new TextEncoder().encode(JSON.stringify(items)),
    find: () => Promise.resolve({ outcome: 'absent' }),
    async send({ items }: SealedBytes) {
      await room.beforeSend();
      const outcomes = new Map<string, ItemOutcome>();
      for (const { bId, key, operation } of items) {
        const answer = room.answers.get(key);
        if (!answer) room.posted.push({ key, kind: operation.kind });
        outcomes.set(
          bId,
          answer ?? {
            outcome: 'posted',
            quickbooks: { entity: 'Invoice', id: `qb-${key}`, syncToken: String(room.posted.length), docNumber: `nr-${key}` },
          },
        );
      }
      return { outcome: 'answered', items: outcomes, intuitTid: `tid-${(room.sends += 1)}` };
    },
  };
}

export function inspectionEvent(companyId: string, id: string, changes: Record<string, unknown> = {}) {
  return {
    type: 'inspection.confirmed',
    timestamp: '2026-06-01T15:00:00.000Z',
    data: {
      companyId,
      inspection: {
        id,
        revision: 1,
        status: 'confirmed',
        createdAt: '2026-06-01T15:00:00.000Z',
        scheduledAt: '2026-06-03T15:00:00.000Z',
        client: { id: `c${id}`, firstName: 'Ada', lastName: `Moreno${id}`, email: `ada.${id}@example.com` },
        lines: [{ id: `${id}-1`, kind: 'service', serviceId: 'svc-1', name: 'Home Inspection', quantity: 1, unitAmountCents: 45_000 }],
        ...changes,
      },
    },
  };
}

export function paymentEvent(companyId: string, id: string, inspectionId: string, changes: Record<string, unknown> = {}) {
  return {
    type: 'payment.settled',
    timestamp: '2026-06-01T16:00:00.000Z',
    data: {
      companyId,
      payment: {
        id,
        inspectionId,
        revision: 1,
        amountCents: 45_000,
        method: 'card',
        processor: 'platform',
        receivedAt: '2026-06-01T16:00:00.000Z',
        ...changes,
      },
    },
  };
}
