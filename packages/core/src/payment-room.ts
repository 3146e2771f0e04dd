import { type InvoiceDocument, documentKey } from './document.ts';
import type { PaymentState } from './fold.ts';
import { isFrozen } from './frozen.ts';
import type { InspectionCase } from './inspection-case.ts';
import { isInBooks } from './ledger.ts';

/**
 * What the invoice can still take. Payments in the books keep what they were applied with, as far as the invoice still reaches: lowered, it
 * lets go of the latest first. What is left goes round in order.
 */
export interface Room {
  take(payment: PaymentState): number;
}

export function roomOn({ state, ledger }: InspectionCase, invoice: InvoiceDocument | undefined): Room {
  let leftCents = invoice?.totalCents ?? 0;
  const posted = new Map<string, { amountCents: number; keptCents: number }>();
  for (const payment of state.payments) {
    const record = ledger.get(documentKey.payment(payment.paymentId));
    if (payment.fate !== 'good' || !isInBooks(record) || record.posted.type !== 'payment') continue;
    const amountCents = isFrozen(payment, record.key, ledger) ? record.posted.totalCents : payment.payment.amountCents;
    const keptCents = Math.max(0, Math.min(record.posted.applyCents, amountCents, leftCents));
    posted.set(payment.paymentId, { amountCents, keptCents });
    leftCents -= keptCents;
  }
  return {
    take({ paymentId, payment }) {
      const { amountCents, keptCents } = posted.get(paymentId) ?? { amountCents: payment.amountCents, keptCents: 0 };
      const moreCents = Math.max(0, Math.min(amountCents - keptCents, leftCents));
      leftCents -= moreCents;
      return keptCents + moreCents;
    },
  };
}
