import type { AccountingDocument, DocumentKey, DocumentType } from './document.ts';
import type { Reason } from './reason.ts';

/** The QuickBooks record that carries a document, as its last answer told us. */
export interface QuickbooksRecord {
  /** QuickBooks' entity, e.g. `Invoice`. */
  entity: string;
  id: string;
  syncToken: string;
  docNumber?: string;
  totalCents?: number;
}

/**
 * `planned` wanted, not sealed · `sealed` in a batch that may be on the wire · `posted` QuickBooks agrees ·
 * `unknown` sent, outcome not known · `held` waits for a fact · `failed` waits for a person · `voided` was posted, taken back.
 */
export type DocumentState = 'planned' | 'sealed' | 'posted' | 'unknown' | 'held' | 'failed' | 'voided';

/** What we know is posted, one record a document. Everything but `key` and `state` may still be missing. */
export interface LedgerRecord {
  key: DocumentKey;
  type: DocumentType;
  state: DocumentState;
  /** The document as QuickBooks last took it. Stays while an update waits or fails. */
  posted?: AccountingDocument;
  quickbooks?: QuickbooksRecord;
  /** The operation that waits, is in flight or went wrong. */
  wanted?: { kind: 'create' | 'update' | 'void' | 'delete'; document?: AccountingDocument };
  reason?: Reason;
  /** Differences between what was sent and what QuickBooks answered, in words; shown as `posted_different`. */
  differences?: string[];
  /** Set by a change notice or a CDC look: a person changed or removed the record in QuickBooks. */
  drift?: string;
  /** A person changed it and the company's rule is that the platform wins: it is posted again although nothing changed on the platform. */
  restore?: true;
  /** Where it stands when the company's books have been moved to another QuickBooks company since. */
  former?: { realmId: string; posted: AccountingDocument; quickbooks: QuickbooksRecord };
  /** An earlier creation may stand in QuickBooks and could not be proved to be it: it is looked for before it is created anew. */
  unproven?: true;
  inspectionId?: string;
  attempts: number;
  syncedAt?: string;
  batchId?: string;
}

export type Ledger = ReadonlyMap<DocumentKey, LedgerRecord>;

/** Whether QuickBooks holds this document now, live. */
export function isInBooks(
  record: LedgerRecord | undefined,
): record is LedgerRecord & { posted: AccountingDocument; quickbooks: QuickbooksRecord } {
  return record?.posted !== undefined && record.quickbooks !== undefined && record.state !== 'voided';
}

/** Whether QuickBooks holds this document, or may: its outcome is still to be learnt. */
export function isPerhapsInBooks(record: LedgerRecord | undefined): record is LedgerRecord {
  return record !== undefined && (record.state === 'sealed' || record.state === 'unknown' || isInBooks(record));
}

/** Whether QuickBooks holds this document, may hold it, or held it before it was voided. */
export function wasEverInBooks(record: LedgerRecord | undefined): boolean {
  return record?.state === 'voided' || isPerhapsInBooks(record);
}
