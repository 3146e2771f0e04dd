import { type DocumentKey, documentKey } from './document.ts';
import type { PaymentState } from './fold.ts';
import { type Ledger, isPerhapsInBooks } from './ledger.ts';

/**
 * Whether a payment stands in a deposit QuickBooks holds: then it is frozen (code 6540) until that deposit lets it go.
 * A deposit whose outcome is unknown counts as holding it.
 */
export function isFrozen({ payouts }: Pick<PaymentState, 'payouts'>, key: DocumentKey, ledger: Ledger): boolean {
  return payouts.some(({ payoutId }) => {
    const record = ledger.get(documentKey.deposit(payoutId));
    if (!isPerhapsInBooks(record)) return false;
    const deposit = record.posted ?? record.wanted?.document;
    return deposit?.type === 'deposit' && deposit.lines.some((line) => line.kind === 'document' && line.documentKey === key);
  });
}
