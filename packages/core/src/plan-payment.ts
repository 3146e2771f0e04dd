import { docNumber, fitsDocNumber } from './doc-number.ts';
import { type DocumentKey, type InvoiceDocument, type PaymentDocument, type SalesReceiptDocument, documentKey } from './document.ts';
import { type Explanation, docNumberTooLong, namePayment } from './explain.ts';
import { explainInspection } from './explain-inspection.ts';
import { explainPayment } from './explain-payment.ts';
import type { InspectionState, PaymentState } from './fold.ts';
import { isFrozen } from './frozen.ts';
import { type InspectionCase, isOff, isWhollyRefunded, postedMoneyKey } from './inspection-case.ts';
import { chooseLocation } from './item-choice.ts';
import { type Ledger, wasEverInBooks } from './ledger.ts';
import { daysBetween, localDate } from './local-date.ts';
import { sumCents } from './money.ts';
import { arrivalOf, isToPost } from './payment-arrival.ts';
import type { PlanDraft } from './plan-draft.ts';
import { toCustomer } from './plan-invoice.ts';
import { type Room, roomOn } from './payment-room.ts';
import { receiptLines } from './receipt-lines.ts';
import type { CompanySettings } from './settings.ts';
import { isBeforeSyncStart } from './sync-start.ts';

type MoneyDocument = PaymentDocument | SalesReceiptDocument;

/** Plans each payment: applied to the invoice, or as a sales receipt of its own; or says what it waits for. */
export function planPayments(open: InspectionCase, invoice: InvoiceDocument | undefined): void {
  const room = roomOn(open, invoice);
  for (const payment of open.state.payments) {
    noteDispute(open.draft, payment);
    const postedKey = postedMoneyKey(payment.paymentId, open.ledger);
    if (postedKey !== undefined) keepPosted(open, payment, { key: postedKey, invoice, room });
    else planNew(open, payment, { invoice, room });
  }
  noteCredit(open, invoice);
}

/** A posted payment follows its snapshot; returned or removed, it is taken back and its invoice is open again. */
function keepPosted(
  open: InspectionCase,
  payment: PaymentState,
  { key, invoice, room }: { key: DocumentKey; invoice: InvoiceDocument | undefined; room: Room },
): void {
  const { draft, ledger, settings } = open;
  const type = key === documentKey.payment(payment.paymentId) ? 'payment' : 'sales_receipt';
  if (payment.fate !== 'good') return draft.takeBack({ key, type, how: 'void' });
  const posted = moneyDocument(ledger.get(key)?.posted);
  const arrivedAt = arrivalOf(payment);
  const date = arrivedAt === undefined ? posted?.date : localDate(arrivedAt, settings.timezone);
  if (date === undefined) return;
  const document = type === 'payment' ? toPayment(open, payment, { date, invoice, room }) : toReceipt(open, payment, date);
  const frozen = posted && isFrozen(payment, key, ledger) ? posted : undefined;
  if (type === 'sales_receipt' && (frozen ?? document).customerKey === document.customerKey) {
    draft.want(toCustomer(open.inspection, open.state.asOf));
  }
  if (!frozen) return draft.want(document);
  if (frozen.totalCents !== document.totalCents || frozen.date !== document.date || frozen.customerKey !== document.customerKey) {
    if (!open.customer.isFormer) draft.hold(`payment/${payment.paymentId}`, explainPayment.changedAfterDeposit(payment), key);
  }
  draft.want(frozen.type === 'payment' && document.type === 'payment' ? { ...frozen, applyCents: document.applyCents } : frozen);
}

function planNew(
  open: InspectionCase,
  payment: PaymentState,
  { invoice, room }: { invoice: InvoiceDocument | undefined; room: Room },
): void {
  const { draft, ledger, settings, mode } = open;
  const subject = `payment/${payment.paymentId}`;
  const isReceipt = mode === 'sales_receipt';
  const key = isReceipt ? documentKey.salesReceipt(payment.paymentId) : documentKey.payment(payment.paymentId);
  const isTooEarly = !open.isKept && isBeforeSyncStart(open.inspection, settings);
  const left = whyLeftOut(payment, settings, ledger) ?? (isTooEarly ? explainPayment.beforeSyncStart(payment, open.inspection) : undefined);
  if (left) {
    draft.skip(subject, left, key);
    if (ledger.has(key)) draft.takeBack({ key, type: isReceipt ? 'sales_receipt' : 'payment', how: 'void' });
    return;
  }
  const waits = whyWaiting(open, payment, invoice);
  if (waits) return draft.hold(subject, waits, key);
  const date = localDate(arrivalOf(payment) as string, settings.timezone);
  if (isReceipt) {
    draft.want(toCustomer(open.inspection, open.state.asOf));
    draft.want(toReceipt(open, payment, date));
  } else draft.want(toPayment(open, payment, { date, invoice, room }));
}

/** Payments whose inspection the platform has not told of yet. */
export function planStrayPayments(
  { payments }: InspectionState,
  settings: CompanySettings,
  { draft, ledger }: { draft: PlanDraft; ledger: Ledger },
): void {
  for (const payment of payments) {
    noteDispute(draft, payment);
    const left = whyLeftOut(payment, settings, ledger);
    if (left) draft.skip(`payment/${payment.paymentId}`, left);
    else draft.hold(`payment/${payment.paymentId}`, explainPayment.inspectionUnknown(payment));
  }
}

