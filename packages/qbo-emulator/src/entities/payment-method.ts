import { oneOf } from '../wire/shape.ts';
import { nameList } from './name-list.ts';

/** Intuit payment method page: Name 31; Type CREDIT_CARD or NON_CREDIT_CARD. */
export const paymentMethod = nameList('PaymentMethod', {
  maxLength: 31,
  shape: { Type: oneOf('CREDIT_CARD', 'NON_CREDIT_CARD') },
  queryable: ['Type'],
  check: (fields) => ({ Type: fields['Type'] ?? 'NON_CREDIT_CARD' }),
});
