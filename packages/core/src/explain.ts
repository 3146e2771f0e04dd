import { DOC_NUMBER_LENGTH } from './doc-number.ts';
import type { Inspection } from './event.ts';
import type { PaymentState } from './fold.ts';
import { formatDollars } from './money.ts';
import type { Reason } from './reason.ts';

/**
 * Every reason for which a document waits or is left out, in words a bookkeeper knows. A hold's remedy says what releases it
 * by itself, or what a person has to decide.
 */
export const HOLD_CODES = [
  'unconfirmed',
  'no_lines',
  'negative_total',
  'doc_number_too_long',
  'invoice_date_unknown',
  'canceled_but_paid',
  'refund_adjustment_without_refund',
  'refund_or_fee_unclear',
  'client_replaced_after_payment',
  'inspection_unknown',
  'inspection_unconfirmed',
  'ach_in_flight',
  'pay_at_close_not_paid_out',
  'no_invoice',
  'payment_on_canceled',
  'payment_changed_after_deposit',
  'refund_waits_for_payment',
  'refund_of_reversed_payment',
  'disputed',
  'dispute_lost',
  'payout_waits_for_documents',
  'payout_does_not_add_up',
  'payout_not_positive',
] as const;
export const SKIP_CODES = [
  'before_sync_start',
  'zero_total',
  'external_payment',
  'payment_failed',
  'payment_returned',
  'payment_removed',
  'canceled_and_refunded',
  'unapplied_credit',
] as const;
export type HoldCode = (typeof HOLD_CODES)[number];
export type SkipCode = (typeof SKIP_CODES)[number];

/** A reason with one of our own codes. */
export interface Explanation extends Reason {
  code: HoldCode | SkipCode;
}

export const METHODS: Record<PaymentState['payment']['method'], string> = {
  card: 'card',
  ach: 'bank transfer (ACH)',
  pay_at_close: 'pay at close',
  bnpl: 'buy now, pay later',
  cash: 'cash',
  check: 'check',
  other: 'other means',
};

/** `Jane Homeowner`, else the company, else the e-mail address, else the id: whatever a person would recognise first. */
export function clientName({ id, firstName, lastName, company, email }: Inspection['client']): string {
  return [firstName, lastName].join(' ').trim() || company?.trim() || email?.trim() || `Client ${id}`;
}

export function nameInspection({ id, number, client }: Inspection): string {
  return `Inspection ${number ?? id} (${clientName(client)})`;
}

/** For the middle of a sentence. */
export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

export function namePayment({ paymentId, payment }: PaymentState): string {
  return `Payment ${paymentId} of ${formatDollars(payment.amountCents)} by ${METHODS[payment.method]}`;
}

export function docNumberTooLong(what: string, docNumber: string, amountCents: number): Explanation {
  return {
    code: 'doc_number_too_long',
    message: `${what} would be numbered ${docNumber}, which has ${docNumber.length} characters; QuickBooks takes ${DOC_NUMBER_LENGTH}.`,
    remedy: 'Shorten the template of that document number in the settings; it posts in the next evening.',
    amountCents,
  };
}