/** Why a payment that does not stand in the books never will. */
function whyLeftOut(payment: PaymentState, settings: CompanySettings, ledger: Ledger): Explanation | undefined {
  const keys = [documentKey.payment(payment.paymentId), documentKey.salesReceipt(payment.paymentId)];
  const wasPosted = keys.some((key) => wasEverInBooks(ledger.get(key)));
  if (!wasPosted && !isToPost(payment.payment, settings)) return explainPayment.external(payment);
  if (payment.fate !== 'good') return explainPayment[payment.fate](payment, { wasPosted });
  return undefined;
}

/** What a payment that is not posted waits for. */
function whyWaiting(open: InspectionCase, payment: PaymentState, invoice: InvoiceDocument | undefined): Explanation | undefined {
  const { inspection, settings, today, mode } = open;
  if (arrivalOf(payment) === undefined) {
    const daysWaited = daysBetween({ from: localDate(payment.payment.receivedAt, settings.timezone), to: today });
    if (payment.payment.method === 'ach') return explainPayment.achInFlight(payment, daysWaited, settings.notices.achWaitDays);
    return explainPayment.payAtCloseNotPaidOut(payment, daysWaited);
  }
  if (inspection.status === 'unconfirmed') return explainPayment.inspectionUnconfirmed(payment, inspection);
  const number = numberOf(open, payment, mode);
  if (!fitsDocNumber(number)) return docNumberTooLong(namePayment(payment), number, payment.payment.amountCents);
  if (isOff(inspection) && !isWhollyRefunded(open)) return explainPayment.onCanceled(payment, inspection);
  if (mode === 'invoice_and_payment' && !invoice) return explainPayment.noInvoice(payment, inspection);
  return undefined;
}

/** Its customer is its invoice's, even when that waits with a new client: QuickBooks links no others. */
function toPayment(
  open: InspectionCase,
  payment: PaymentState,
  { date, invoice, room }: { date: string; invoice: InvoiceDocument | undefined; room: Room },
): PaymentDocument {
  const { inspection, customer, settings } = open;
  return {
    type: 'payment',
    key: documentKey.payment(payment.paymentId),
    inspectionId: inspection.id,
    customerKey: invoice?.customerKey ?? customer.key,
    date,
    totalCents: payment.payment.amountCents,
    ...chooseLocation(inspection, settings),
    paymentId: payment.paymentId,
    referenceNumber: numberOf(open, payment, 'invoice_and_payment'),
    invoiceKey: documentKey.invoice(inspection.id),
    applyCents: room.take(payment),
    method: payment.payment.method,
  };
}

function toReceipt(open: InspectionCase, payment: PaymentState, date: string): SalesReceiptDocument {
  const { inspection, settings } = open;
  const number = numberOf(open, payment, 'sales_receipt');
  const reference = numberOf(open, payment, 'invoice_and_payment');
  return {
    type: 'sales_receipt',
    key: documentKey.salesReceipt(payment.paymentId),
    inspectionId: inspection.id,
    customerKey: documentKey.customer(inspection.client.id),
    date,
    totalCents: payment.payment.amountCents,
    ...chooseLocation(inspection, settings),
    paymentId: payment.paymentId,
    docNumber: number,
    referenceNumber: fitsDocNumber(reference) ? reference : number,
    method: payment.payment.method,
    ...receiptLines(open, payment),
  };
}

function numberOf({ settings, inspection }: InspectionCase, { paymentId }: PaymentState, mode: InspectionCase['mode']): string {
  return docNumber(settings, mode === 'sales_receipt' ? 'salesReceipt' : 'payment', { paymentId, inspectionId: inspection.id });
}

/** A dispute changes no document: the payment stands, the payout's own lines move the money, and a person is told. */
function noteDispute(draft: PlanDraft, payment: PaymentState): void {
  if (payment.dispute === 'disputed') draft.hold(`payment/${payment.paymentId}`, explainPayment.disputed(payment));
  if (payment.dispute === 'dispute_lost') draft.hold(`payment/${payment.paymentId}`, explainPayment.disputeLost(payment));
}

/** More paid than invoiced: the payments post in full and the rest is the client's credit, said out loud. */
function noteCredit({ draft, inspection, subject }: InspectionCase, invoice: InvoiceDocument | undefined): void {
  if (!invoice) return;
  const paidCents = sumCents(
    draft.plan.documents.map((wanted) =>
      wanted.presence === 'present' && wanted.document.type === 'payment' ? wanted.document.totalCents : 0,
    ),
  );
  const creditCents = paidCents - invoice.totalCents;
  if (creditCents > 0) draft.skip(subject, explainInspection.unappliedCredit(inspection, creditCents), invoice.key);
}

function moneyDocument(document: unknown): MoneyDocument | undefined {
  const { type } = (document ?? {}) as { type?: string };
  return type === 'payment' || type === 'sales_receipt' ? (document as MoneyDocument) : undefined;
}
