import { kindNamed } from '../entities/registry.ts';
import { preferenceGroup } from '../entities/references.ts';
import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import type { Fields } from '../wire/json.ts';
import { listOf, refId } from '../wire/json.ts';
import { fromCents } from '../wire/money.ts';
import type { Change, WriteContext } from './write.ts';
import { create } from './write.ts';

/**
 * "Automatically apply credits" (Preferences, recorded 2019): a new invoice is linked to the customer's open payments and
 * credit memos at once, a new credit to the open invoices, after the answer to the create, whose SyncToken is then stale
 * (recorded for a credit memo used up one second after its creation).
 */
export function autoApply({ company, row, operation }: Change, context: WriteContext): void {
  const { AutoApplyCredit, AutoApplyPayments } = preferenceGroup(company, 'SalesFormsPrefs');
  if (operation !== 'Create' || (AutoApplyCredit !== true && AutoApplyPayments !== true)) return;
  const customerId = refId(row.fields['CustomerRef']);
  if (customerId === undefined) return;
  const open = (entity: string): Row[] =>
    [...company.table(entity).values()].filter((one) => refId(one.fields['CustomerRef']) === customerId && openCents(one, company) > 0);
  const moved = { applied: false };
  for (const invoice of row.entity === 'Invoice' ? [row] : open('Invoice')) {
    if (AutoApplyPayments === true)
      for (const payment of row.entity === 'Payment' ? [row] : open('Payment')) applyPayment(payment, { invoice, context, moved });
    if (AutoApplyCredit === true)
      for (const memo of row.entity === 'CreditMemo' ? [row] : open('CreditMemo')) applyMemo(memo, { invoice, customerId, context, moved });
  }
  if (moved.applied) bump(row, context);
}

type Step = { readonly invoice: Row; readonly context: WriteContext; readonly moved: { applied: boolean } };

function applyPayment(payment: Row, { invoice, context, moved }: Step): void {
  const { company, now } = context;
  const cents = Math.min(openCents(payment, company), openCents(invoice, company));
  if (cents <= 0) return;
  const lines = listOf(payment.fields['Line']).filter((line) => listOf(line['LinkedTxn'])[0]?.['TxnId'] !== invoice.id);
  const already = company.links.paymentsOf(invoice.id).get(payment.id) ?? 0;
  const line: Fields = { Amount: fromCents(already + cents), LinkedTxn: [{ TxnId: invoice.id, TxnType: 'Invoice' }] };
  const kind = kindNamed('Payment');
  kind?.unlink?.(payment, company, now);
  payment.fields = { ...payment.fields, Line: [...lines, line] };
  kind?.link?.(payment, company, now);
  bump(payment, context);
  moved.applied = true;
}

/** QuickBooks applies a credit memo by a payment of zero (Intuit payment page). */
function applyMemo(memo: Row, { invoice, customerId, context, moved }: Step & { readonly customerId: string }): void {
  const { company } = context;
  const cents = Math.min(openCents(memo, company), openCents(invoice, company));
  const kind = kindNamed('Payment');
  if (cents <= 0 || !kind) return;
  const Line = [memo, invoice].map(({ id, entity }) => ({ Amount: fromCents(cents), LinkedTxn: [{ TxnId: id, TxnType: entity }] }));
  create(kind, { CustomerRef: { value: customerId }, TotalAmt: 0, Line }, { ...context, changed: () => undefined });
  moved.applied = true;
}

function openCents(row: Row, company: Company): number {
  if (row.entity !== 'Payment') return row.totalCents - company.links.appliedCents(row.id);
  return listOf(row.fields['Line']).reduce((sum, line) => {
    const isCredit = listOf(line['LinkedTxn'])[0]?.['TxnType'] === 'CreditMemo';
    return sum + (isCredit ? 1 : -1) * Math.round(Number(line['Amount']) * 100);
  }, row.totalCents);
}

function bump(row: Row, { company, now }: WriteContext): void {
  row.syncToken += 1;
  company.touch(row, now);
}
