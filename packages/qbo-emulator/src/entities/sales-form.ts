import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import { businessRule, duplicateDocNumber, missing } from '../wire/faults.ts';
import type { Fields, Json } from '../wire/json.ts';
import { isFields, listOf, textOf } from '../wire/json.ts';
import { fromCents } from '../wire/money.ts';
import type { Shape } from '../wire/shape.ts';
import { date, dropped, flag, list, number, object, oneOf, text } from '../wire/shape.ts';
import { newAddress } from './addresses.ts';
import type { Draft, Prepared } from './entity.ts';
import { addressShape, commonShape, emailShape, globalTaxCalculation, ref } from './entity.ts';
import { isMultiCurrency, preferenceGroup, shownCurrency, shownRef, storedCurrency, storedRef } from './references.ts';
import { isShown, readLines, salesLine } from './sales-lines.ts';
import { tax } from './sales-tax.ts';

/** Properties that all sales forms know (Intuit invoice page and XSD, SalesTransaction). */
export const salesFormShape: Shape = {
  ...commonShape,
  DocNumber: text(21),
  TxnDate: date,
  DepartmentRef: ref,
  CurrencyRef: ref,
  ExchangeRate: number,
  PrivateNote: text(4_000),
  TxnStatus: dropped,
  LinkedTxn: dropped,
  Line: list(salesLine),
  TxnTaxDetail: object('TxnTaxDetail', {
    DefaultTaxCodeRef: ref,
    TxnTaxCodeRef: ref,
    TotalTax: number,
    TaxReviewStatus: dropped,
    TaxLine: dropped,
  }),
  TxnSource: dropped,
  CustomerRef: ref,
  CustomerMemo: object('MemoRef', { value: text(1_000), id: dropped }),
  BillAddr: addressShape,
  ShipAddr: addressShape,
  ShipFromAddr: addressShape,
  RemitToRef: dropped,
  ClassRef: ref,
  SalesTermRef: dropped,
  DueDate: dropped,
  SalesRepRef: dropped,
  PONumber: text(15),
  FOB: text(30),
  ShipMethodRef: ref,
  ShipDate: date,
  TrackingNum: text(31),
  GlobalTaxCalculation: globalTaxCalculation,
  TotalAmt: dropped,
  HomeTotalAmt: dropped,
  ApplyTaxAfterDiscount: flag,
  TemplateRef: dropped,
  PrintStatus: oneOf('NotSet', 'NeedToPrint', 'PrintComplete'),
  EmailStatus: oneOf('NotSet', 'NeedToSend', 'EmailSent'),
  BillEmail: emailShape,
  BillEmailCc: emailShape,
  BillEmailBcc: emailShape,
  ARAccountRef: dropped,
  Balance: dropped,
  HomeBalance: dropped,
  FinanceCharge: dropped,
  PaymentMethodRef: dropped,
  PaymentRefNum: dropped,
  PaymentType: dropped,
  CheckPayment: dropped,
  CreditCardPayment: dropped,
  DepositToAccountRef: dropped,
  DeliveryInfo: dropped,
  DiscountRate: dropped,
  DiscountAmt: dropped,
  FreeFormAddress: dropped,
  TaxExemptionRef: ref,
  RecurDataRef: ref,
  TransactionLocationType: text(100),
  InvoiceLink: dropped,
  ProjectRef: dropped,
  SelfAssessedTax: dropped,
  WithholdingTax: dropped,
};

/** Recorded: a full update that leaves DocNumber out keeps it. */
export const salesFormKept = ['DocNumber', 'CurrencyRef', 'PrintStatus', 'EmailStatus'] as const;

export const salesFormQueryable = [
  'DocNumber',
  'TxnDate',
  'TotalAmt',
  'Balance',
  'CustomerRef',
  'DepartmentRef',
  'CurrencyRef',
  'PrintStatus',
  'EmailStatus',
] as const;

/** The names that 6140 gives to the types; localised in the answer (recorded "Facture"). */
const typeNames: Readonly<Record<string, string>> = {
  SalesReceipt: 'Sales Receipt',
  RefundReceipt: 'Refund Receipt',
  CreditMemo: 'Credit Memo',
};

