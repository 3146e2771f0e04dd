import { createHash } from 'node:crypto';
import type { DocumentKey } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { Operation } from '@vesper/core/operation';
import type { BatchItem } from '../batch.ts';
import type { NewEntry } from '../entry.ts';
import type { RunRecord } from '../run.ts';
import type { SecretBox } from '../secret-box.ts';
import type { Lease, Store } from '../store.ts';

/** What a store is opened with in the suite: time moves only when a test moves it. */
export interface ContractOptions {
  /** Epoch ms; leases, expiry and everything else must go by it. */
  now: () => number;
  monotonicNow: () => number;
  secretBox: SecretBox;
}

/** A fresh, empty store, and what else there is to test it by. */
export interface StoreUnderTest {
  store: Store;
  /** Closes the store and opens the same data again; a durable store has it. */
  reopen?: () => Promise<Store>;
  /** Another client of the same data, as another process would have. */
  second?: () => Promise<Store>;
  /** Every byte at rest; a durable store has them. */
  bytesAtRest?: () => Promise<Uint8Array>;
}

export type OpenStore = (options: ContractOptions) => Promise<StoreUnderTest>;

export interface TestClock {
  now: () => number;
  advance(ms: number): void;
}

export function createTestClock(startMs: number): TestClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
  };
}

/** One test's store; opened fresh for each test, closed after it. */
export interface Subject extends StoreUnderTest {
  clock: TestClock;
  secretBox: SecretBox;
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A minute's ISO instant of the day the suite lives in. */
export const at = (minute: number): string => new Date(Date.UTC(2026, 5, 1, 12, minute)).toISOString();

export function newEntry(changes: Partial<NewEntry> = {}): NewEntry {
  const body = changes.body ?? utf8(`{"type":"inspection.confirmed","webhook":"${changes.webhookId ?? 'msg_1'}"}`);
  const subject = changes.subject ?? 'inspection/812';
  return {
    companyId: 'acme',
    source: 'vesper',
    webhookId: 'msg_1',
    type: 'inspection.confirmed',
    subject,
    refs: [subject],
    words: ['jane', 'doe'],
    receivedAt: at(0),
    state: 'pending',
    ...changes,
    body,
    bodySha256: changes.bodySha256 ?? sha256(body),
  };
}

export function ledgerRecord(changes: Partial<LedgerRecord> & { key: DocumentKey }): LedgerRecord {
  return { type: 'invoice', state: 'planned', attempts: 0, inspectionId: '812', ...changes };
}

export const customerOperation = (key: DocumentKey): Operation => ({
  kind: 'create',
  key,
  after: [],
  document: { type: 'customer', key, clientId: key, displayName: 'Jane Doe', asOf: at(0) },
});

export const batchItem = (key: DocumentKey, index = 1): BatchItem => ({ key, bId: `b${index}`, operation: customerOperation(key) });

export const newBatch = (id: string, keys: readonly DocumentKey[], minute = 0) => ({
  id,
  companyId: 'acme',
  runId: 'run-1',
  realmId: 'realm-1',
  requestId: `request-${id}`,
  items: keys.map((key, index) => batchItem(key, index + 1)),
  createdAt: at(minute),
});

export function newRun(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 'run-1',
    companyId: 'acme',
    localDate: '2026-06-01',
    trigger: 'evening',
    state: 'running',
    counts: { posted: 0, updated: 0, voided: 0, held: 0, failed: 0, unknown: 0, skipped: 0 },
    requests: 0,
    startedAt: at(0),
    ...changes,
  };
}

export async function claimed(store: Store, claim: { companyId?: string; holder?: string; ttlMs?: number } = {}): Promise<Lease> {
  const answer = await store.claimLease({ companyId: 'acme', holder: 'first', ttlMs: 60_000, ...claim });
  if (answer.outcome === 'busy') throw new Error(`The lease is held by ${answer.holder}.`);
  return answer.lease;
}

export async function collect<Item>(pages: (after: string | undefined) => Promise<Item[]>, idOf: (item: Item) => string): Promise<Item[]> {
  const all: Item[] = [];
  for (;;) {
    const page = await pages(all.length === 0 ? undefined : idOf(all[all.length - 1] as Item));
    if (page.length === 0) return all;
    all.push(...page);
  }
}
