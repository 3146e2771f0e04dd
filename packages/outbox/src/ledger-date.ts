import type { LocalDate } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';

/** The local day a ledger record belongs to: that of the document QuickBooks has, else of the wanted one. Customers have none. */
export function ledgerDate({ posted, wanted }: Pick<LedgerRecord, 'posted' | 'wanted'>): LocalDate | undefined {
  const document = posted ?? wanted?.document;
  return document === undefined || document.type === 'customer' ? undefined : document.date;
}
