import { type DocumentKey, documentKey } from './document.ts';
import type { InspectionState, PaymentState, PayoutState } from './fold.ts';

/** Every key of the ledger that planning an inspection, and setting its plan against the ledger, may look at. */
export function inspectionKeys({ inspectionId, inspection, payments }: InspectionState): DocumentKey[] {
  const keys = [documentKey.invoice(inspectionId), ...payments.flatMap(paymentKeys)];
  return inspection ? [documentKey.customer(inspection.client.id), ...keys] : keys;
}

/** The same for a payout. `payments` are those its items name. */
export function payoutKeys({ payoutId }: PayoutState, payments: ReadonlyMap<string, PaymentState>): DocumentKey[] {
  return [documentKey.deposit(payoutId), ...[...payments.values()].flatMap(paymentKeys)];
}

function paymentKeys({ paymentId, refunds, payouts }: PaymentState): DocumentKey[] {
  return [
    documentKey.payment(paymentId),
    documentKey.salesReceipt(paymentId),
    ...refunds.map(({ id }) => documentKey.refund(paymentId, id)),
    ...payouts.map(({ payoutId }) => documentKey.deposit(payoutId)),
  ];
}
