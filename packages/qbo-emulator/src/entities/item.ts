import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import { businessRule, invalidEnum, missing } from '../wire/faults.ts';
import type { Fields } from '../wire/json.ts';
import { refId, textOf } from '../wire/json.ts';
import { date, dropped, flag, number, text } from '../wire/shape.ts';
import type { Draft, EntityKind, Prepared } from './entity.ts';
import { commonShape, ref } from './entity.ts';
import { checkName, checkUnique, nameByActivity } from './name-rules.ts';
import { nameOf, shownRef, storedRef } from './references.ts';

const accountFields = ['IncomeAccountRef', 'ExpenseAccountRef', 'AssetAccountRef'] as const;

/** Intuit item page; field set and defaults recorded from queries. */
export const item: EntityKind = {
  name: 'Item',
  sequence: 'Item',
  operations: ['create', 'update'],
  isTransaction: false,
  shape: {
    ...commonShape,
    Name: text(100),
    Sku: text(100),
    Description: text(4_000),
    Active: flag,
    SubItem: flag,
    ParentRef: ref,
    Level: dropped,
    FullyQualifiedName: dropped,
    Taxable: flag,
    SalesTaxIncluded: flag,
    PercentBased: flag,
    UnitPrice: number,
    RatePercent: number,
    Type: text(30),
    ItemCategoryType: text(30),
    PaymentMethodRef: ref,
    IncomeAccountRef: ref,
    PurchaseDesc: text(1_000),
    PurchaseTaxIncluded: flag,
    PurchaseCost: number,
    ExpenseAccountRef: ref,
    COGSAccountRef: ref,
    AssetAccountRef: ref,
    PrefVendorRef: ref,
    AvgCost: dropped,
    TrackQtyOnHand: flag,
    QtyOnHand: number,
    QtyOnPurchaseOrder: dropped,
    QtyOnSalesOrder: dropped,
    ReorderPoint: number,
    ManPartNum: text(100),
    DepositToAccountRef: ref,
    SalesTaxCodeRef: ref,
    PurchaseTaxCodeRef: ref,
    InvStartDate: date,
    ClassRef: ref,
    TaxClassificationRef: ref,
    Source: dropped,
    AbatementRate: number,
    ReverseChargeRate: number,
    ServiceType: text(100),
    UQCDisplayText: text(100),
    UQCId: text(100),
    ItemGroupDetail: dropped,
    PrintGroupedItems: dropped,
    SpecialItem: dropped,
    SpecialItemType: dropped,
  },
  keptByFullUpdate: ['Name', 'Active', 'Type', 'UnitPrice', 'Taxable', ...accountFields, 'TrackQtyOnHand', 'QtyOnHand', 'InvStartDate'],
  queryable: [
    'Name',
    'FullyQualifiedName',
    'Active',
    'Type',
    'Sku',
    'UnitPrice',
    'Description',
    'Taxable',
    'ParentRef',
    'IncomeAccountRef',
  ],
  uniqueName: (fields) => ({ space: 'Item', field: 'Name', name: textOf(fields['FullyQualifiedName']) ?? '' }),
  prepare,
  toWire,
};

function prepare(draft: Draft): Prepared {
  const { company, fields, before } = draft;
  const given = textOf(fields['Name'])?.trim();
  if (!given) throw missing('Name');
  checkName(given, 'Name');
  const type = itemType(draft);
  const accounts: Record<string, Fields | undefined> = {};
  for (const field of accountFields)
    accounts[field] = storedRef(fields[field], { company, entity: 'Account', before: before?.fields[field] });
  requireAccounts(type, fields, company);
  const name = nameByActivity(draft, given);
  const parentRef = storedRef(fields['ParentRef'], { company, entity: 'Item', before: before?.fields['ParentRef'] });
  const fullName = parentRef ? `${nameOf(company.row('Item', parentRef.value))}:${name}` : name;
  checkUnique(draft, { space: 'Item', name: fullName, others: 'item' });
  return {
    fields: {
      ...fields,
      ...accounts,
      Type: type,
      Name: name,
      FullyQualifiedName: fullName,
      ParentRef: parentRef,
      SubItem: parentRef ? true : undefined,
      TrackQtyOnHand: type === 'Inventory',
      Active: fields['Active'] !== false,
    },
  };
}

/** Intuit item page: Group cannot be created by API, and Type cannot change once it is Inventory. */
function itemType({ fields, before }: Draft): string {
  const type = textOf(fields['Type']);
  if (type === undefined) throw missing('Type');
  if (!['Service', 'NonInventory', 'Inventory', 'Category'].includes(type)) throw invalidEnum('Type', type);
  if (before?.fields['Type'] === 'Inventory' && type !== 'Inventory')
    throw businessRule('The type of an inventory item can not be changed.');
  return type;
}

/** Intuit item page: which accounts a type needs; outside the US a sold item needs an expense account as well (Canada, UK). */
function requireAccounts(type: string, fields: Fields, company: Company): void {
  const needed: Readonly<Record<string, readonly string[]>> = {
    Service: company.country === 'CA' || company.country === 'GB' ? ['IncomeAccountRef', 'ExpenseAccountRef'] : ['IncomeAccountRef'],
    Inventory: ['QtyOnHand', 'InvStartDate', 'AssetAccountRef', 'IncomeAccountRef', 'ExpenseAccountRef'],
    Category: [],
  };
  if (type === 'Inventory' && fields['TrackQtyOnHand'] !== true) throw missing('TrackQtyOnHand');
  for (const field of needed[type] ?? needed['Service'] ?? [])
    if (fields[field] === undefined || fields[field] === null) throw missing(field);
}

function toWire(row: Row, company: Company): Fields {
  const { fields } = row;
  return {
    Name: fields['Name'],
    Description: fields['Description'],
    Active: fields['Active'],
    FullyQualifiedName: fields['FullyQualifiedName'],
    Taxable: false,
    UnitPrice: 0,
    PurchaseCost: 0,
    ...fields,
    ParentRef: fields['ParentRef'] ? { value: refId(fields['ParentRef']) ?? '' } : undefined,
    ...Object.fromEntries(accountFields.map((field) => [field, shownRef(fields[field], 'Account', company)])),
  };
}