/** What the four sales forms have in common: customer, number, date, lines, tax, total, addresses. */
export function prepareSalesForm(draft: Draft, { customerRequired }: { customerRequired: boolean }): Required<Prepared> {
  const { company, before } = draft;
  const customerRef = storedRef(draft.fields['CustomerRef'], { company, entity: 'Customer', before: before?.fields['CustomerRef'] });
  if (customerRequired && !customerRef) throw missing('CustomerRef');
  if (isMultiCurrency(company) && !before && draft.fields['CurrencyRef'] === undefined) throw missing('CurrencyRef');
  const TxnDate = textOf(draft.fields['TxnDate']) ?? company.time.day(draft.now);
  const dated = { ...draft, fields: { ...draft.fields, TxnDate } };
  const read = readLines(dated);
  const taxed = tax(dated, read);
  const salesCents = read.lines.reduce((sum, line) => sum + lineCents(line), 0);
  const totalCents = salesCents + (taxed.included ? 0 : taxed.taxCents);
  if (totalCents < 0) throw businessRule('The transaction amount can not be negative.');
  const fields: Fields = {
    ...dated.fields,
    ...tracking(dated),
    CustomField: customFields(dated),
    DocNumber: docNumber(dated),
    CurrencyRef: storedCurrency(draft.fields['CurrencyRef'], company),
    Line: taxed.lines,
    TxnTaxDetail: taxed.detail,
    GlobalTaxCalculation: taxed.calculation,
    CustomerRef: customerRef,
    ...addresses(dated, customerRef?.value),
  };
  return { fields, totalCents, taxCents: taxed.taxCents, nextLineId: read.nextLineId };
}

function lineCents(line: Fields): number {
  const amount = line['Amount'];
  if (typeof amount !== 'number') return 0;
  return (line['DetailType'] === 'DiscountLineDetail' ? -1 : 1) * Math.round(amount * 100);
}

/** Class and department apply only where they are tracked; elsewhere they are dropped (Intuit class and department pages). */
function tracking({ company, fields, before }: Draft): Fields {
  const prefs = preferenceGroup(company, 'AccountingInfoPrefs');
  const kept = (field: string, entity: string, tracked: boolean): Fields | undefined =>
    tracked ? storedRef(fields[field], { company, entity, before: before?.fields[field] }) : undefined;
  return {
    ClassRef: kept('ClassRef', 'Class', prefs['ClassTrackingPerTxn'] === true),
    DepartmentRef: kept('DepartmentRef', 'Department', prefs['TrackDepartments'] === true),
  };
}

/** Intuit "custom fields": ignored without a DefinitionId; at most three of them by REST. */
function customFields({ fields }: Draft): Json | undefined {
  const sent = listOf(fields['CustomField']).filter((field) => ['1', '2', '3'].includes(textOf(field['DefinitionId']) ?? ''));
  return sent.length > 0 ? sent.map((field) => ({ Type: 'StringType', ...field })) : undefined;
}

/**
 * Intuit preferences page, CustomTxnNumbers: on, a given number is used and a missing one stays empty; off, QuickBooks
 * numbers (last + 1), and a given number is kept all the same (recorded, the setting unknown).
 */
function docNumber({ company, fields, before, sent, allowDuplicateDocNumber }: Draft): string | undefined {
  const custom = preferenceGroup(company, 'SalesFormsPrefs')['CustomTxnNumbers'] === true;
  const given = textOf(fields['DocNumber']);
  if (given === undefined || given === '') return custom || before ? undefined : String(company.nextDocNumber);
  const checked = custom && company.settings.warnDuplicateDocNumber && !allowDuplicateDocNumber && sent['DocNumber'] !== undefined;
  if (!checked || given === before?.fields['DocNumber']) return given;
  for (const holder of company.withDocNumber(given)) {
    if (holder !== before && holder.fields['DocNumber'] === given)
      throw duplicateDocNumber({ docNumber: given, type: typeNames[holder.entity] ?? holder.entity, id: holder.id });
  }
  return given;
}

