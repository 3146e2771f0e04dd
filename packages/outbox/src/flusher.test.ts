import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Books, ItemOutcome } from '@vesper/core/books';
import type { DocumentKey } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import { parseEvent } from '@vesper/core/event';
import { companySettings } from '@vesper/core/settings';
import { beforeEach, describe, expect, it } from 'vitest';
import { claimed, utf8 } from './contract/subject.ts';
import { flushCompany, type FlushOutcome } from './flusher.ts';
import { createMemoryStore } from './memory-store.ts';
import { sha256 } from './sha256.ts';
import { StoreError } from './store-error.ts';
import type { Store } from './store.ts';

const settings = companySettings.parse({ name: 'Acme Home Inspections', timezone: 'America/Chicago' });
const example = JSON.parse(await readFile(join(import.meta.dirname, '../../core/events/inspection.confirmed.example.json'), 'utf8')) as {
  data: { companyId: string; inspection: { id: string; client: { id: string; email: string } } };
};

/** Books that take everything in, but for what a test does to one document. */
function takingBooks(onPrepare: (key: DocumentKey) => void): Books & { posted: DocumentKey[] } {
  const posted: DocumentKey[] = [];
  return {
    posted,
    realmId: 'realm-1',
    batchSize: 30,
    concurrency: 1,
    prepare: (operations) =>
      Promise.resolve(
        operations.map(({ key }) => {
          onPrepare(key);
          return { outcome: 'send', payload: key, list: key.startsWith('customer/') };
        }),
      ),
    assemble: (items) => utf8(JSON.stringify(items)),
    send: ({ items }) => {
      for (const { key } of items) posted.push(key);
      const answers = items.map(({ bId, key }): [string, ItemOutcome] => [
        bId,
        { outcome: 'posted', quickbooks: { entity: 'Invoice', id: key, syncToken: '0' } },
      ]);
      return Promise.resolve({ outcome: 'answered', items: new Map(answers) });
    },
    find: () => Promise.resolve({ outcome: 'absent' }),
  };
}

let store: Store;
let nowMs: number;
beforeEach(() => {
  nowMs = Date.parse('2026-06-02T01:00:00.000Z');
  store = createMemoryStore({ now: () => nowMs, monotonicNow: () => 0 });
});

async function book(id: string, { revision = 2, firstName = 'Jolene' } = {}): Promise<void> {
  const event = structuredClone(example);
  event.data = { ...event.data, companyId: 'acme' };
  Object.assign(event.data.inspection, {
    id,
    revision,
    client: { ...event.data.inspection.client, id: `client-${id}`, email: `${id}@example.com`, firstName },
  });
  const body = utf8(JSON.stringify(event));
  const parsed = parseEvent(event);
  if (parsed.outcome !== 'known') throw new Error('The example is a known event.');
  const { subject, refs } = parsed;
  await store.append({
    companyId: 'acme',
    source: 'vesper',
    webhookId: revision === 2 ? `msg_${id}` : `msg_${id}_${revision}`,
    type: parsed.event.type,
    subject,
    refs,
    words: [],
    body,
    bodySha256: sha256(body),
    receivedAt: new Date(nowMs).toISOString(),
    state: 'pending',
  });
}

const flush = (books: Books): Promise<FlushOutcome> =>
  flushCompany({
    store,
    books,
    companyId: 'acme',
    settings,
    clock: { now: () => nowMs, sleep: () => Promise.resolve(), newId: () => crypto.randomUUID() },
    holder: 'test',
    trigger: 'evening',
    resendAfterMs: 0,
  });

describe('a run ended in the middle', () => {
  const ids = Array.from({ length: 40 }, (_, index) => String(1_000 + index));
  beforeEach(async () => {
    for (const id of ids) await book(id);
  });
  const stateOf = async (id: string) => (await store.entry(`acme|vesper|msg_${id}`))?.state;

  // Without it one inspection that breaks Vesper would keep its whole company out of QuickBooks, evening after evening.
  it('by the same inspection again and again leaves that one to a person, and posts all others', async () => {
    const books = takingBooks((key) => {
      if (key === 'invoice/1007') throw new TypeError('a fault of ours');
    });
    const endings = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) endings.push(await flush(books).catch((error: unknown) => String(error)));
    expect(endings).toEqual(Array.from({ length: 3 }, () => 'TypeError: a fault of ours'));

    const last = await flush(books);
    expect(last).toMatchObject({ outcome: 'ran', run: { state: 'done', counts: { failed: 1 } } });
    expect(last.outcome === 'ran' && last.run).not.toHaveProperty('underWay');
    const invoices = books.posted.filter((key) => key.startsWith('invoice/'));
    expect(invoices.toSorted()).toEqual(ids.filter((id) => id !== '1007').map((id) => `invoice/${id}`));
    expect(await store.entry('acme|vesper|msg_1007')).toMatchObject({
      state: 'failed',
      reason: { code: 'ends_runs', message: expect.stringContaining('inspection/1007') },
    });
  });

  it('comes to all that is due once what ended it is gone, and suspects nobody for long', async () => {
    let isBroken = true;
    const books = takingBooks(() => {
      if (isBroken) throw new TypeError('a fault of ours');
    });
    await expect(flush(books)).rejects.toThrow(TypeError);
    isBroken = false;
    expect(await flush(books)).toMatchObject({ run: { state: 'done', counts: { failed: 0, posted: 80 } } });
    for (const id of ids) expect(await stateOf(id)).toBe('posted');
  });

  it('by the store suspects no inspection', async () => {
    const books = takingBooks(() => {
      throw new StoreError('unavailable', 'The store is gone for a moment.');
    });
    for (let attempt = 1; attempt <= 5; attempt += 1) await expect(flush(books)).rejects.toThrow(StoreError);
    expect(await flush(takingBooks(() => undefined))).toMatchObject({ run: { state: 'done', counts: { failed: 0, posted: 80 } } });
  });
});

describe('a document that a newer version has written', () => {
  // Without it an upgrade one replica at a time, or a step back, would strip the ledger of what the newer version relies on.
  it('keeps what this version does not know', async () => {
    await book('1000');
    await flush(takingBooks(() => undefined));
    const known = (await store.ledger('acme', ['customer/client-1000'])).get('customer/client-1000');
    if (!known) throw new Error('The customer is in the ledger.');
    const lease = await claimed(store);
    await store.putLedger(lease, [{ ...known, approval: { by: 'a-7' } } as LedgerRecord]);
    await store.releaseLease(lease);
    await book('1000', { revision: 3, firstName: 'Yolanda' });
    nowMs += 86_400_000;
    const books = takingBooks(() => undefined);
    expect(await flush(books)).toMatchObject({ outcome: 'ran', run: { state: 'done' } });
    expect(books.posted).toContain('customer/client-1000');
    expect((await store.ledger('acme', ['customer/client-1000'])).get('customer/client-1000')).toMatchObject({
      state: 'posted',
      posted: { displayName: expect.stringContaining('Yolanda') },
      approval: { by: 'a-7' },
    });
  });
});
