import type { LedgerRecord } from '@vesper/core/ledger';
import type { BatchRecord } from './batch.ts';
import type { Entry, EntryConflict } from './entry.ts';
import type { RunRecord } from './run.ts';
import type { AuditRow, CompanyRecord, Store } from './store.ts';

/** Everything a store keeps, collection by collection, in the form in which it moves to another store. */
export interface StoredRows {
  companies: CompanyRecord;
  /** `settledBy` is the last conclusion told: told twice it counts one attempt. */
  entries: Entry & { settledBy?: string };
  conflicts: EntryConflict & { entryId: string };
  /** Nobody holds a lease over a move; its fence goes on. */
  leases: { companyId: string; fence: number };
  documents: { companyId: string; record: LedgerRecord };
  batches: BatchRecord;
  runs: RunRecord;
  audit: AuditRow;
  records: { kind: string; id: string; version: number; value: unknown; expiresAt?: string };
  /** Sealed, as it lies there: it opens in the other store with the same keys. Null once deleted. */
  secrets: { companyId: string; name: string; version: number; sealed: string | null };
}
export type StoreCollection = keyof StoredRows;

/** In the order in which they move: what others point at comes last, so that half a move is not mistaken for a whole one. */
export const storeCollections: readonly StoreCollection[] = [
  'secrets',
  'leases',
  'entries',
  'conflicts',
  'documents',
  'batches',
  'runs',
  'audit',
  'records',
  'companies',
];

/** A store whose rows can be read and written as they are. Both without a lease: nobody else may use either store meanwhile. */
export interface TransferableStore extends Store {
  /** In the order of `key`, which is this store's own; `after` is the key of the last row of the page before. */
  exportRows<Collection extends StoreCollection>(
    collection: Collection,
    page: { after?: string; limit: number },
  ): Promise<{ key: string; row: StoredRows[Collection] }[]>;
  /** Writes the rows that are not there yet; safe to repeat. */
  importRows<Collection extends StoreCollection>(collection: Collection, rows: readonly StoredRows[Collection][]): Promise<void>;
}