/** Recorded: an omitted address is copied from the customer, with the customer's address Id. */
function addresses({ company, fields, before }: Draft, customerId: string | undefined): Fields {
  const customer = customerId === undefined ? undefined : company.row('Customer', customerId);
  const bill = customer?.fields['BillAddr'];
  const ship = customer?.fields['ShipAddr'] ?? bill;
  return {
    BillAddr: newAddress(fields['BillAddr'], { company, before: before?.fields['BillAddr'] }) ?? bill,
    ShipAddr: newAddress(fields['ShipAddr'], { company, before: before?.fields['ShipAddr'] }) ?? ship,
  };
}

/** Recorded: amounts, and Qty where there is one, become zero, "Voided" is put before the note; number and dates stay. */
export function voidedSalesForm(row: Row): Prepared {
  const Line = listOf(row.fields['Line']).map((line) => {
    const detail = line['SalesItemLineDetail'];
    const emptied = isFields(detail) && detail['Qty'] !== undefined ? { ...detail, Qty: 0 } : detail;
    return 'Amount' in line ? { ...line, Amount: 0, ...(emptied ? { SalesItemLineDetail: emptied } : {}) } : line;
  });
  return { fields: { ...row.fields, Line, TxnTaxDetail: { TotalTax: 0 }, PrivateNote: voidedNote(row) }, totalCents: 0, taxCents: 0 };
}

export function voidedNote(row: Row): string {
  const note = textOf(row.fields['PrivateNote']);
  return note ? `Voided - ${note}` : 'Voided';
}

/** The part of the answer that the four forms share. */
export function showSalesForm(row: Row, company: Company): Fields {
  const { fields } = row;
  const shown: Record<string, Json | undefined> = {
    ...fields,
    CurrencyRef: shownCurrency(fields['CurrencyRef'], company),
    Line: showLines(listOf(fields['Line']), company),
    TotalAmt: fromCents(row.totalCents),
  };
  for (const property in refs)
    if (fields[property] !== undefined) shown[property] = shownRef(fields[property], refs[property] ?? '', company);
  if (company.isUs) shown['ApplyTaxAfterDiscount'] = fields['ApplyTaxAfterDiscount'] === true;
  return shown;
}

/** What the references of a sales form name. */
const refs: Readonly<Record<string, string>> = {
  CustomerRef: 'Customer',
  DepartmentRef: 'Department',
  ClassRef: 'Class',
  SalesTermRef: 'Term',
  PaymentMethodRef: 'PaymentMethod',
  DepositToAccountRef: 'Account',
};

/** Recorded: the subtotal line follows the sales lines without an Id, a discount line follows the subtotal. */
function showLines(lines: readonly Fields[], company: Company): Fields[] {
  const shown: Fields[] = [];
  const after: Fields[] = [];
  let subtotalCents = 0;
  for (const line of lines) {
    if (isShown(line)) subtotalCents += Math.round(Number(line['Amount']) * 100);
    const isAfter = line['DetailType'] === 'DiscountLineDetail' || (line['DetailType'] === 'SalesItemLineDetail' && !isShown(line));
    (isAfter ? after : shown).push(showLine(line, company));
  }
  return [...shown, { Amount: fromCents(subtotalCents), DetailType: 'SubTotalLineDetail', SubTotalLineDetail: {} }, ...after];
}

function showLine(line: Fields, company: Company): Fields {
  const sale = line['SalesItemLineDetail'];
  if (isFields(sale)) {
    const ItemRef = shownRef(sale['ItemRef'], 'Item', company);
    const ClassRef = sale['ClassRef'] ? shownRef(sale['ClassRef'], 'Class', company) : undefined;
    return { ...line, SalesItemLineDetail: { ...sale, ItemRef, ClassRef } };
  }
  const discount = line['DiscountLineDetail'];
  if (!isFields(discount)) return line;
  return { ...line, DiscountLineDetail: { ...discount, DiscountAccountRef: shownRef(discount['DiscountAccountRef'], 'Account', company) } };
}
