import type { DocumentKey } from './document.ts';
import type { Ledger, LedgerRecord } from './ledger.ts';
import type { Operation } from './operation.ts';
import type { Difference } from './plan.ts';

/** QuickBooks' entity for each document. */
const ENTITIES = {
  customer: 'Customer',
  invoice: 'Invoice',
  payment: 'Payment',
  sales_receipt: 'SalesReceipt',
  refund: 'RefundReceipt',
  deposit: 'Deposit',
} as const;

/**
 * The ledger as it would be had QuickBooks taken every operation: for previews of what a run would leave behind, and for tests.
 * Ids are the documents' keys. The ledger passed in stays as it is.
 */
export function applyOperations(ledger: Ledger, differences: readonly Difference[]): Map<DocumentKey, LedgerRecord> {
  const next = new Map(ledger);
  for (const difference of differences)
    if (difference.kind !== 'none') next.set(difference.key, settled(difference, ledger.get(difference.key)));
  return next;
}

function settled(operation: Operation, before: LedgerRecord | undefined): LedgerRecord {
  const { key } = operation;
  if (!('document' in operation)) {
    return { key, type: operation.posted.type, state: 'voided', posted: operation.posted, quickbooks: operation.quickbooks, attempts: 0 };
  }
  const { document } = operation;
  const syncToken = String(Number(before?.quickbooks?.syncToken ?? -1) + 1);
  const entity = document.type === 'refund' && document.as === 'credit_memo' ? 'CreditMemo' : ENTITIES[document.type];
  return { key, type: document.type, state: 'posted', posted: document, quickbooks: { entity, id: key, syncToken }, attempts: 0 };
}
