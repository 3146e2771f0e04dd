import type { Binary, Collection, Db, IndexDescription } from 'mongodb';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { Reason } from '@vesper/core/reason';
import type { BatchSend, BatchState } from '../batch.ts';
import type { EntryState } from '../entry.ts';
import type { RunRecord } from '../run.ts';

/**
 * Every document carries `companyId`, and every `_id` but those of `records` and `audit` starts with it, so each collection may be sharded by
 * `{ companyId: 1, _id: 1 }`, those two by `{ _id: 'hashed' }`. A unique index is `_id` or starts with `companyId`.
 * What is only read back as it was written lies in the document as JSON text: no key of a caller is ever a field name.
 */
export interface EntryDocument {
  _id: string;
  companyId: string;
  type: string;
  subject: string;
  refs: string[];
  words: string[];
  /** `w:` a word, matched by prefix; `i:` an id, matched whole. */
  terms: string[];
  body?: Binary;
  /** Stays as long as the body does: the partial index of what may still be redacted. */
  hasBody?: true;
  bodySha256: string;
  receivedAt: string;
  state: EntryState;
  reason?: Reason;
  attempts: number;
  conflicts: number;
  settledAt?: string;
  runId?: string;
  /** Run, instant and state of the last conclusion: told twice it counts one attempt. */
  settledBy?: string;
  /** The highest fence that wrote it. */
  fence: number;
}

export interface ConflictDocument {
  _id: string;
  companyId: string;
  entryId: string;
  bodySha256: string;
  receivedAt: string;
  body?: Binary;
}

export interface CompanyDocument {
  _id: string;
  companyId: string;
  version: number;
  settings: string;
  connection: string;
  createdAt: string;
  updatedAt: string;
}

export interface LeaseDocument {
  _id: string;
  companyId: string;
  holder: string;
  token: string | null;
  fence: number;
  /** The server's clock. */
  expiresAt: Date;
  /** Leave to send: the batch that was last given it, under this token and fence. */
  sending?: string;
}

export interface LedgerDocument {
  _id: string;
  companyId: string;
  key: string;
  state: LedgerRecord['state'];
  inspectionId?: string;
  localDate?: string;
  quickbooksEntity?: string;
  quickbooksId?: string;
  /** Numbers people may know it by. */
  numbers: string[];
  /** The live batch it is in. */
  batchId: string | null;
  fence: number;
  /** The `LedgerRecord` without `state` and `batchId`, which change by themselves. */
  record: string;
  /** Of the `putLedger` call that wrote it: how the call sees which it did not write. */
  mark?: string;
}

export interface BatchDocument {
  _id: string;
  companyId: string;
  id: string;
  runId: string;
  realmId: string;
  requestId: string;
  state: BatchState;
  fence: number;
  keys: string[];
  /** `BatchItem[]` */
  items: string;
  sends: BatchSend[];
  body?: Binary;
  bodySha256?: string;
  createdAt: string;
}

export interface RunDocument {
  /** `company|evening|date` for evening runs, so there is one a day. */
  _id: string;
  companyId: string;
  id: string;
  localDate: string;
  trigger: RunRecord['trigger'];
  startedAt: string;
  fence: number;
  record: string;
}

export interface AuditDocument {
  _id: string;
  companyId: string;
  at: string;
  subject: string;
  row: string;
}

export interface RecordDocument {
  _id: string;
  kind: string;
  id: string;
  version: number;
  /** New with each write: what a compare-and-set compares. */
  revision: string;
  value: string;
  expiresAt?: Date;
}

export interface SecretDocument {
  _id: string;
  companyId: string;
  name: string;
  version: number;
  sealed: string | null;
}

export interface MongoCollections {
  entries: Collection<EntryDocument>;
  conflicts: Collection<ConflictDocument>;
  companies: Collection<CompanyDocument>;
  leases: Collection<LeaseDocument>;
  ledger: Collection<LedgerDocument>;
  batches: Collection<BatchDocument>;
  runs: Collection<RunDocument>;
  audit: Collection<AuditDocument>;
  records: Collection<RecordDocument>;
  secrets: Collection<SecretDocument>;
}

export const collectionsOf = (db: Db): MongoCollections => ({
  entries: db.collection('outbox'),
  conflicts: db.collection('conflicts'),
  companies: db.collection('companies'),
  leases: db.collection('leases'),
  ledger: db.collection('documents'),
  batches: db.collection('batches'),
  runs: db.collection('runs'),
  audit: db.collection('audit'),
  records: db.collection('records'),
  secrets: db.collection('secrets'),
});

/** All indexes there are. No TTL on anything but records that expire: the outbox, its keys and the ledger stay for ever. */
export const mongoIndexes: { readonly [Name in keyof MongoCollections]: readonly IndexDescription[] } = {
  entries: [
    { key: { companyId: 1, state: 1, _id: 1 } },
    { key: { companyId: 1, state: 1, receivedAt: -1, _id: -1 } },
    { key: { state: 1, receivedAt: -1, _id: -1 } },
    { key: { companyId: 1, refs: 1 } },
    { key: { companyId: 1, terms: 1 } },
    { key: { receivedAt: 1 }, name: 'redactable', partialFilterExpression: { hasBody: true } },
  ],
  conflicts: [{ key: { companyId: 1, entryId: 1 } }],
  companies: [],
  leases: [],
  ledger: [
    { key: { companyId: 1, inspectionId: 1 } },
    { key: { companyId: 1, state: 1, key: 1 } },
    { key: { companyId: 1, localDate: 1, key: 1 } },
    { key: { companyId: 1, quickbooksEntity: 1, quickbooksId: 1 } },
    { key: { companyId: 1, batchId: 1 } },
    { key: { numbers: 1, companyId: 1 } },
    { key: { quickbooksId: 1, companyId: 1 }, name: 'by_quickbooks_id' },
  ],
  batches: [
    { key: { companyId: 1, realmId: 1, requestId: 1 }, unique: true },
    { key: { companyId: 1, state: 1, createdAt: 1 } },
    { key: { companyId: 1, keys: 1, createdAt: -1 } },
    { key: { companyId: 1, runId: 1, createdAt: 1 } },
    { key: { 'sends.intuitTid': 1, companyId: 1 } },
  ],
  runs: [{ key: { companyId: 1, id: 1 } }, { key: { companyId: 1, startedAt: -1, id: -1 } }, { key: { startedAt: -1, id: -1 } }],
  audit: [{ key: { at: -1, _id: -1 } }, { key: { companyId: 1, at: -1, _id: -1 } }, { key: { subject: 1, at: -1, _id: -1 } }],
  records: [{ key: { kind: 1, id: 1 } }, { key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
  secrets: [],
};
