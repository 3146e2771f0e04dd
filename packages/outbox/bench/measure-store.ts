import { createHash, randomUUID } from 'node:crypto';
import type { NewEntry } from '../src/entry.ts';
import type { EntryFilter, Store } from '../src/store.ts';

/** Microseconds. */
export interface Measured {
  /** For each entry, until its sender is answered. */
  append: number;
  /** For each entry, what the answer did not wait for: until it is in every index. */
  index: number;
  /** A company's lease with the first reads of its evening. */
  claim: number;
  /** One page of the console. */
  search: number;
}

export async function measureStore(store: Store, place: { round: number; entries: number; companies: number }): Promise<Measured> {
  return {
    ...(await measureAppend(store, place)),
    claim: await measureClaim(store, place),
    search: await measureSearch(store, place),
  };
}

/** 64 callers, then the first reading, which waits for all that the appends put off. */
async function measureAppend(
  store: Store,
  { round, entries, companies }: { round: number; entries: number; companies: number },
): Promise<Pick<Measured, 'append' | 'index'>> {
  const count = 2_048;
  const fresh = Array.from({ length: count }, (_, index) => newEntry(entries + round * count + index, companies));
  const startedMs = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      for (let entry = fresh[next++]; entry !== undefined; entry = fresh[next++]) await store.append(entry);
    }),
  );
  const answeredMs = performance.now();
  await store.entriesByState('nobody', ['pending'], { limit: 1 });
  const each = (ms: number) => (ms * 1_000) / count;
  return { append: each(answeredMs - startedMs), index: each(performance.now() - answeredMs) };
}

async function measureClaim(store: Store, { round, entries }: { round: number; entries: number }): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < 25; index += 1) {
    const startedMs = performance.now();
    const companyId = `company-${(round * 7 + index * 3) % 200}`;
    const claim = await store.claimLease({ companyId, holder: 'bench', ttlMs: 60_000 });
    if (claim.outcome === 'busy') throw new Error(`${companyId} is busy`);
    await store.liveBatches(claim.lease);
    const page = await store.entriesByState(companyId, ['pending', 'held'], { limit: 500 });
    await store.entriesByRefs(
      companyId,
      page.slice(0, 20).flatMap(({ refs }) => refs),
    );
    await store.ledger(companyId, [`invoice/${Math.floor(entries / 8)}`, `invoice/${Math.floor(entries / 16)}`]);
    await store.releaseLease(claim.lease);
    times.push(performance.now() - startedMs);
  }
  return median(times) * 1_000;
}

/** The console's pages, one company and all, each a page of 50. */
async function measureSearch(store: Store, { round, entries }: { round: number; entries: number }): Promise<number> {
  const inspection = Math.floor(entries / 8) + round;
  const companyIds = [`company-${inspection % 200}`];
  const newest = await store.search({ companyIds, limit: 50 });
  const filters: EntryFilter[] = [
    { limit: 50 },
    { companyIds, limit: 50 },
    { companyIds, limit: 50, ...(newest.next === undefined ? {} : { cursor: newest.next }) },
    { states: ['failed', 'held'], limit: 50 },
    { companyIds, states: ['posted'], type: 'payment.settled', limit: 50 },
    { companyIds, subject: `inspection/${inspection}`, limit: 50 },
    { companyIds, q: `inspection/${inspection}`, limit: 50 },
    { companyIds, q: `first${inspection % 211}.last${(inspection * 7_919) % 5_003}@`, limit: 50 },
    { companyIds, from: '2020-09-13T13:00:00.000Z', to: '2020-09-13T15:00:00.000Z', limit: 50 },
  ];
  const times: number[] = [];
  for (let repeat = 0; repeat < 7; repeat += 1) {
    const startedMs = performance.now();
    for (const filter of filters) await store.search(filter);
    await store.counts();
    times.push(performance.now() - startedMs);
  }
  return (median(times) * 1_000) / (filters.length + 1);
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function newEntry(index: number, companies: number): NewEntry {
  const inspection = Math.floor(index / 4);
  const body = Buffer.alloc(1_000, `${index} `);
  const subject = `inspection/${inspection}`;
  return {
    companyId: `company-${inspection % companies}`,
    source: 'vesper',
    webhookId: `msg_${randomUUID()}`,
    type: 'inspection.updated',
    subject,
    refs: [subject],
    words: [`first${inspection % 211}`, `last${(inspection * 7_919) % 5_003}`, `${inspection}@example.com`, String(inspection)],
    body,
    bodySha256: createHash('sha256').update(body).digest('hex'),
    receivedAt: new Date(1_600_000_000_000 + index * 6_000).toISOString(),
    state: 'pending',
  };
}
