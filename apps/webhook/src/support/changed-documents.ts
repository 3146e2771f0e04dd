import type { DocumentKey, DocumentType } from '@vesper/core/document';
import type { DocumentState, LedgerRecord } from '@vesper/core/ledger';
import type { Reason } from '@vesper/core/reason';

/** One document a replay really changed: what it was and what it is now. */
export interface ChangedDocument {
  key: DocumentKey;
  type: DocumentType;
  before?: DocumentState;
  after: DocumentState;
  docNumber?: string;
  quickbooksId?: string;
  totalCents?: number;
  reason?: Reason;
}

export function changedDocuments(
  before: ReadonlyMap<DocumentKey, LedgerRecord>,
  after: ReadonlyMap<DocumentKey, LedgerRecord>,
): ChangedDocument[] {
  return [...after.values()].flatMap((record) => {
    const known = before.get(record.key);
    if (known && isSame(known, record)) return [];
    const { key, type, state, quickbooks, reason } = record;
    return [
      {
        key,
        type,
        ...(known && { before: known.state }),
        after: state,
        ...(quickbooks?.docNumber !== undefined && { docNumber: quickbooks.docNumber }),
        ...(quickbooks && { quickbooksId: quickbooks.id }),
        ...(quickbooks?.totalCents !== undefined && { totalCents: quickbooks.totalCents }),
        ...(reason && state !== 'posted' && { reason }),
      },
    ];
  });
}

function isSame(a: LedgerRecord, b: LedgerRecord): boolean {
  return (
    a.state === b.state &&
    a.syncedAt === b.syncedAt &&
    a.quickbooks?.id === b.quickbooks?.id &&
    a.quickbooks?.syncToken === b.quickbooks?.syncToken &&
    a.reason?.code === b.reason?.code
  );
}
