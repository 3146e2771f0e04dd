import { refId } from '../wire/json.ts';
import { text } from '../wire/shape.ts';
import { depositLink, guardDeposited } from './deposited.ts';
import type { Draft, EntityKind, Prepared } from './entity.ts';
import { ref } from './entity.ts';
import { moneyAccount, undepositedFunds } from './money-accounts.ts';
import { storedRef } from './references.ts';
import { prepareSalesForm, salesFormKept, salesFormQueryable, salesFormShape, showSalesForm, voidedSalesForm } from './sales-form.ts';

/** Intuit sales receipt page; a create without CustomerRef went through (recorded). PaymentRefNum 21. */
export const salesReceipt: EntityKind = {
  name: 'SalesReceipt',
  sequence: 'Transaction',
  operations: ['create', 'update', 'void', 'delete'],
  isTransaction: true,
  shape: { ...salesFormShape, PaymentMethodRef: ref, PaymentRefNum: text(21), DepositToAccountRef: ref },
  keptByFullUpdate: [...salesFormKept, 'DepositToAccountRef'],
  queryable: [...salesFormQueryable, 'PaymentRefNum', 'PaymentMethodRef', 'DepositToAccountRef'],
  prepare,
  guard: guardDeposited,
  voided: voidedSalesForm,
  postings: (row) => [[`Account/${refId(row.fields['DepositToAccountRef'])}`, row.totalCents]],
  toWire: (row, company) => ({
    PrintStatus: 'NeedToPrint',
    EmailStatus: 'NotSet',
    LinkedTxn: depositLink(row, company),
    ...showSalesForm(row, company),
    Balance: 0,
  }),
};

/** DepositToAccountRef defaults to Undeposited Funds (Intuit sales receipt page). */
function prepare(draft: Draft): Prepared {
  const { company, before } = draft;
  const form = prepareSalesForm(draft, { customerRequired: false });
  const DepositToAccountRef = moneyAccount(draft) ?? { value: undepositedFunds(company) };
  const PaymentMethodRef = storedRef(draft.fields['PaymentMethodRef'], {
    company,
    entity: 'PaymentMethod',
    before: before?.fields['PaymentMethodRef'],
  });
  return { ...form, fields: { ...form.fields, DepositToAccountRef, PaymentMethodRef } };
}
