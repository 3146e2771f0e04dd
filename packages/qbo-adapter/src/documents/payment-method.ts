import type { Chart } from '../chart.ts';

/** Names under which companies keep a method, most usual first. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  card: ['credit card', 'card', 'visa', 'mastercard'],
  ach: ['ach', 'bank transfer', 'eft', 'e-check', 'echeck'],
  pay_at_close: ['pay at close', 'pay at closing', 'escrow'],
  bnpl: ['buy now pay later', 'financing'],
  cash: ['cash'],
  check: ['check', 'cheque'],
};

/** The company's QuickBooks payment method for a platform method; none when it has no such method. */
export function paymentMethodIdOf({ paymentMethods }: Chart, method: string): string | undefined {
  const name = (NAMES[method] ?? []).find((candidate) => Object.hasOwn(paymentMethods, candidate));
  return name === undefined ? undefined : paymentMethods[name];
}
