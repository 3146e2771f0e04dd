import type { Inspection } from './event.ts';
import { type Explanation, nameInspection } from './explain.ts';
import { formatDollars } from './money.ts';
import { DOC_NUMBER_LENGTH } from './doc-number.ts';

/** Reasons about an inspection, its customer and its invoice. */
export const explainInspection = {
  unconfirmed: (inspection: Inspection, amountCents: number): Explanation => ({
    code: 'unconfirmed',
    message: `${nameInspection(inspection)} is not confirmed, so nothing is posted for it yet.`,
    remedy: 'It posts in the evening after it is confirmed on the platform.',
    amountCents,
    since: inspection.createdAt,
  }),
  beforeSyncStart: (inspection: Inspection, amountCents: number): Explanation => ({
    code: 'before_sync_start',
    message: `${nameInspection(inspection)} lies before the company's synchronization start and is left out of QuickBooks.`,
    remedy: 'Move the synchronization start in the settings if it should be posted; the start day itself is included.',
    amountCents,
  }),
  noLines: (inspection: Inspection): Explanation => ({
    code: 'no_lines',
    message: `${nameInspection(inspection)} has no services or fees yet, so there is nothing to invoice.`,
    remedy: 'Its invoice is made in the evening after services are added on the platform.',
    amountCents: 0,
  }),
  zeroTotal: (inspection: Inspection): Explanation => ({
    code: 'zero_total',
    message: `${nameInspection(inspection)} comes to $0.00: there is nothing to post.`,
    remedy: 'Nothing to do. It posts by itself if its price changes.',
    amountCents: 0,
  }),
  negativeTotal: (inspection: Inspection, amountCents: number): Explanation => ({
    code: 'negative_total',
    message: `${nameInspection(inspection)} comes to ${formatDollars(amountCents)}, and QuickBooks takes no invoice below zero.`,
    remedy: 'Correct the discounts or adjustments on the platform, or enter a credit memo in QuickBooks by hand.',
    amountCents,
  }),
  docNumberTooLong: (what: string, docNumber: string, amountCents: number): Explanation => ({
    code: 'doc_number_too_long',
    message: `${what} would be numbered ${docNumber}, which has ${docNumber.length} characters; QuickBooks takes ${DOC_NUMBER_LENGTH}.`,
    remedy: 'Shorten the template of that document number in the settings; it posts in the next evening.',
    amountCents,
  }),
  invoiceDateUnknown: (inspection: Inspection, dated: string, amountCents: number): Explanation => ({
    code: 'invoice_date_unknown',
    message: `${nameInspection(inspection)} is invoiced by the day it is ${dated}, and that day is not known yet.`,
    remedy: `Its invoice is made in the evening after it is ${dated}, or choose another invoice date in the settings.`,
    amountCents,
  }),
  canceledButPaid: (inspection: Inspection, amountCents: number): Explanation => ({
    code: 'canceled_but_paid',
    message: `${nameInspection(inspection)} is ${inspection.status}, but ${formatDollars(amountCents)} of the client's money is kept. What is posted stays as it is.`,
    remedy:
      'Refund the client on the platform, or restore the inspection, and the books follow. If the money is kept as a fee, nothing needs to change in QuickBooks.',
    amountCents,
  }),
  canceledAndRefunded: (inspection: Inspection): Explanation => ({
    code: 'canceled_and_refunded',
    message: `${nameInspection(inspection)} is ${inspection.status} and wholly refunded: invoice, payment and refund stand in the books and cancel each other out.`,
    remedy: 'Nothing to do.',
    amountCents: 0,
  }),
  refundAdjustmentWithoutRefund: (inspection: Inspection, amountCents: number): Explanation => ({
    code: 'refund_adjustment_without_refund',
    message: `${nameInspection(inspection)} has a refund line of ${formatDollars(amountCents)}, but no refund of that amount is known. The line is on the invoice for now.`,
    remedy:
      'When the refund arrives, the line comes off the invoice and the refund is booked once. If no money went back, make it a discount on the platform.',
    amountCents,
  }),
  clientReplacedAfterPayment: (inspection: Inspection, amountCents: number): Explanation => ({
    code: 'client_replaced_after_payment',
    message: `${nameInspection(inspection)} has a new client, but money is already posted in the name of the former one. Invoice and payments stay with the former client.`,
    remedy: 'If they belong to the new client, move invoice and payments together in QuickBooks by hand: it lets neither go alone.',
    amountCents,
  }),
  unappliedCredit: (inspection: Inspection, amountCents: number): Explanation => ({
    code: 'unapplied_credit',
    message: `${nameInspection(inspection)} is paid ${formatDollars(amountCents)} beyond its invoice. The payments are posted in full; the rest stays the client's credit.`,
    remedy: 'Nothing to do in Vesper. Apply the credit to another invoice in QuickBooks, or give it back.',
    amountCents,
  }),
};
