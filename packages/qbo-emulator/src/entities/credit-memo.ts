import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import { businessRule } from '../wire/faults.ts';
import { refId } from '../wire/json.ts';
import { fromCents } from '../wire/money.ts';
import { dropped } from '../wire/shape.ts';
import type { EntityKind, Prepared } from './entity.ts';
import { ref } from './entity.ts';
import { receivables } from './money-accounts.ts';
import { storedRef } from './references.ts';
import { prepareSalesForm, salesFormKept, salesFormQueryable, salesFormShape, showSalesForm } from './sales-form.ts';

/** Intuit credit memo page: no void; RemainingCredit and Balance are computed; a payment of zero applies it. */
export const creditMemo: EntityKind = {
  name: 'CreditMemo',
  sequence: 'Transaction',
  operations: ['create', 'update', 'delete'],
  isTransaction: true,
  shape: { ...salesFormShape, RemainingCredit: dropped, SalesTermRef: ref },
  keptByFullUpdate: salesFormKept,
  queryable: salesFormQueryable,
  prepare: (draft) => {
    const { company, before } = draft;
    const form = prepareSalesForm(draft, { customerRequired: true });
    const SalesTermRef = storedRef(draft.fields['SalesTermRef'], { company, entity: 'Term', before: before?.fields['SalesTermRef'] });
    return { ...form, fields: { ...form.fields, SalesTermRef } };
  },
  guard,
  postings: (row, company) => [
    [`Account/${receivables(company)}`, -row.totalCents],
    [`Customer/${refId(row.fields['CustomerRef'])}`, -row.totalCents],
  ],
  toWire: (row, company) => {
    const open = fromCents(row.totalCents - company.links.appliedCents(row.id));
    return {
      RemainingCredit: open,
      PrintStatus: 'NeedToPrint',
      EmailStatus: 'NotSet',
      ...showSalesForm(row, company),
      Balance: open,
    };
  },
};

/** QuickBooks does not document what becomes of a used credit memo that goes or shrinks: refused. */
function guard(row: Row, next: Prepared | 'void' | 'delete', company: Company): void {
  const usedCents = company.links.appliedCents(row.id);
  if (usedCents === 0) return;
  if (next === 'void' || next === 'delete') throw businessRule('Unlink the credit before you delete it.');
  if ((next.totalCents ?? 0) < usedCents) throw businessRule('The credit can not be less than what is used of it.');
}
