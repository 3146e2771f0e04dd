import type { DocumentKey } from '@vesper/core/document';
import type { DocumentState, LedgerRecord } from '@vesper/core/ledger';
import type { Reason } from '@vesper/core/reason';
import type { BatchItem, BatchRecord, BatchSend } from './batch.ts';
import type { AppendOutcome, Entry, EntryConflict, EntryState, NewEntry } from './entry.ts';
import type { RunRecord } from './run.ts';

/**
 * The port every store adapter implements; `store-contract.ts` is the suite each must pass.
 * Every acknowledged write is durable: SQLite WAL with synchronous FULL, MongoDB majority and journal.
 * A write whose outcome is not known throws `StoreError` of kind `unavailable`, and repeating it is safe.
 * Writes that take a `Lease` throw `StoreError` of kind `stale_fence` when the lease is no longer the company's newest: the holder must stop at once.
 */
export interface Store {
  /** One durable insert, shared with whatever else arrives at the moment (group commit). No derivation, no read on the way. */
  append(entry: NewEntry): Promise<AppendOutcome>;
  /** Whether an append would be written now; false makes `/readyz` and the webhook route say 503. */
  isWritable(): Promise<boolean>;

  entry(id: string): Promise<Entry | undefined>;
  /** All entries of a company that tell of any of these subjects, oldest first, bodies included. */
  entriesByRefs(companyId: string, refs: readonly string[]): Promise<Entry[]>;
  /** Entries of a company in these states, in an order of the store's own that does not change, without bodies; `after` is the last id of the page before. */
  entriesByState(companyId: string, states: readonly EntryState[], page: { after?: string; limit: number }): Promise<Omit<Entry, 'body'>[]>;
  /** Newest first. `q` matches words by prefix and ids exactly. `next` is the cursor of the next page. */
  search(filter: EntryFilter): Promise<{ entries: Omit<Entry, 'body'>[]; next?: string }>;
  counts(companyId?: string): Promise<Record<EntryState, number>>;
  /** A person's move of one entry; only from one of `from`, else tells the state it has. */
  moveEntry(move: {
    id: string;
    from: readonly EntryState[];
    to: EntryState;
    reason?: Reason;
  }): Promise<{ outcome: 'moved' } | { outcome: 'refused'; state: EntryState } | { outcome: 'not_found' }>;
  /** What a run concluded about entries. Entries a person canceled meanwhile stay canceled. Adds one attempt each. */
  settleEntries(
    lease: Lease,
    settled: readonly {
      id: string;
      state: 'posted' | 'held' | 'failed' | 'ignored' | 'pending';
      reason?: Reason;
      runId: string;
      at: string;
    }[],
  ): Promise<void>;
  /** Drops the bodies of settled entries received before the instant, at most `limit`; identity, hash and state stay. Returns how many. */
  redactBodies(before: string, limit: number): Promise<number>;
  /** The other bodies that came under an entry's id, oldest first; redacted together with it. */
  conflicts(id: string): Promise<EntryConflict[]>;

  putCompany(company: CompanyRecord, expectedVersion: number | 'new'): Promise<{ outcome: 'saved' } | { outcome: 'changed_meanwhile' }>;
  company(id: string): Promise<CompanyRecord | undefined>;
  companies(page: { after?: string; limit: number }): Promise<CompanyRecord[]>;

  /** One flusher per company. `fence` grows each time the lease changes hands. */
  claimLease(claim: {
    companyId: string;
    holder: string;
    ttlMs: number;
  }): Promise<{ outcome: 'claimed'; lease: Lease } | { outcome: 'busy'; holder: string }>;
  /** True: the lease holds for `ttlMs` more and its `trustedUntilMs` has been moved on. False: it was lost; the holder must stop. */
  renewLease(lease: Lease, ttlMs: number): Promise<boolean>;
  releaseLease(lease: Lease): Promise<void>;

  ledger(companyId: string, keys: readonly DocumentKey[]): Promise<Map<DocumentKey, LedgerRecord>>;
  ledgerByInspection(companyId: string, inspectionId: string): Promise<LedgerRecord[]>;
  ledgerByState(companyId: string, states: readonly DocumentState[], page: { after?: string; limit: number }): Promise<LedgerRecord[]>;
  /** Documents whose `posted` (else `wanted`) document is dated within these local days, both inclusive, by key; for control totals and reconciliation. */
  ledgerByDate(companyId: string, days: { from: string; to: string }, page: { after?: string; limit: number }): Promise<LedgerRecord[]>;
  /** Documents carried by these QuickBooks records, for change notices and adoption checks. */
  ledgerByQuickbooks(companyId: string, records: readonly { entity: string; id: string }[]): Promise<LedgerRecord[]>;
  /**
   * Documents whose QuickBooks number (else the one they are to get) or QuickBooks id is exactly this text, or that a request carried which
   * QuickBooks first or last answered under it as `intuit_tid`. Of these companies, of all when left out; at most `limit` of each kind.
   */
  documentsByText(search: { companyIds?: readonly string[]; text: string; limit: number }): Promise<DocumentMatch[]>;
  /** Upserts records that are in no live batch; a record in one is left alone and its key returned. */
  putLedger(lease: Lease, records: readonly LedgerRecord[]): Promise<{ refused: DocumentKey[] }>;

