import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import { businessRule, cannotLink, missing, negativeAmount, objectNotFound } from '../wire/faults.ts';
import type { Fields, Json } from '../wire/json.ts';
import { listOf, refId, textOf } from '../wire/json.ts';
import { fromCents, toCents } from '../wire/money.ts';
import { date, dropped, flag, list, number, object, text } from '../wire/shape.ts';
import { depositLink, guardDeposited } from './deposited.ts';
import type { Draft, EntityKind, Prepared } from './entity.ts';
import { commonShape, ref } from './entity.ts';
import { moneyAccount, receivables, undepositedFunds } from './money-accounts.ts';
import { isMultiCurrency, shownCurrency, shownRef, storedCurrency, storedRef } from './references.ts';
import { voidedNote } from './sales-form.ts';

const linkedTxn = object('LinkedTxn', { TxnId: text(20), TxnType: text(40), TxnLineId: text(20) });

/** Intuit payment page. */
export const payment: EntityKind = {
  name: 'Payment',
  sequence: 'Transaction',
  operations: ['create', 'update', 'void', 'delete'],
  isTransaction: true,
  shape: {
    ...commonShape,
    TxnDate: date,
    CurrencyRef: ref,
    ExchangeRate: number,
    PrivateNote: text(4_000),
    TxnStatus: dropped,
    LinkedTxn: dropped,
    Line: list(
      object('Line', {
        Id: text(20),
        LineNum: number,
        Description: text(4_000),
        Amount: number,
        LinkedTxn: list(linkedTxn),
        DetailType: dropped,
        LineEx: dropped,
      }),
    ),
    TxnTaxDetail: dropped,
    TxnSource: dropped,
    CustomerRef: ref,
    RemitToRef: dropped,
    ARAccountRef: ref,
    DepositToAccountRef: ref,
    PaymentMethodRef: ref,
    PaymentRefNum: text(21),
    CreditCardPayment: dropped,
    CheckPayment: dropped,
    PaymentType: dropped,
    TotalAmt: number,
    UnappliedAmt: dropped,
    ProcessPayment: flag,
    DocNumber: dropped,
    DepartmentRef: dropped,
    ClassRef: dropped,
    TaxExemptionRef: ref,
    TransactionLocationType: text(100),
  },
  keptByFullUpdate: ['CurrencyRef', 'DepositToAccountRef'],
  queryable: ['TxnDate', 'TotalAmt', 'CustomerRef', 'PaymentRefNum', 'PaymentMethodRef', 'DepositToAccountRef', 'CurrencyRef'],
  prepare,
  guard: guardDeposited,
  link,
  unlink,
  voided: (row) => ({ fields: { ...row.fields, TotalAmt: 0, Line: [], PrivateNote: voidedNote(row) }, totalCents: 0 }),
  postings: (row, company) => [
    [`Account/${refId(row.fields['DepositToAccountRef'])}`, row.totalCents],
    [`Account/${receivables(company)}`, -row.totalCents],
    [`Customer/${refId(row.fields['CustomerRef'])}`, -row.totalCents],
  ],
  toWire,
};

function prepare(draft: Draft): Prepared {
  const { company, fields, before } = draft;
  const CustomerRef = storedRef(fields['CustomerRef'], { company, entity: 'Customer', before: before?.fields['CustomerRef'] });
  if (!CustomerRef) throw missing('CustomerRef');
  const total = fields['TotalAmt'];
  if (typeof total !== 'number') throw missing('TotalAmt');
  if (total < 0) throw negativeAmount('TotalAmt');
  if (isMultiCurrency(company) && !before && fields['CurrencyRef'] === undefined) throw missing('CurrencyRef');
  const totalCents = toCents(total);
  const DepositToAccountRef = moneyAccount(draft) ?? { value: undepositedFunds(company) };
  const Line = readLines(draft, CustomerRef.value);
  if (unappliedCents({ totalCents, lines: Line }) < 0)
    throw businessRule('The payments you entered add up to more than the total of this transaction.');
  return {
    fields: {
      ...fields,
      TxnDate: textOf(fields['TxnDate']) ?? company.time.day(draft.now),
      CustomerRef,
      DepositToAccountRef,
      PaymentMethodRef: storedRef(fields['PaymentMethodRef'], {
        company,
        entity: 'PaymentMethod',
        before: before?.fields['PaymentMethodRef'],
      }),
      CurrencyRef: storedCurrency(fields['CurrencyRef'], company),
      Line,
    },
    totalCents,
  };
}

/** UnappliedAmt = TotalAmt + credit lines - invoice lines (inferred from Intuit's samples; 10 of 65 with 55 applied is documented). */
function unappliedCents({ totalCents, lines }: { totalCents: number; lines: readonly Fields[] }): number {
  return lines.reduce((sum, line) => sum + (typeOf(line) === 'CreditMemo' ? 1 : -1) * centsOf(line), totalCents);
}

