import type { Inspection, Refund } from './event.ts';
import { type Explanation, lowerFirst, nameInspection, namePayment } from './explain.ts';
import type { PaymentState } from './fold.ts';
import { formatDollars } from './money.ts';

/** Reasons about a payment and its refunds. */
export const explainPayment = {
  inspectionUnknown: (state: PaymentState): Explanation => ({
    code: 'inspection_unknown',
    message: `${namePayment(state)} belongs to inspection ${state.payment.inspectionId}, which the platform has not told us about.`,
    remedy: 'It posts by itself once the inspection arrives. If it never does, ask the platform to send it again.',
    ...moneyOf(state),
  }),
  external: (state: PaymentState): Explanation => ({
    code: 'external_payment',
    message: `${namePayment(state)} was taken outside the platform and is left out of QuickBooks.`,
    remedy: 'Enter it in QuickBooks by hand, or turn on posting of external payments in the settings.',
    ...moneyOf(state),
  }),
  failed: (state: PaymentState, { wasPosted }: { wasPosted: boolean }): Explanation => ({
    code: 'payment_failed',
    message: wasPosted
      ? `${namePayment(state)} failed after it was posted. It is taken back in QuickBooks, and its invoice is open again.`
      : `${namePayment(state)} failed and never reached QuickBooks.`,
    remedy: 'Nothing to do: a new attempt is a new payment.',
    ...moneyOf(state),
  }),
  returned: (state: PaymentState, { wasPosted }: { wasPosted: boolean }): Explanation => ({
    code: 'payment_returned',
    message: wasPosted
      ? `${namePayment(state)} was returned by the bank. It is taken back in QuickBooks, and its invoice is open again.`
      : `${namePayment(state)} was returned by the bank before it was posted.`,
    remedy: wasPosted ? 'Ask the client to pay again: a new attempt is a new payment.' : 'Nothing to do: a new attempt is a new payment.',
    ...moneyOf(state),
  }),
  removed: (state: PaymentState, { wasPosted }: { wasPosted: boolean }): Explanation => ({
    code: 'payment_removed',
    message: wasPosted
      ? `${namePayment(state)} was removed on the platform. It is taken back in QuickBooks, and its invoice is open again.`
      : `${namePayment(state)} was removed on the platform before it was posted.`,
    remedy: 'Nothing to do.',
    ...moneyOf(state),
  }),
  beforeSyncStart: (state: PaymentState, inspection: Inspection): Explanation => ({
    code: 'before_sync_start',
    message: `${namePayment(state)} is for ${lowerFirst(nameInspection(inspection))}, which lies before the company's synchronization start.`,
    remedy: 'Move the synchronization start in the settings if it should be posted; the start day itself is included.',
    ...moneyOf(state),
  }),
  achInFlight: (state: PaymentState, daysWaited: number, usualDays: number): Explanation => ({
    code: 'ach_in_flight',
    message: `${namePayment(state)} ${daysWaited < 1 ? 'was begun today and is' : `is on its way for ${daysWaited} ${daysWaited === 1 ? 'day' : 'days'} and`} not settled yet. A bank transfer posts once it has settled, so that one that fails never reaches the books.`,
    remedy:
      daysWaited > usualDays
        ? `That is longer than ${usualDays} days: ask the platform what became of it.`
        : 'It posts by itself in the evening after it settles, usually within about 4 business days.',
    ...moneyOf(state),
    daysWaited,
  }),
  payAtCloseNotPaidOut: (state: PaymentState, daysWaited: number): Explanation => ({
    code: 'pay_at_close_not_paid_out',
    message: `${namePayment(state)} has not been paid out by the platform yet.`,
    remedy: 'It posts by itself once a payout contains it, a business day or two after the report is published.',
    ...moneyOf(state),
    daysWaited,
  }),
  inspectionUnconfirmed: (state: PaymentState, inspection: Inspection): Explanation => ({
    code: 'inspection_unconfirmed',
    message: `${namePayment(state)} is for ${lowerFirst(nameInspection(inspection))}, which is not confirmed.`,
    remedy: 'It posts in the evening after the inspection is confirmed on the platform.',
    ...moneyOf(state),
  }),
  onCanceled: (state: PaymentState, inspection: Inspection): Explanation => ({
    code: 'payment_on_canceled',
    message: `${namePayment(state)} is for ${lowerFirst(nameInspection(inspection))}, which is ${inspection.status}.`,
    remedy: 'Refund it or restore the inspection on the platform, and the books follow; or enter the money in QuickBooks by hand.',
    ...moneyOf(state),
  }),
  noInvoice: (state: PaymentState, inspection: Inspection): Explanation => ({
    code: 'no_invoice',
    message: `${namePayment(state)} is for ${lowerFirst(nameInspection(inspection))}, which has no invoice to apply it to.`,
    remedy: 'It posts together with the invoice; what the invoice waits for is said there.',
    ...moneyOf(state),
  }),
  changedAfterDeposit: (state: PaymentState): Explanation => ({
    code: 'payment_changed_after_deposit',
    message: `${namePayment(state)} was changed on the platform after it was deposited; QuickBooks keeps it as it was.`,
    remedy: 'Compare it with the platform and the bank. To change it in QuickBooks, take it off its deposit first.',
    ...moneyOf(state),
  }),
  disputed: (state: PaymentState): Explanation => ({
    code: 'disputed',
    message: `The client disputes ${lowerFirst(namePayment(state))}. It stays posted; the disputed money moves with the payouts.`,
    remedy: 'Answer the dispute on the platform. This ends when it is decided.',
    ...moneyOf(state),
  }),
  disputeLost: (state: PaymentState): Explanation => ({
    code: 'dispute_lost',
    message: `The dispute about ${lowerFirst(namePayment(state))} is lost. The payment stays posted, the money stands in the disputes account.`,
    remedy: 'Book the amount in the disputes account as a bad debt or as reduced income, as the company does.',
    ...moneyOf(state),
  }),
  refundWaitsForPayment: (state: PaymentState, refund: Refund): Explanation => ({
    code: 'refund_waits_for_payment',
    message: `The refund ${refund.id} of ${formatDollars(refund.amountCents)} waits because ${lowerFirst(namePayment(state))} is not posted.`,
    remedy: 'It posts together with its payment; what the payment waits for is said there.',
    amountCents: refund.amountCents,
    since: refund.refundedAt,
  }),
  refundOfReversedPayment: (state: PaymentState, refund: Refund): Explanation => ({
    code: 'refund_of_reversed_payment',
    message: `The refund ${refund.id} of ${formatDollars(refund.amountCents)} is of ${lowerFirst(namePayment(state))}, which has itself been taken back.`,
    remedy: 'Ask the platform which of the two moved money, and enter that one in QuickBooks by hand.',
    amountCents: refund.amountCents,
    since: refund.refundedAt,
  }),
};

function moneyOf({ payment }: PaymentState): { amountCents: number; since: string } {
  return { amountCents: payment.amountCents, since: payment.receivedAt };
}
