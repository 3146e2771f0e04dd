import type { Payment } from './event.ts';
import type { PaymentState } from './fold.ts';
import type { CompanySettings } from './settings.ts';

/**
 * The instant a payment's money counts from: card, cash and the like when received; ACH only once settled; pay at close
 * when a payout contains it. Undefined while it has not come.
 */
export function arrivalOf({ payment, payouts }: PaymentState): string | undefined {
  switch (payment.method) {
    case 'ach':
      return payment.settledAt;
    case 'pay_at_close':
      return payouts.find(({ items }) => items.some(({ kind }) => kind === 'payment'))?.arrivedAt;
    case 'card':
    case 'bnpl':
    case 'cash':
    case 'check':
    case 'other':
      return payment.receivedAt;
  }
}

export function hasArrived(state: PaymentState): boolean {
  return arrivalOf(state) !== undefined;
}

/** Only the platform's own payments post, unless the company turned the others on. */
export function isToPost({ processor }: Payment, { postExternalPayments }: CompanySettings): boolean {
  return processor === 'platform' || postExternalPayments;
}
