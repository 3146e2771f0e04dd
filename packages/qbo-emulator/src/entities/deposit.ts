import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import { businessRule, cannotLink, linesMissing, missing, objectNotFound } from '../wire/faults.ts';
import type { Fields } from '../wire/json.ts';
import { isFields, listOf, refId, textOf } from '../wire/json.ts';
import { fromCents, toCents } from '../wire/money.ts';
import { date, dropped, list, number, object, oneOf, text } from '../wire/shape.ts';
import type { Draft, EntityKind, Posting, Prepared } from './entity.ts';
import { commonShape, globalTaxCalculation, ref } from './entity.ts';
import { moneyAccount, undepositedFunds } from './money-accounts.ts';
import { preferenceGroup, requireActive, shownCurrency, shownRef, storedCurrency, storedRef } from './references.ts';

/** Intuit deposit page: TotalAmt is computed; no void: delete or edit. */
export const deposit: EntityKind = {
  name: 'Deposit',
  sequence: 'Transaction',
  operations: ['create', 'update', 'delete'],
  isTransaction: true,
  shape: {
    ...commonShape,
    TxnDate: date,
    DepartmentRef: ref,
    CurrencyRef: ref,
    ExchangeRate: number,
    PrivateNote: text(4_000),
    TxnStatus: dropped,
    DepositToAccountRef: ref,
    CashBack: object('CashBackInfo', { AccountRef: ref, Amount: number, Memo: text(4_000) }),
    GlobalTaxCalculation: globalTaxCalculation,
    Line: list(
      object('Line', {
        Id: text(20),
        LineNum: number,
        Description: text(4_000),
        Amount: number,
        DetailType: oneOf('DepositLineDetail'),
        LinkedTxn: list(object('LinkedTxn', { TxnId: text(20), TxnType: text(40), TxnLineId: text(20) })),
        DepositLineDetail: object('DepositLineDetail', {
          Entity: ref,
          ClassRef: ref,
          AccountRef: ref,
          PaymentMethodRef: ref,
          CheckNum: text(21),
          TxnType: text(40),
          TaxCodeRef: ref,
          TaxApplicableOn: text(20),
        }),
        ProjectRef: dropped,
        CustomExtensions: dropped,
      }),
    ),
    TxnTaxDetail: dropped,
    TxnSource: dropped,
    LinkedTxn: dropped,
    DocNumber: text(21),
    TotalAmt: dropped,
    HomeTotalAmt: dropped,
    RecurDataRef: ref,
    TransactionLocationType: text(100),
  },
  keptByFullUpdate: ['CurrencyRef'],
  queryable: ['TxnDate', 'TotalAmt', 'DepositToAccountRef', 'CurrencyRef', 'DepartmentRef'],
  prepare,
  link,
  unlink,
  postings,
  toWire,
};

/** What a linked line can name, with the sign it has in a deposit. Transfer and JournalEntry exist in QuickBooks and not here. */
const signs: Readonly<Record<string, number>> = { Payment: 1, SalesReceipt: 1, RefundReceipt: -1 };

/** Account types a direct line may book to (Intuit deposit page). */
const directTypes = ['Income', 'Other Income', 'Expense', 'Other Expense', 'Other Current Asset', 'Equity', 'Cost of Goods Sold'];

function prepare(draft: Draft): Prepared {
  const { company, fields, before, now } = draft;
  const DepositToAccountRef = moneyAccount(draft);
  if (!DepositToAccountRef) throw missing('DepositToAccountRef');
  if (fields['Line'] === undefined) throw missing('Line');
  const sent = listOf(fields['Line']);
  if (sent.length === 0) throw linesMissing();
  const known = new Set(listOf(before?.fields['Line']).map((line) => line['Id']));
  const taken = new Set<string>();
  let nextLineId = before?.nextLineId ?? 1;
  let lineNum = 0;
  const Line = sent.map((line): Fields => {
    if (listOf(line['LinkedTxn']).length > 0) return linkedLine(line, draft, taken);
    lineNum += 1;
    const Id = known.has(line['Id']) ? line['Id'] : String(nextLineId++);
    return { Id, LineNum: lineNum, ...directLine(line, draft) };
  });
  const cashBack =
    isFields(fields['CashBack']) && typeof fields['CashBack']['Amount'] === 'number' ? toCents(fields['CashBack']['Amount']) : 0;
  const totalCents = Line.reduce((sum, line) => sum + centsOf(line), -cashBack);
  if (totalCents < 0) throw businessRule('The total of a deposit can not be negative.');
  const tracked = preferenceGroup(company, 'AccountingInfoPrefs')['TrackDepartments'] === true;
  return {
    fields: {
      ...fields,
      TxnDate: textOf(fields['TxnDate']) ?? company.time.day(now),
      DepositToAccountRef,
      CurrencyRef: storedCurrency(fields['CurrencyRef'], company),
      DepartmentRef: tracked
        ? storedRef(fields['DepartmentRef'], { company, entity: 'Department', before: before?.fields['DepartmentRef'] })
        : undefined,
      Line,
    },
    totalCents,
    nextLineId,
  };
}

/**
 * A transaction moved out of Undeposited Funds, whole, into one deposit only (Intuit deposit page; that the amount has to
 * be the transaction's own, negative for a refund, is inferred). TxnLineId is required.
 */
