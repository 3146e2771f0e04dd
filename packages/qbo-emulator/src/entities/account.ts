import type { Company } from '../state/company.ts';
import type { Row } from '../state/row.ts';
import { accountTypeMissing, badCharacters, invalidEnum, missing, tooLong } from '../wire/faults.ts';
import type { Fields } from '../wire/json.ts';
import { refId, textOf } from '../wire/json.ts';
import { fromCents } from '../wire/money.ts';
import { date, dropped, flag, number, text } from '../wire/shape.ts';
import type { Draft, EntityKind, Prepared } from './entity.ts';
import { commonShape, ref } from './entity.ts';
import { checkUnique, nameByActivity } from './name-rules.ts';
import { nameOf, shownCurrency, storedCurrency, storedRef } from './references.ts';

/** Intuit account page: each type's classification and the sub-type that is filled in (documented for receivables, else inferred). */
const types: Readonly<Record<string, { readonly classification: string; readonly subType: string }>> = {
  Bank: { classification: 'Asset', subType: 'Checking' },
  'Accounts Receivable': { classification: 'Asset', subType: 'AccountsReceivable' },
  'Other Current Asset': { classification: 'Asset', subType: 'OtherCurrentAssets' },
  'Fixed Asset': { classification: 'Asset', subType: 'OtherFixedAssets' },
  'Other Asset': { classification: 'Asset', subType: 'OtherLongTermAssets' },
  'Accounts Payable': { classification: 'Liability', subType: 'AccountsPayable' },
  'Credit Card': { classification: 'Liability', subType: 'CreditCard' },
  'Other Current Liability': { classification: 'Liability', subType: 'OtherCurrentLiabilities' },
  'Long Term Liability': { classification: 'Liability', subType: 'OtherLongTermLiabilities' },
  Equity: { classification: 'Equity', subType: 'OpeningBalanceEquity' },
  Income: { classification: 'Revenue', subType: 'SalesOfProductIncome' },
  'Other Income': { classification: 'Revenue', subType: 'OtherMiscellaneousIncome' },
  'Cost of Goods Sold': { classification: 'Expense', subType: 'SuppliesMaterialsCogs' },
  Expense: { classification: 'Expense', subType: 'OtherMiscellaneousServiceCost' },
  'Other Expense': { classification: 'Expense', subType: 'OtherMiscellaneousExpense' },
};

/** Types of sub-types that can be sent without their AccountType. */
const typesOfSubTypes: Readonly<Record<string, string>> = {
  UndepositedFunds: 'Other Current Asset',
  Savings: 'Bank',
  CashOnHand: 'Bank',
  ServiceFeeIncome: 'Income',
  DiscountsRefundsGiven: 'Income',
  BankCharges: 'Expense',
  ...Object.fromEntries(Object.entries(types).map(([type, { subType }]) => [subType, type])),
};

/** Intuit account page. */
export const account: EntityKind = {
  name: 'Account',
  sequence: 'Account',
  operations: ['create', 'update'],
  isTransaction: false,
  shape: {
    ...commonShape,
    Name: text(100),
    SubAccount: flag,
    ParentRef: ref,
    Description: text(100),
    FullyQualifiedName: dropped,
    AccountAlias: text(100),
    TxnLocationType: text(100),
    Active: flag,
    Classification: dropped,
    AccountType: text(100),
    AccountSubType: text(100),
    AccountPurposes: dropped,
    AcctNum: text(20),
    AcctNumExtn: text(20),
    BankNum: text(30),
    OpeningBalance: number,
    OpeningBalanceDate: date,
    CurrentBalance: dropped,
    CurrentBalanceWithSubAccounts: dropped,
    CurrencyRef: ref,
    TaxAccount: flag,
    TaxCodeRef: ref,
    OnlineBankingEnabled: dropped,
    FIName: text(100),
    JournalCodeRef: ref,
  },
  keptByFullUpdate: ['Name', 'Active', 'AccountType', 'AccountSubType', 'CurrencyRef'],
  queryable: [
    'Name',
    'FullyQualifiedName',
    'Active',
    'Classification',
    'AccountType',
    'AccountSubType',
    'AcctNum',
    'SubAccount',
    'CurrentBalance',
    'ParentRef',
  ],
  uniqueName: (fields) => ({ space: 'Account', field: 'Name', name: textOf(fields['FullyQualifiedName']) ?? '' }),
  prepare,
  toWire,
};

function prepare(draft: Draft): Prepared {
  const { company, fields, before } = draft;
  const given = textOf(fields['Name'])?.trim();
  if (!given) throw missing('Name');
  if (/[":]/.test(given)) throw badCharacters('Name');
  checkNumber(textOf(fields['AcctNum']), company);
  const name = nameByActivity(draft, given);
  const parentRef = storedRef(fields['ParentRef'], { company, entity: 'Account', before: before?.fields['ParentRef'] });
  const fullName = parentRef ? `${nameOf(company.row('Account', parentRef.value))}:${name}` : name;
  checkUnique(draft, { space: 'Account', name: fullName, others: 'account' });
  return {
    fields: {
      ...fields,
      ...typed(fields),
      Name: name,
      FullyQualifiedName: fullName,
      ParentRef: parentRef,
      SubAccount: parentRef !== undefined,
      CurrencyRef: storedCurrency(fields['CurrencyRef'], company),
      Active: fields['Active'] !== false,
    },
  };
}

/** Either of AccountType and AccountSubType is enough, none is 6010 (Intuit account page). */
function typed(fields: Fields): { AccountType: string; AccountSubType: string; Classification: string } {
  const subType = textOf(fields['AccountSubType']);
  const type = textOf(fields['AccountType']) ?? (subType === undefined ? undefined : typesOfSubTypes[subType]);
  if (type === undefined && subType === undefined) throw accountTypeMissing();
  const known = type === undefined ? undefined : types[type];
  if (type === undefined || !known) throw invalidEnum(type === undefined ? 'AccountSubType' : 'AccountType', type ?? subType ?? '');
  return { AccountType: type, AccountSubType: subType ?? known.subType, Classification: known.classification };
}

/** Intuit account page: AcctNum has 7 characters, 20 in Australia and Canada. */
function checkNumber(acctNum: string | undefined, company: Company): void {
  const max = company.country === 'AU' || company.country === 'CA' ? 20 : 7;
  if (acctNum !== undefined && acctNum.length > max) throw tooLong({ element: 'AcctNum', max, supplied: acctNum.length });
}

/** Recorded: an account shows its balance; those of income and expense show none. */
function toWire(row: Row, company: Company): Fields {
  const balance = fromCents(company.balance(`Account/${row.id}`));
  const { Name, SubAccount, ParentRef, FullyQualifiedName, Active, Classification, AccountType, AccountSubType, ...rest } = row.fields;
  return {
    Name,
    SubAccount,
    ParentRef: ParentRef ? { value: refId(ParentRef) ?? '' } : undefined,
    FullyQualifiedName,
    Active,
    Classification,
    AccountType,
    AccountSubType,
    ...rest,
    CurrentBalance: balance,
    CurrentBalanceWithSubAccounts: balance,
    CurrencyRef: shownCurrency(row.fields['CurrencyRef'], company),
  };
}
