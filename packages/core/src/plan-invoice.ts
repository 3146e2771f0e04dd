import { type BillableLines, billableLines } from './billable-lines.ts';
import { docNumber, fitsDocNumber } from './doc-number.ts';
import { type CustomerDocument, type InvoiceDocument, documentKey } from './document.ts';
import type { Inspection } from './event.ts';
import { type Explanation, clientName, docNumberTooLong, lowerFirst, nameInspection } from './explain.ts';
import { explainInspection } from './explain-inspection.ts';
import { chooseLocation } from './item-choice.ts';
import { type LedgerRecord, isPerhapsInBooks } from './ledger.ts';
import { localDate } from './local-date.ts';
import { type InspectionCase, isOff, isWhollyRefunded } from './inspection-case.ts';
import { isBeforeSyncStart } from './sync-start.ts';

/**
 * Plans the customer and the invoice, and says what the inspection itself waits for. Answers the invoice that stands after this
 * run: the one planned, or one that is posted and stays as it is. In `sales_receipt` mode there is none.
 */
export function planInvoice(open: InspectionCase): InvoiceDocument | undefined {
  const { inspection, ledger, settings, draft, subject } = open;
  const key = documentKey.invoice(inspection.id);
  const record = ledger.get(key);
  const standing = invoiceOf(record);
  const billable = billableLines({ inspection, payments: open.state.payments }, settings);
  const { totalCents } = billable;

  if (!open.isKept && isBeforeSyncStart(inspection, settings)) {
    draft.skip(subject, explainInspection.beforeSyncStart(inspection, totalCents));
    return undefined;
  }
  if (inspection.status === 'unconfirmed') {
    draft.hold(subject, explainInspection.unconfirmed(inspection, totalCents, { isPosted: standing !== undefined }));
    return standing;
  }
  if (isOff(inspection)) {
    if (isWhollyRefunded(open)) draft.skip(subject, explainInspection.canceledAndRefunded(inspection));
    else return callOff(open, standing);
  }
  if (open.mode === 'sales_receipt') return undefined;

  if (open.customer.isFormer) draft.hold(subject, explainInspection.clientReplacedAfterPayment(inspection, totalCents), key);
  else draft.want(toCustomer(inspection, open.state.asOf));
  if (inspection.lines.length > 0 && totalCents === 0 && !standing) {
    draft.skip(subject, explainInspection.zeroTotal(inspection), key);
    return undefined;
  }
  const waits = whyWaiting(open, totalCents, { isPosted: standing !== undefined });
  if (waits) {
    draft.hold(subject, waits, key);
    return standing;
  }
  const invoice: InvoiceDocument = {
    type: 'invoice',
    key,
    inspectionId: inspection.id,
    customerKey: open.customer.key,
    date: localDate(invoiceInstant(open) as string, settings.timezone),
    totalCents,
    ...chooseLocation(inspection, settings),
    docNumber: docNumber(settings, 'invoice', { inspectionId: inspection.id }),
    lines: billable.lines,
    taxCents: billable.taxCents,
    ...(inspection.address && { shipTo: inspection.address }),
  };
  draft.want(invoice);
  noteRefundLines(open, billable);
  return invoice;
}

/** Why an inspection that should have an invoice cannot have one, or not as it is now. */
function whyWaiting(open: InspectionCase, totalCents: number, posted: { isPosted: boolean }): Explanation | undefined {
  const { inspection, settings } = open;
  if (inspection.lines.length === 0) return explainInspection.noLines(inspection, posted);
  if (totalCents < 0) return explainInspection.negativeTotal(inspection, totalCents, posted);
  const number = docNumber(settings, 'invoice', { inspectionId: inspection.id });
  if (!fitsDocNumber(number)) return docNumberTooLong(`The invoice of ${lowerFirst(nameInspection(inspection))}`, number, totalCents);
  if (invoiceInstant(open) === undefined) return explainInspection.invoiceDateUnknown(inspection, settings.invoiceDate, totalCents);
  return undefined;
}

/** A refund told twice would cut income twice: what may be such a line is said out loud. */
function noteRefundLines({ inspection, subject, draft }: InspectionCase, { unpairedCents, doubtfulCents }: BillableLines): void {
  const key = documentKey.invoice(inspection.id);
  if (unpairedCents !== 0) draft.hold(subject, explainInspection.refundAdjustmentWithoutRefund(inspection, unpairedCents), key);
  if (doubtfulCents !== 0) draft.hold(subject, explainInspection.refundOrFeeUnclear(inspection, doubtfulCents), key);
}

/** Booking creates the customer for the inspection's client. Two client ids are two customers, whatever their names. */
export function toCustomer({ client }: Inspection, asOf: string): CustomerDocument {
  const { id, firstName, lastName, company, email, phone, address } = client;
  return {
    type: 'customer',
    key: documentKey.customer(id),
    clientId: id,
    displayName: clientName(client),
    ...(firstName !== '' && { givenName: firstName }),
    ...(lastName !== '' && { familyName: lastName }),
    ...(company !== undefined && { companyName: company }),
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
    ...(address && { address }),
    asOf,
  };
}

/** Canceled: an invoice is voided or deleted, by setting; a paid one stays and waits for a person. */
function callOff(
  { inspection, subject, settings, draft, mode, standing, keptCents }: InspectionCase,
  posted: InvoiceDocument | undefined,
): InvoiceDocument | undefined {
  const key = documentKey.invoice(inspection.id);
  if (standing.length > 0) {
    draft.hold(subject, explainInspection.canceledButPaid(inspection, keptCents), key);
    return posted;
  }
  if (mode === 'invoice_and_payment') draft.takeBack({ key, type: 'invoice', how: settings.onCancel });
  return undefined;
}

function invoiceInstant({ inspection, state, settings }: InspectionCase): string | undefined {
  switch (settings.invoiceDate) {
    case 'scheduled':
      return inspection.scheduledAt;
    case 'created':
      return inspection.createdAt;
    case 'published':
      return inspection.publishedAt;
    case 'confirmed':
      return state.confirmedAt;
  }
}

function invoiceOf(record: LedgerRecord | undefined): InvoiceDocument | undefined {
  if (!isPerhapsInBooks(record)) return undefined;
  const document = record.posted ?? record.wanted?.document;
  return document?.type === 'invoice' ? document : undefined;
}
