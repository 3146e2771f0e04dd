import type { LedgerRecord } from '@vesper/core/ledger';

/** The numbers a person may know a document by: QuickBooks' own, and that of the document as it is wanted or posted. */
export function documentNumbers({ quickbooks, wanted, posted }: LedgerRecord): string[] {
  const document = wanted?.document ?? posted;
  const own =
    document && 'docNumber' in document ? document.docNumber : document?.type === 'payment' ? document.referenceNumber : undefined;
  return [...new Set([quickbooks?.docNumber, own].filter((number) => number !== undefined))];
}