  /**
   * Step one and two of sealing: inserts the batch as `assembling` and moves each document that is in no live batch to `sealed` in it.
   * Documents that lost are left out; their keys are returned and must not be sent.
   */
  reserveBatch(
    lease: Lease,
    batch: Omit<BatchRecord, 'state' | 'fence' | 'body' | 'bodySha256' | 'sends'>,
  ): Promise<{ refused: DocumentKey[] }>;
  /** Step three: exact bytes are durable and the batch is `sealed`. Only then may anything be sent. */
  sealBatch(lease: Lease, batchId: string, sealed: { items: BatchItem[]; body: Uint8Array; bodySha256: string }): Promise<void>;
  /** Leave to send: durable before the first byte goes out. */
  startSend(lease: Lease, batchId: string, send: BatchSend): Promise<void>;
  /** The answer: batch state, its items' outcomes, the send's end, and the documents' new records, batch first released from them. */
  settleBatch(
    lease: Lease,
    batchId: string,
    settlement: { state: 'settled' | 'unknown' | 'sealed'; items: BatchItem[]; send?: BatchSend; records: readonly LedgerRecord[] },
  ): Promise<void>;
  /** Undoes a batch that was never sealed: its documents become `planned` again. */
  releaseBatch(lease: Lease, batchId: string): Promise<void>;
  /** Batches not `settled`, oldest first, bytes included. Raises their fence to the lease's. */
  liveBatches(lease: Lease): Promise<BatchRecord[]>;
  /** Every batch a document was in, newest first: its attempts. */
  batchesOf(companyId: string, key: DocumentKey): Promise<BatchRecord[]>;
  /** Every batch of a run, oldest first. */
  batchesOfRun(companyId: string, runId: string): Promise<BatchRecord[]>;

  /** Refuses a second evening run of the same company and local day. */
  startRun(lease: Lease, run: RunRecord): Promise<{ outcome: 'started' } | { outcome: 'exists'; run: RunRecord }>;
  putRun(lease: Lease, run: RunRecord): Promise<void>;
  run(companyId: string, id: string): Promise<RunRecord | undefined>;
  /** Newest first. */
  runs(filter: { companyId?: string; fromDate?: string; toDate?: string; limit: number }): Promise<RunRecord[]>;

  /** Append-only; written before the effect it tells of. */
  appendAudit(row: AuditRow): Promise<void>;
  /** Newest first. `before` is an instant; `after` the id of the last row of the page before. */
  audit(filter: { companyId?: string; subject?: string; before?: string; after?: string; limit: number }): Promise<AuditRow[]>;

  /**
   * Small named records of the app (users, keys, sessions, corrections, limiter state, OAuth state): one JSON value each, with a version
   * for compare-and-set. `expiresAt` lets it vanish by itself.
   */
  getRecord<Value>(kind: string, id: string): Promise<{ value: Value; version: number } | undefined>;
  putRecord(
    kind: string,
    id: string,
    value: unknown,
    options: { expectedVersion: number | 'new' | 'any'; expiresAt?: string },
  ): Promise<{ outcome: 'saved'; version: number } | { outcome: 'changed_meanwhile' }>;
  /** Removes and returns it: of several callers exactly one gets it (single-use states and tokens). */
  takeRecord<Value>(kind: string, id: string): Promise<Value | undefined>;
  listRecords<Value>(
    kind: string,
    page: { prefix?: string; after?: string; limit: number },
  ): Promise<{ id: string; value: Value; version: number }[]>;

  /** Sealed with AES-256-GCM under the store's `SecretBox`, bound to company and name; never readable from the data alone. */
  getSecret(companyId: string, name: string): Promise<{ value: string; version: number } | undefined>;
  /** Compare-and-set: false when somebody saved in between. */
  putSecret(companyId: string, name: string, value: string, expectedVersion: number | 'new' | 'any'): Promise<boolean>;
  deleteSecret(companyId: string, name: string): Promise<void>;

  /** Waits for what is being written, then closes. */
  close(): Promise<void>;
}

export interface EntryFilter {
  /** Only these companies; an empty list finds nothing. */
  companyIds?: readonly string[];
  states?: readonly EntryState[];
  type?: string;
  subject?: string;
  q?: string;
  /** Received at or after, before: ISO 8601. */
  from?: string;
  to?: string;
  cursor?: string;
  limit: number;
}

/** A document found by one of its numbers. */
export interface DocumentMatch {
  companyId: string;
  by: 'document_number' | 'quickbooks_id' | 'intuit_tid';
  record: LedgerRecord;
}

export interface Lease {
  companyId: string;
  holder: string;
  /** Random, new with each claim. */
  token: string;
  fence: number;
  /** Trust the lease only until here on `performance.now()`'s clock: start of the call + TTL − margin. */
  trustedUntilMs: number;
}

export interface CompanyRecord {
  id: string;
  version: number;
  /** `CompanySettings` as saved. */
  settings: unknown;
  connection: CompanyConnection;
  createdAt: string;
  updatedAt: string;
}

/** `reconnect` needs a person at QuickBooks; the reason says who and why. */
export interface CompanyConnection {
  state: 'none' | 'connected' | 'reconnect' | 'refused' | 'disconnected';
  realmId?: string;
  connectedAt?: string;
  checkedAt?: string;
  problems: Reason[];
  /** What was chosen or created in QuickBooks at connect: accounts and items by role. */
  chart?: unknown;
  /** How each of these came to be chosen, for people to see before anything is posted. */
  choices?: unknown;
  /** QuickBooks companies the books were in before, oldest first: what took effect before `until` stands in that one. */
  formerRealms?: { realmId: string; until: string }[];
}

/** Who did what to which subject and why, with the state before and after. */
export interface AuditRow {
  id: string;
  at: string;
  /** A user, an API key's name, or `vesper`. */
  actor: string;
  action: string;
  companyId?: string;
  subject: string;
  reason?: string;
  before?: unknown;
  after?: unknown;
}
