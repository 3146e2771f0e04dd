import { refundNumber } from './doc-number.ts';
import { type DocumentKey, type RefundDocument, documentKey } from './document.ts';
import type { Refund } from './event.ts';
import { explainPayment } from './explain-payment.ts';
import type { PaymentState } from './fold.ts';
import { type InspectionCase, postedMoneyKey } from './inspection-case.ts';
import { chooseClass, chooseLocation, withId } from './item-choice.ts';
import { isPerhapsInBooks } from './ledger.ts';
import { localDate } from './local-date.ts';
import { isToPost } from './payment-arrival.ts';

/** A refund posts as soon as its payment has, canceled inspection or not, dated the day it was made: a refund receipt, or a credit memo by setting. */
export function planRefunds(open: InspectionCase): void {
  for (const payment of open.state.payments) {
    const money = moneyOf(open, payment);
    for (const refund of payment.refunds) {
      const key = documentKey.refund(payment.paymentId, refund.id);
      if (money) open.draft.want(toRefund(open, payment, refund, money));
      else if (isPerhapsInBooks(open.ledger.get(key))) continue;
      else wait(open, payment, refund, key);
    }
  }
}

function wait({ draft, settings }: InspectionCase, payment: PaymentState, refund: Refund, key: DocumentKey): void {
  const subject = `payment/${payment.paymentId}`;
  if (payment.fate !== 'good') draft.hold(subject, explainPayment.refundOfReversedPayment(payment, refund), key);
  else if (isToPost(payment.payment, settings)) draft.hold(subject, explainPayment.refundWaitsForPayment(payment, refund), key);
}

/** The payment's or receipt's document that stands after this run, and whose customer it is. */
function moneyOf(
  { draft, ledger }: InspectionCase,
  { paymentId, fate }: PaymentState,
): { key: DocumentKey; customerKey: DocumentKey } | undefined {
  if (fate !== 'good') return undefined;
  const planned = draft.wantedOf(documentKey.payment(paymentId)) ?? draft.wantedOf(documentKey.salesReceipt(paymentId));
  const key = postedMoneyKey(paymentId, ledger);
  const document = planned?.presence === 'present' ? planned.document : key === undefined ? undefined : ledger.get(key)?.posted;
  return document?.type === 'payment' || document?.type === 'sales_receipt' ? document : undefined;
}

/** One that is posted keeps its kind and its customer: QuickBooks cannot turn a refund receipt into a credit memo. */
function toRefund(
  { inspection, settings, ledger }: InspectionCase,
  payment: PaymentState,
  refund: Refund,
  money: { key: DocumentKey; customerKey: DocumentKey },
): RefundDocument {
  const key = documentKey.refund(payment.paymentId, refund.id);
  const record = ledger.get(key);
  const before = record?.posted ?? (isPerhapsInBooks(record) ? record.wanted?.document : undefined);
  const posted = isPerhapsInBooks(record) && before?.type === 'refund' ? before : undefined;
  return {
    type: 'refund',
    key,
    inspectionId: inspection.id,
    customerKey: posted?.customerKey ?? money.customerKey,
    date: localDate(refund.refundedAt, settings.timezone),
    totalCents: refund.amountCents,
    ...chooseLocation(inspection, settings),
    refundId: refund.id,
    paymentId: payment.paymentId,
    as: posted?.as ?? settings.refunds,
    docNumber: refundNumber(refund.id),
    ...(refund.reason !== undefined && { reason: refund.reason }),
    lines: [
      {
        lineId: refund.id,
        description: refund.reason === undefined ? 'Refund' : `Refund: ${refund.reason}`,
        quantity: 1,
        unitAmountCents: refund.amountCents,
        amountCents: refund.amountCents,
        taxable: false,
        item: withId('refund', settings.items.refund),
        ...chooseClass({}, inspection.inspector, settings),
      },
    ],
    paymentKey: money.key,
  };
}
