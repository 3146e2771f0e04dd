import { missing } from '../wire/faults.ts';
import { refId, textOf } from '../wire/json.ts';
import { text } from '../wire/shape.ts';
import { depositLink, guardDeposited } from './deposited.ts';
import type { Draft, EntityKind, Prepared } from './entity.ts';
import { ref } from './entity.ts';
import { moneyAccount } from './money-accounts.ts';
import { storedRef } from './references.ts';
import { prepareSalesForm, salesFormKept, salesFormQueryable, salesFormShape, showSalesForm } from './sales-form.ts';

/** Intuit refund receipt page: DepositToAccountRef is required, CustomerRef is not; PaymentRefNum 100; no void. */
export const refundReceipt: EntityKind = {
  name: 'RefundReceipt',
  sequence: 'Transaction',
  operations: ['create', 'update', 'delete'],
  isTransaction: true,
  shape: { ...salesFormShape, PaymentMethodRef: ref, PaymentRefNum: text(100), DepositToAccountRef: ref },
  keptByFullUpdate: [...salesFormKept, 'DepositToAccountRef'],
  queryable: [...salesFormQueryable, 'PaymentRefNum', 'PaymentMethodRef', 'DepositToAccountRef'],
  prepare,
  guard: guardDeposited,
  postings: (row) => [[`Account/${refId(row.fields['DepositToAccountRef'])}`, -row.totalCents]],
  toWire: (row, company) => ({ PrintStatus: 'NotSet', LinkedTxn: depositLink(row, company), ...showSalesForm(row, company), Balance: 0 }),
};

/** PaymentRefNum is required with PrintComplete and becomes "To Print" with NeedToPrint (Intuit refund receipt page). */
function prepare(draft: Draft): Prepared {
  const { company, before } = draft;
  const DepositToAccountRef = moneyAccount(draft);
  if (!DepositToAccountRef) throw missing('DepositToAccountRef');
  const form = prepareSalesForm(draft, { customerRequired: false });
  const PaymentMethodRef = storedRef(draft.fields['PaymentMethodRef'], {
    company,
    entity: 'PaymentMethod',
    before: before?.fields['PaymentMethodRef'],
  });
  const status = draft.fields['PrintStatus'];
  if (status === 'PrintComplete' && !textOf(draft.fields['PaymentRefNum'])) throw missing('PaymentRefNum');
  const PaymentRefNum = status === 'NeedToPrint' ? 'To Print' : draft.fields['PaymentRefNum'];
  return { ...form, fields: { ...form.fields, DepositToAccountRef, PaymentMethodRef, PaymentRefNum } };
}