function linkedLine(line: Fields, { company, before }: Draft, taken: Set<string>): Fields {
  const [linked, second] = listOf(line['LinkedTxn']);
  if (!linked || second) throw cannotLink();
  if (linked['TxnLineId'] === undefined) throw missing('Line.LinkedTxn.TxnLineId');
  const type = textOf(linked['TxnType']) ?? '';
  const sign = signs[type];
  if (sign === undefined) throw cannotLink();
  const txn = company.row(type, textOf(linked['TxnId']) ?? '');
  if (!txn) throw objectNotFound();
  const holder = company.links.depositOf(txn.id);
  const elsewhere = holder !== undefined && holder !== before?.id;
  const undeposited = refId(txn.fields['DepositToAccountRef']) === undepositedFunds(company);
  if (elsewhere || taken.has(txn.id) || !undeposited || txn.totalCents === 0) throw cannotLink();
  taken.add(txn.id);
  if (typeof line['Amount'] !== 'number') throw missing('Line.Amount');
  if (toCents(line['Amount']) !== sign * txn.totalCents)
    throw businessRule('The amount of a deposited transaction is not the amount of that transaction.');
  const detail = isFields(line['DepositLineDetail']) ? line['DepositLineDetail'] : {};
  return {
    Amount: fromCents(sign * txn.totalCents),
    LinkedTxn: [{ TxnId: txn.id, TxnType: type, TxnLineId: linked['TxnLineId'] }],
    DepositLineDetail: { ...detail, AccountRef: undefined },
  };
}

function directLine(line: Fields, { company }: Draft): Fields {
  if (line['DetailType'] === undefined) throw missing('Line.DetailType');
  if (typeof line['Amount'] !== 'number') throw missing('Line.Amount');
  const detail = isFields(line['DepositLineDetail']) ? line['DepositLineDetail'] : {};
  const accountId = refId(detail['AccountRef']);
  if (accountId === undefined) throw missing('DepositLineDetail.AccountRef');
  const { AccountType } = requireActive(company, 'Account', accountId).fields;
  if (!directTypes.includes(textOf(AccountType) ?? '')) throw businessRule('This type of account can not be used on a deposit line.');
  const entity = detail['Entity'];
  return {
    Description: line['Description'],
    Amount: fromCents(toCents(line['Amount'])),
    DetailType: 'DepositLineDetail',
    DepositLineDetail: {
      ...detail,
      AccountRef: { value: accountId },
      Entity: isFields(entity) && refId(entity) !== undefined ? storedEntity(entity, company) : undefined,
      PaymentMethodRef: storedRef(detail['PaymentMethodRef'], { company, entity: 'PaymentMethod' }),
    },
  };
}

/** Who the money of a direct line came from: a customer unless `type` says vendor or employee. */
function storedEntity(entity: Fields, company: Company): Fields {
  const type = textOf(entity['type'])?.toLowerCase();
  const name = type === 'vendor' ? 'Vendor' : type === 'employee' ? 'Employee' : 'Customer';
  return { ...storedRef(entity, { company, entity: name }), type: name.toUpperCase() };
}

function link(row: Row, company: Company, now: number): void {
  for (const { id, entity } of linkedOf(row)) {
    company.links.deposit(id, row.id);
    company.touch(company.row(entity, id), now);
  }
}

function unlink(row: Row, company: Company, now: number): void {
  for (const { id, entity } of linkedOf(row)) {
    company.links.takeOutOfDeposit(id);
    company.touch(company.row(entity, id), now);
  }
}

function linkedOf(row: Row): { id: string; entity: string }[] {
  return listOf(row.fields['Line']).flatMap((line) =>
    listOf(line['LinkedTxn']).map((linked) => ({ id: textOf(linked['TxnId']) ?? '', entity: textOf(linked['TxnType']) ?? '' })),
  );
}

function postings(row: Row, company: Company): Posting[] {
  const posted: Posting[] = [[`Account/${refId(row.fields['DepositToAccountRef'])}`, row.totalCents]];
  for (const line of listOf(row.fields['Line'])) {
    const detail = isFields(line['DepositLineDetail']) ? refId(line['DepositLineDetail']['AccountRef']) : undefined;
    const accountId = 'LinkedTxn' in line ? undepositedFunds(company) : detail;
    if (accountId !== undefined && isBalanceSheet(accountId, company)) posted.push([`Account/${accountId}`, -centsOf(line)]);
  }
  return posted;
}

function isBalanceSheet(accountId: string, company: Company): boolean {
  const classification = company.row('Account', accountId)?.fields['Classification'];
  return classification === 'Asset' || classification === 'Liability' || classification === 'Equity';
}

function centsOf(line: Fields): number {
  return Math.round(Number(line['Amount']) * 100);
}

function toWire(row: Row, company: Company): Fields {
  const { fields } = row;
  return {
    ...fields,
    DepositToAccountRef: shownRef(fields['DepositToAccountRef'], 'Account', company),
    DepartmentRef: shownRef(fields['DepartmentRef'], 'Department', company),
    TotalAmt: fromCents(row.totalCents),
    CurrencyRef: shownCurrency(fields['CurrencyRef'], company),
    Line: listOf(fields['Line']).map((line) => showLine(line, company)),
  };
}

/** Recorded: a linked line has no Id, LineNum or DetailType; its method and check number look copied from the payment (inferred). */
function showLine(line: Fields, company: Company): Fields {
  const detail = isFields(line['DepositLineDetail']) ? line['DepositLineDetail'] : {};
  const [linked] = listOf(line['LinkedTxn']);
  if (!linked) return { ...line, DepositLineDetail: { ...detail, AccountRef: shownRef(detail['AccountRef'], 'Account', company) } };
  const txn = company.row(textOf(linked['TxnType']) ?? '', textOf(linked['TxnId']) ?? '');
  const method = refId(txn?.fields['PaymentMethodRef']);
  return {
    ...line,
    DepositLineDetail: {
      ...detail,
      PaymentMethodRef: method === undefined ? undefined : { value: method },
      CheckNum: textOf(txn?.fields['PaymentRefNum']),
    },
  };
}
