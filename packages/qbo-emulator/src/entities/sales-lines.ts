import type { Company } from '../state/company.ts';
import {
  amountMismatch,
  beforeInventoryStart,
  businessRule,
  invalidReference,
  linesMissing,
  missing,
  missingError,
  QboFault,
} from '../wire/faults.ts';
import type { FaultError } from '../wire/faults.ts';
import type { Fields, Json } from '../wire/json.ts';
import { isFields, listOf, refId, textOf } from '../wire/json.ts';
import { fromCents, percentOf, toCents } from '../wire/money.ts';
import type { Property } from '../wire/shape.ts';
import { date, dropped, flag, list, number, object, oneOf, text } from '../wire/shape.ts';
import type { Draft } from './entity.ts';
import { commonShape, ref } from './entity.ts';
import { preferenceGroup, requireActive, storedRef } from './references.ts';

const detailShape = {
  ItemRef: ref,
  ClassRef: ref,
  UnitPrice: number,
  RatePercent: number,
  PriceLevelRef: ref,
  MarkupInfo: dropped,
  Qty: number,
  UOMRef: dropped,
  ItemAccountRef: ref,
  InventorySiteRef: ref,
  TaxCodeRef: ref,
  TaxClassificationRef: ref,
  ServiceDate: date,
  TaxInclusiveAmt: number,
  DiscountRate: number,
  DiscountAmt: number,
  DeferredRevenue: flag,
};

/** Intuit invoice page, Line: the kinds of detail and their properties (names from the XSD). */
export const salesLine: Property = object('Line', {
  Id: text(20),
  LineNum: number,
  Description: text(4_000),
  Amount: number,
  Received: dropped,
  LinkedTxn: dropped,
  DetailType: oneOf(
    'SalesItemLineDetail',
    'GroupLineDetail',
    'DescriptionOnly',
    'DiscountLineDetail',
    'SubTotalLineDetail',
    'TaxLineDetail',
  ),
  SalesItemLineDetail: object('SalesItemLineDetail', detailShape),
  GroupLineDetail: object('GroupLineDetail', { GroupItemRef: ref, Quantity: number, ServiceDate: date, Line: dropped }),
  DescriptionLineDetail: object('DescriptionLineDetail', { ServiceDate: date, TaxCodeRef: ref }),
  DiscountLineDetail: object('DiscountLineDetail', {
    PercentBased: flag,
    DiscountPercent: number,
    DiscountAccountRef: ref,
    DiscountRef: ref,
    ClassRef: ref,
    TaxCodeRef: ref,
    ServiceDate: date,
  }),
  SubTotalLineDetail: object('SubTotalLineDetail', { ItemRef: ref, ServiceDate: date }),
  TaxLineDetail: dropped,
  CustomField: list(object('CustomField', {})),
  LineEx: dropped,
  ProjectRef: dropped,
  AttachableRef: commonShape['AttachableRef'] ?? dropped,
});

export type SalesLine = Fields & { readonly Id: string; readonly Amount: number };
export type Lines = {
  readonly lines: readonly Fields[];
  readonly nextLineId: number;
  readonly subtotalCents: number;
  readonly discountCents: number;
};

const shipping = 'SHIPPING_ITEM_ID';
const gratuity = 'GRATUITY_ITEM_ID';

/**
 * The lines of a sales form as they are stored: numbered, with computed discounts, without the subtotal line that
 * QuickBooks appends itself. A line with a known Id keeps it, any other gets a new one (recorded).
 */
export function readLines(draft: Draft): Lines {
  const { before, fields, company } = draft;
  const given = fields['Line'];
  if (!Array.isArray(given)) throw missing('Line');
  const sent = listOf(given).filter((line) => line['DetailType'] !== 'SubTotalLineDetail');
  if (sent.length === 0) throw linesMissing();
  requireTypes(sent);
  const known = new Set(listOf(before?.fields['Line']).map((line) => line['Id']));
  let nextLineId = before?.nextLineId ?? 1;
  let lineNum = 0;
  const lines = sent.map((line) => {
    lineNum += 1;
    const sentId = textOf(line['Id']);
    const id = sentId !== undefined && known.has(sentId) ? sentId : String(nextLineId++);
    return readLine(line, { Id: id, LineNum: lineNum }, draft);
  });
  const subtotalCents = lines.reduce((sum, line) => sum + (isShown(line) ? toCents(Number(line['Amount'])) : 0), 0);
  let discountCents = 0;
  const computed = lines.map((line) => {
    if (line['DetailType'] !== 'DiscountLineDetail') return line;
    const cents = discountOf(line, subtotalCents);
    discountCents += cents;
    return { ...withoutNumber(line), Amount: fromCents(cents) };
  });
  checkCount(computed, company);
  return { lines: computed, nextLineId, subtotalCents, discountCents };
}

/** Whether a line is part of the subtotal: sales lines, shipping aside. */
export function isShown(line: Fields): boolean {
  const detail = line['SalesItemLineDetail'];
  return line['DetailType'] === 'SalesItemLineDetail' && isFields(detail) && refId(detail['ItemRef']) !== shipping;
}

/** All errors at once, as recorded for three lines without DetailType in one Fault. */
function requireTypes(lines: readonly Fields[]): void {
  const errors: FaultError[] = lines.filter((line) => line['DetailType'] === undefined).map(() => missingError('Line.DetailType'));
  if (errors.length > 0) throw new QboFault(errors);
}

