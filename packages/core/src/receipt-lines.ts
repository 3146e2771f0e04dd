import { billableLines } from './billable-lines.ts';
import { type DocumentLine, type SalesReceiptDocument, documentKey } from './document.ts';
import type { PaymentState } from './fold.ts';
import type { InspectionCase } from './inspection-case.ts';
import { chooseClass, chooseItem } from './item-choice.ts';
import { sumCents } from './money.ts';

/**
 * The lines of one payment's sales receipt. When the payment pays exactly for the inspection's lines that no other receipt
 * shows, these; otherwise one line of the payment's amount. A posted receipt keeps its lines while its amount stays.
 */
export function receiptLines(open: InspectionCase, payment: PaymentState): Pick<SalesReceiptDocument, 'lines' | 'taxCents'> {
  const { inspection, settings, ledger, state } = open;
  const { amountCents } = payment.payment;
  const billable = billableLines({ inspection, payments: state.payments }, settings);

  const posted = ledger.get(documentKey.salesReceipt(payment.paymentId))?.posted;
  if (posted?.type === 'sales_receipt' && posted.totalCents === amountCents) {
    const now = new Map(billable.lines.map((line) => [line.lineId, line]));
    return { lines: posted.lines.map((line) => remapped(line, now.get(line.lineId))), taxCents: posted.taxCents };
  }
  const others = state.payments
    .filter(({ paymentId }) => paymentId !== payment.paymentId)
    .flatMap(({ paymentId }) => receiptOf(open, paymentId) ?? []);
  const shown = new Set(others.flatMap(({ lines }) => lines.map(({ lineId }) => lineId)));
  const lines = billable.lines.filter(({ lineId }) => !shown.has(lineId));
  const taxCents = billable.taxCents - sumCents(others.map((receipt) => receipt.taxCents));
  if (lines.length > 0 && taxCents >= 0 && taxCents + sumCents(lines.map((line) => line.amountCents)) === amountCents)
    return { lines, taxCents };
  return { lines: [wholeAmount(open, payment)], taxCents: 0 };
}

/** The same line to today's item and class, so that a changed mapping reaches a posted receipt. */
function remapped(line: DocumentLine, now: DocumentLine | undefined): DocumentLine {
  if (!now) return line;
  const { classId: _, ...rest } = line;
  return { ...rest, item: now.item, ...(now.classId !== undefined && { classId: now.classId }) };
}

function receiptOf({ ledger, draft }: InspectionCase, paymentId: string): SalesReceiptDocument | undefined {
  const key = documentKey.salesReceipt(paymentId);
  const wanted = draft.wantedOf(key);
  const document = wanted ? (wanted.presence === 'present' ? wanted.document : undefined) : ledger.get(key)?.posted;
  return document?.type === 'sales_receipt' ? document : undefined;
}

function wholeAmount({ inspection, settings }: InspectionCase, { paymentId, payment }: PaymentState): DocumentLine {
  const service = inspection.lines.find(({ kind }) => kind === 'service') ?? {
    id: paymentId,
    kind: 'service' as const,
    name: '',
    quantity: 1,
    unitAmountCents: payment.amountCents,
    taxable: false,
  };
  return {
    lineId: `payment-${paymentId}`,
    description: `Payment for inspection ${inspection.number ?? inspection.id}`,
    quantity: 1,
    unitAmountCents: payment.amountCents,
    amountCents: payment.amountCents,
    taxable: false,
    item: chooseItem(service, { isFeePair: false }, settings),
    ...chooseClass(service, inspection.inspector, settings),
  };
}
