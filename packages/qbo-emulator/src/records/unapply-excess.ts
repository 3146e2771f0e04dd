import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import type { Fields } from '../wire/json.ts';
import { listOf } from '../wire/json.ts';
import { fromCents } from '../wire/money.ts';

/**
 * An invoice that was voided, or changed to less than its payments, leaves the rest of the latest ones unapplied.
 * QuickBooks' API documents nothing; whether it is let through at all is a setting (`linkedInvoiceVoid`,
 * `invoiceBelowPayments`).
 */
export function unapplyExcess(row: Row, { company, now }: { company: Company; now: number }): void {
  if (row.entity !== 'Invoice') return;
  let excess = company.links.appliedCents(row.id) - row.totalCents;
  const latestFirst = [...company.links.paymentsOf(row.id)].toReversed();
  const voided = row.totalCents === 0;
  for (const [paymentId, cents] of latestFirst) {
    if (excess <= 0 && !voided) return;
    const kept = Math.max(0, cents - Math.max(excess, 0));
    excess -= cents - kept;
    company.links.unapply(row.id, paymentId);
    if (kept > 0) company.links.apply({ txnId: row.id, paymentId, cents: kept });
    const payment = company.row('Payment', paymentId);
    if (!payment) continue;
    payment.fields = { ...payment.fields, Line: listOf(payment.fields['Line']).flatMap((line) => lowered(line, { txnId: row.id, kept })) };
    company.touch(payment, now);
  }
}

function lowered(line: Fields, { txnId, kept }: { txnId: string; kept: number }): Fields[] {
  if (!listOf(line['LinkedTxn']).some((linked) => linked['TxnId'] === txnId)) return [line];
  return kept > 0 ? [{ ...line, Amount: fromCents(kept) }] : [];
}