function readLine(line: Fields, numbering: { Id: string; LineNum: number }, draft: Draft): Fields {
  const Description = line['Description'];
  const base = Description === undefined || Description === null ? numbering : { ...numbering, Description };
  const type = line['DetailType'];
  if (type === 'SalesItemLineDetail') return readSale(line, base, draft);
  if (type === 'DiscountLineDetail') return readDiscount(line, base, draft);
  if (type === 'GroupLineDetail') return readGroup(line);
  return { ...base, DetailType: 'DescriptionOnly', DescriptionLineDetail: line['DescriptionLineDetail'] ?? {} };
}

/** Intuit invoice page: a sales line without ItemRef is taken as text and its Amount is ignored. */
function readSale(line: Fields, base: Fields, draft: Draft): Fields {
  const { company } = draft;
  const detail = isFields(line['SalesItemLineDetail']) ? line['SalesItemLineDetail'] : {};
  const itemId = refId(detail['ItemRef']);
  const amount = line['Amount'];
  if (typeof amount !== 'number') throw missing('Line.Amount');
  if (itemId === undefined) return { ...base, DetailType: 'DescriptionOnly', DescriptionLineDetail: {} };
  checkItem(itemId, draft);
  checkAmount(amount, detail);
  const kept: Record<string, Json | undefined> = { ...detail, ItemRef: { value: itemId } };
  const prefs = preferenceGroup(company, 'AccountingInfoPrefs');
  const classed = prefs['ClassTrackingPerTxnLine'] === true ? storedRef(detail['ClassRef'], { company, entity: 'Class' }) : undefined;
  if (classed) kept['ClassRef'] = classed;
  else delete kept['ClassRef'];
  return { ...base, Amount: fromCents(toCents(amount)), DetailType: 'SalesItemLineDetail', SalesItemLineDetail: kept };
}

/** Intuit item page: pseudo items, and 6270 for a sale before an inventory item's start. */
function checkItem(itemId: string, { company, fields }: Draft): void {
  if (itemId === gratuity) return;
  if (itemId === shipping) {
    if (preferenceGroup(company, 'SalesFormsPrefs')['AllowShipping'] === true) return;
    throw invalidReference('Items', itemId);
  }
  const item = requireActive(company, 'Item', itemId);
  const start = textOf(item.fields['InvStartDate']);
  if (item.fields['Type'] === 'Inventory' && start && (textOf(fields['TxnDate']) ?? '') < start) throw beforeInventoryStart();
  if (item.fields['Type'] === 'Category') throw invalidReference('Items', itemId);
}

/** Intuit "error codes" 6070: Amount is Qty x UnitPrice, to the cent. */
function checkAmount(amount: number, detail: Fields): void {
  const { Qty, UnitPrice } = detail;
  if (typeof Qty !== 'number' || typeof UnitPrice !== 'number') return;
  if (toCents(Qty * UnitPrice) !== toCents(amount)) throw amountMismatch(amount);
}

function readDiscount(line: Fields, base: Fields, { company, before }: Draft): Fields {
  const prefs = preferenceGroup(company, 'SalesFormsPrefs');
  if (prefs['AllowDiscount'] === false) throw businessRule('Discounts are turned off for this company.');
  const detail = isFields(line['DiscountLineDetail']) ? line['DiscountLineDetail'] : {};
  const percent = detail['PercentBased'] === true;
  if (percent && typeof detail['DiscountPercent'] !== 'number') throw missing('DiscountLineDetail.DiscountPercent');
  if (!percent && typeof line['Amount'] !== 'number') throw missing('Line.Amount');
  const account = storedRef(detail['DiscountAccountRef'], { company, entity: 'Account', before: before?.fields['DiscountAccountRef'] });
  const usual = textOf(prefs['DefaultDiscountAccount']);
  return {
    ...base,
    Amount: typeof line['Amount'] === 'number' ? line['Amount'] : 0,
    DetailType: 'DiscountLineDetail',
    DiscountLineDetail: {
      PercentBased: percent,
      ...(percent ? { DiscountPercent: detail['DiscountPercent'] } : {}),
      DiscountAccountRef: account ?? (usual === undefined ? undefined : { value: usual }),
    },
  };
}

/** Intuit item page: a bundle cannot be created by API, so a company of the emulator has none to refer to. */
function readGroup(line: Fields): never {
  const detail = line['GroupLineDetail'];
  throw invalidReference('Items', (isFields(detail) ? refId(detail['GroupItemRef']) : undefined) ?? '');
}

function discountOf(line: Fields, subtotalCents: number): number {
  const detail = line['DiscountLineDetail'];
  const percent = isFields(detail) && detail['PercentBased'] === true ? detail['DiscountPercent'] : undefined;
  return typeof percent === 'number' ? percentOf(subtotalCents, percent) : toCents(Number(line['Amount']));
}

/** Recorded: a discount line has neither LineNum nor a place before the subtotal. */
function withoutNumber(line: Fields): Fields {
  return Object.fromEntries(Object.entries(line).filter(([key]) => key !== 'LineNum'));
}

/** Intuit invoice page: at most 750 lines when they are taxable. */
function checkCount(lines: readonly Fields[], company: Company): void {
  const taxed = !company.isUs || preferenceGroup(company, 'TaxPrefs')['UsingSalesTax'] === true;
  if (taxed && lines.length > 750) throw businessRule('A taxable transaction can have at most 750 lines.');
}