/** Lines are replaced as a whole, in full and in sparse updates; an empty list removes them all (Intuit payment page). */
function readLines({ company, fields, before }: Draft, customerId: string): Fields[] {
  const claimed = new Map<string, number>();
  const lines: Fields[] = [];
  for (const line of listOf(fields['Line'])) {
    if (typeof line['Amount'] !== 'number') throw missing('Line.Amount');
    const linked = listOf(line['LinkedTxn']);
    const [first] = linked;
    if (!first || linked.length > 1) throw missing('Line.LinkedTxn');
    const target = requireTarget(first, { company, customerId });
    if (line['Amount'] < 0) throw negativeAmount('Line.Amount');
    const own = before ? (company.links.paymentsOf(target.id).get(before.id) ?? 0) : 0;
    const open = target.totalCents - company.links.appliedCents(target.id) + own - (claimed.get(target.id) ?? 0);
    const cents = withinOpen(toCents(line['Amount']), open, company);
    claimed.set(target.id, (claimed.get(target.id) ?? 0) + cents);
    lines.push({ Amount: fromCents(cents), LinkedTxn: [{ TxnId: target.id, TxnType: target.entity }] });
  }
  return lines;
}

/**
 * TxnId is the Id; a wrong one gives 610; the payment's customer must be the target's (Intuit staff; code inferred).
 * JournalEntry, Expense, Check and CreditCardCredit exist in QuickBooks and not here.
 */
function requireTarget(linked: Fields, { company, customerId }: { company: Company; customerId: string }): Row {
  const type = textOf(linked['TxnType']);
  if (type === undefined) throw missing('Line.LinkedTxn.TxnType');
  if (type !== 'Invoice' && type !== 'CreditMemo') throw cannotLink();
  const target = company.row(type, textOf(linked['TxnId']) ?? '');
  if (!target) throw objectNotFound();
  if (refId(target.fields['CustomerRef']) !== customerId) throw cannotLink();
  return target;
}

/** QuickBooks' behaviour above the open balance is not documented: refused with 6000, or cut, by the company's setting. */
function withinOpen(cents: number, open: number, company: Company): number {
  if (cents <= open) return cents;
  if (company.settings.overpaidPaymentLine === 'clamp') return open;
  throw businessRule('The amount applied is more than the open balance of the transaction it is applied to.');
}

function link(row: Row, company: Company, now: number): void {
  for (const line of listOf(row.fields['Line'])) {
    const txnId = targetOf(line);
    company.links.apply({ txnId, paymentId: row.id, cents: centsOf(line) });
    touchTarget(txnId, { company, now });
  }
}

function unlink(row: Row, company: Company, now: number): void {
  for (const line of listOf(row.fields['Line'])) {
    const txnId = targetOf(line);
    company.links.unapply(txnId, row.id);
    touchTarget(txnId, { company, now });
  }
}

/** A balance moved: the target's LastUpdatedTime moves, and what its other payments show of it (`txnOpenBalance`). */
function touchTarget(txnId: string, { company, now }: { company: Company; now: number }): void {
  company.touch(company.row('Invoice', txnId) ?? company.row('CreditMemo', txnId), now);
  for (const paymentId of company.links.paymentsOf(txnId).keys()) {
    const other = company.row('Payment', paymentId);
    if (other) other.shown = undefined;
  }
}

function targetOf(line: Fields): string {
  return textOf(listOf(line['LinkedTxn'])[0]?.['TxnId']) ?? '';
}

function typeOf(line: Fields): string | undefined {
  return textOf(listOf(line['LinkedTxn'])[0]?.['TxnType']);
}

function centsOf(line: Fields): number {
  return Math.round(Number(line['Amount']) * 100);
}

/** Shape recorded: DepositToAccountRef has no name here, and `LinkedTxn` exists only when the payment is deposited. */
function toWire(row: Row, company: Company): Fields {
  const { fields } = row;
  const lines = listOf(fields['Line']);
  const methodId = refId(fields['PaymentMethodRef']);
  return {
    ProcessPayment: false,
    ...fields,
    CustomerRef: shownRef(fields['CustomerRef'], 'Customer', company),
    PaymentMethodRef: methodId === undefined ? undefined : { value: methodId },
    TotalAmt: fromCents(row.totalCents),
    UnappliedAmt: fromCents(unappliedCents({ totalCents: row.totalCents, lines })),
    CurrencyRef: shownCurrency(fields['CurrencyRef'], company),
    LinkedTxn: depositLink(row, company),
    Line: lines.map((line) => ({ ...line, LineEx: lineEx(line, company) })),
  };
}

/** Recorded: LineEx really has this Java look; txnOpenBalance is the target's present Balance + this line's Amount. */
function lineEx(line: Fields, company: Company): Fields {
  const id = targetOf(line);
  const target = company.row(typeOf(line) ?? '', id);
  const open = (target ? target.totalCents - company.links.appliedCents(id) : 0) + centsOf(line);
  return {
    any: [
      nameValue('txnId', id),
      nameValue('txnOpenBalance', fromCents(open).toFixed(2)),
      nameValue('txnReferenceNumber', textOf(target?.fields['DocNumber']) ?? ''),
    ],
  };
}

function nameValue(Name: string, Value: string): Json {
  return {
    name: '{http://schema.intuit.com/finance/v3}NameValue',
    declaredType: 'com.intuit.schema.finance.v3.NameValue',
    scope: 'javax.xml.bind.JAXBElement$GlobalScope',
    value: { Name, Value },
    nil: false,
    globalScope: true,
    typeSubstituted: false,
  };
}
