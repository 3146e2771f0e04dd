import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import { businessRule } from '../wire/faults.ts';
import type { Fields } from '../wire/json.ts';
import { refId, textOf } from '../wire/json.ts';
import { fromCents } from '../wire/money.ts';
import { date, flag, dropped } from '../wire/shape.ts';
import { addDays } from '../wire/time.ts';
import type { Draft, EntityKind, Prepared } from './entity.ts';
import { ref } from './entity.ts';
import { receivables } from './money-accounts.ts';
import { preferenceGroup, storedRef } from './references.ts';
import { prepareSalesForm, salesFormKept, salesFormQueryable, salesFormShape, showSalesForm, voidedSalesForm } from './sales-form.ts';

/** Intuit invoice page; field set, subtotal line, DueDate and void are recorded. */
export const invoice: EntityKind = {
  name: 'Invoice',
  sequence: 'Transaction',
  operations: ['create', 'update', 'void', 'delete'],
  isTransaction: true,
  shape: {
    ...salesFormShape,
    SalesTermRef: ref,
    DueDate: date,
    AllowIPNPayment: flag,
    AllowOnlinePayment: flag,
    AllowOnlineCreditCardPayment: flag,
    AllowOnlineACHPayment: flag,
    EInvoiceStatus: dropped,
    Deposit: dropped,
  },
  keptByFullUpdate: salesFormKept,
  queryable: [...salesFormQueryable, 'DueDate', 'SalesTermRef'],
  prepare,
  guard,
  voided: voidedSalesForm,
  postings: (row, company) => [
    [`Account/${receivables(company)}`, row.totalCents],
    [`Customer/${refId(row.fields['CustomerRef'])}`, row.totalCents],
  ],
  toWire,
};

function prepare(draft: Draft): Prepared {
  const { company, before } = draft;
  const form = prepareSalesForm(draft, { customerRequired: true });
  const SalesTermRef = storedRef(draft.fields['SalesTermRef'], { company, entity: 'Term', before: before?.fields['SalesTermRef'] });
  const DueDate = textOf(draft.fields['DueDate']) ?? dueDate(company, { ...form.fields, SalesTermRef });
  return { ...form, fields: { ...form.fields, SalesTermRef, DueDate } };
}

/** Recorded: DueDate follows the term, the customer's or the company's (+30 days) when the invoice names none. */
function dueDate(company: Company, fields: Fields): string {
  const customer = company.row('Customer', refId(fields['CustomerRef']) ?? '');
  const termId =
    refId(fields['SalesTermRef']) ??
    refId(customer?.fields['SalesTermRef']) ??
    refId(preferenceGroup(company, 'SalesFormsPrefs')['DefaultTerms']);
  const days = company.row('Term', termId ?? '')?.fields['DueDays'];
  return addDays(textOf(fields['TxnDate']) ?? '', typeof days === 'number' ? days : 0);
}

/**
 * Intuit invoice page: linked transactions are to be unlinked before a delete. For the void of a paid invoice, another
 * customer, and a total below what is paid QuickBooks documents nothing: the void and the other customer are refused, the
 * lower total leaves the rest of the money unapplied, each by a setting.
 */
function guard(row: Row, next: Prepared | 'void' | 'delete', company: Company): void {
  const paidCents = company.links.appliedCents(row.id);
  if (company.links.paymentsOf(row.id).size === 0) return;
  if (next === 'void') {
    if (company.settings.linkedInvoiceVoid === 'refuse') throw businessRule('Unlink the payments of this invoice before you void it.');
    return;
  }
  if (next === 'delete') throw businessRule('Unlink the payments of this invoice before you delete it.');
  if ((next.totalCents ?? 0) < paidCents && company.settings.invoiceBelowPayments === 'refuse')
    throw businessRule('The invoice total can not be less than the payments applied to it.');
  if (refId(next.fields['CustomerRef']) !== refId(row.fields['CustomerRef']))
    throw businessRule('The customer of an invoice with payments applied to it can not be changed.');
}

function toWire(row: Row, company: Company): Fields {
  const LinkedTxn = [...company.links.paymentsOf(row.id).keys()].map((TxnId) => ({ TxnId, TxnType: 'Payment' }));
  return {
    AllowIPNPayment: false,
    AllowOnlinePayment: false,
    AllowOnlineCreditCardPayment: false,
    AllowOnlineACHPayment: false,
    PrintStatus: 'NeedToPrint',
    EmailStatus: 'NotSet',
    ...showSalesForm(row, company),
    LinkedTxn,
    Balance: fromCents(row.totalCents - company.links.appliedCents(row.id)),
  };
}
