import { account } from './account.ts';
import { classKind } from './class.ts';
import { companyInfo } from './company-info.ts';
import { creditMemo } from './credit-memo.ts';
import { customer } from './customer.ts';
import { department } from './department.ts';
import { deposit } from './deposit.ts';
import { employee } from './employee.ts';
import type { EntityKind } from './entity.ts';
import { invoice } from './invoice.ts';
import { item } from './item.ts';
import { paymentMethod } from './payment-method.ts';
import { payment } from './payment.ts';
import { preferences } from './preferences.ts';
import { refundReceipt } from './refund-receipt.ts';
import { salesReceipt } from './sales-receipt.ts';
import { taxCode } from './tax-code.ts';
import { taxRate } from './tax-rate.ts';
import { term } from './term.ts';
import { vendor } from './vendor.ts';

/** Every entity the emulator knows: one file, and one line here. */
export const kinds: readonly EntityKind[] = [
  account,
  classKind,
  companyInfo,
  creditMemo,
  customer,
  department,
  deposit,
  employee,
  invoice,
  item,
  payment,
  paymentMethod,
  preferences,
  refundReceipt,
  salesReceipt,
  taxCode,
  taxRate,
  term,
  vendor,
];

const byName = new Map(kinds.map((kind) => [kind.name, kind]));
const byLowerName = new Map(kinds.map((kind) => [kind.name.toLowerCase(), kind]));

/** By the name as QuickBooks spells it. */
export function kindNamed(name: string): EntityKind | undefined {
  return byName.get(name);
}

/** In any case: paths are lower case, queries and cdc take both (recorded for cdc). */
export function kindInAnyCase(name: string): EntityKind | undefined {
  return byLowerName.get(name.toLowerCase());
}
