import type { Inspection } from './event.ts';
import { type Explanation, nameInspection } from './explain.ts';
import { formatDollars } from './money.ts';

/** Reasons about an inspection, its customer and its invoice. */
export const explainInspection = {
  unconfirmed: (inspection: Inspection, amountCents: number, posted: { isPosted: boolean }): Explanation => ({
    code: 'unconfirmed',
    message: `${nameInspection(inspection)} is not confirmed, and nothing is posted before it is.${stays(posted)}`,
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
  noLines: (inspection: Inspection, posted: { isPosted: boolean }): Explanation => ({
    code: 'no_lines',
    message: `${nameInspection(inspection)} has no services or fees, so there is nothing to invoice.${stays(posted)}`,
    remedy: 'Its invoice is made in the evening after services are added on the platform.',
    amountCents: 0,
  }),
  zeroTotal: (inspection: Inspection): Explanation => ({
    code: 'zero_total',
    message: `${nameInspection(inspection)} comes to $0.00: there is nothing to post.`,
    remedy: 'Nothing to do. It posts by itself if its price changes.',
    amountCents: 0,
  }),
  negativeTotal: (inspection: Inspection, amountCents: number, posted: { isPosted: boolean }): Explanation => ({
    code: 'negative_total',
    message: `${nameInspection(inspection)} comes to ${formatDollars(amountCents)}, and QuickBooks takes no invoice below zero.${stays(posted)}`,
    remedy: 'Correct the discounts or adjustments on the platform, or enter a credit memo in QuickBooks by hand.',
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
    message: `${nameInspection(inspection)} is ${inspection.status} and wholly refunded: what came and what went back both stand in the books and cancel each other out.`,
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
  refundOrFeeUnclear: (inspection: Inspection, amountCents: number): Explanation => ({
    code: 'refund_or_fee_unclear',
    message: `${nameInspection(inspection)} has a negative fee of ${formatDollars(amountCents)}, as much as a refund of it. If the line only repeats the refund, income is reduced twice.`,
    remedy:
      'If it does, remove the line on the platform or make it a refund adjustment there. If it is a discount of its own, nothing is wrong.',
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
    remedy:
      'Apply the credit to another invoice in QuickBooks, or give it back. A refund on the platform is booked against income: if one gave this back, change it to a payment out of accounts receivable.',
    amountCents,
  }),
};

function stays({ isPosted }: { isPosted: boolean }): string {
  return isPosted ? ' What is posted stays as it is.' : '';
}
