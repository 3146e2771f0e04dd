import { homeCurrencies } from '../entities/references.ts';
import { mergeDeep } from '../entities/preferences.ts';
import { kindNamed } from '../entities/registry.ts';
import { Company } from '../state/company.ts';
import type { CompanyChange, Settings } from '../state/settings.ts';
import { quickBooksLimits } from '../state/limits.ts';
import type { Fields, Json } from '../wire/json.ts';
import { create, enter, newRow } from './write.ts';

/** A new company: no customers, no transactions, and the first records that QuickBooks' own set-up makes. */
export function openCompany({ realmId, change, now }: { realmId: string; change: CompanyChange; now: number }): Company {
  const country = change.country ?? 'US';
  const company = new Company({ realmId, country, timezone: change.timezone ?? 'America/Los_Angeles' });
  seed(company, now, { name: change.name ?? 'Example Inspections', country });
  applyChange(company, change, now);
  return company;
}

/** Changes what is named and leaves the rest alone. */
export function applyChange(company: Company, change: CompanyChange, now: number): void {
  if (change.timezone !== undefined) company.moveTo(change.timezone);
  if (change.name !== undefined) amend('CompanyInfo', { CompanyName: change.name, LegalName: change.name });
  if (change.settings) {
    company.settings = { ...company.settings, ...defined(change.settings) };
    if (change.settings.salesTax) amend('Preferences', { TaxPrefs: taxPreferences(change.settings.salesTax) });
    company.single('CompanyInfo').shown = undefined;
  }
  if (change.preferences) amend('Preferences', change.preferences);
  if (change.limits === false) company.limits = false;
  else if (change.limits) company.limits = { ...(company.limits === false ? quickBooksLimits : company.limits), ...defined(change.limits) };

  function amend(entity: string, fields: Fields): void {
    const row = company.single(entity);
    row.fields = mergeDeep(row.fields, fields);
    company.touch(row, now);
    company.renames += 1;
  }
}

/** Intuit "sales tax": PartnerTaxEnabled true means automated sales tax, absent the old one (inferred from preferences). */
function taxPreferences(mode: Settings['salesTax']): Fields {
  if (mode === 'off') return { UsingSalesTax: false, PartnerTaxEnabled: undefined };
  return mode === 'automated' ? { UsingSalesTax: true, PartnerTaxEnabled: true } : { UsingSalesTax: true, PartnerTaxEnabled: undefined };
}

function defined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function seed(company: Company, now: number, { name, country }: { name: string; country: string }): void {
  put('CompanyInfo', '1', {
    CompanyName: name,
    LegalName: name,
    CompanyAddr: {
      Id: company.nextId('Address'),
      Line1: '1 Example Drive',
      City: 'Exampleville',
      CountrySubDivisionCode: 'CA',
      PostalCode: '94043',
    },
    CompanyStartDate: company.time.day(now),
    FiscalYearStartMonth: 'January',
    Country: country,
    Email: { Address: 'office@example.com' },
    WebAddr: {},
    SupportedLanguages: 'en',
  });
  put('Preferences', '1', firstPreferences(country));
  for (const [index, fields] of firstAccounts.entries()) put('Account', String(index + 1), fields);
  for (const fields of firstTerms) make('Term', fields);
  for (const Name of ['Cash', 'Check', 'Visa', 'MasterCard', 'American Express'])
    make('PaymentMethod', { Name, Type: Name === 'Cash' || Name === 'Check' ? 'NON_CREDIT_CARD' : 'CREDIT_CARD' });
  make('Item', {
    Name: 'Services',
    Type: 'Service',
    IncomeAccountRef: { value: accountId('ServiceFeeIncome') },
    ExpenseAccountRef: { value: accountId('OtherMiscellaneousServiceCost') },
  });
  if (country === 'US') seedUsTax();
  else for (const code of countryCodes[country] ?? countryCodes['GB'] ?? []) seedCode(code);
  amendPreferences({ SalesFormsPrefs: { DefaultDiscountAccount: accountId('DiscountsRefundsGiven') } });

  function make(entity: string, body: Fields): void {
    const kind = kindNamed(entity);
    if (kind) create(kind, body, { company, now, allowDuplicateDocNumber: false, changed: () => undefined });
  }

  function put(entity: string, id: string, fields: Fields): void {
    const kind = kindNamed(entity);
    if (!kind) return;
    if (/^\d+$/.test(id)) while (Number(company.nextId(kind.sequence)) < Number(id));
    const row = newRow(kind, { id, prepared: { fields }, now });
    company.insert(row);
    enter(kind, row, { company, now });
  }

  function amendPreferences(fields: Fields): void {
    const row = company.single('Preferences');
    row.fields = mergeDeep(row.fields, fields);
  }

  /** Intuit tax code page: the pseudo codes of a US company, and a real one (recorded: Id 2, 8 percent). */
  function seedUsTax(): void {
    put('TaxCode', 'TAX', { Name: 'TAX', Description: 'TAX', Active: true, Taxable: true, TaxGroup: false });
    put('TaxCode', 'NON', { Name: 'NON', Description: 'NON', Active: true, Taxable: false, TaxGroup: false });
    seedCode({ id: '2', name: 'California', rates: [{ id: '3', percent: 8 }] });
  }

  function seedCode({ id, name, rates }: SeedCode): void {
    for (const rate of rates) {
      if (company.row('TaxRate', rate.id)) continue;
      put('TaxRate', rate.id, { Name: `${name} ${rate.percent}%`, Active: true, RateValue: rate.percent });
    }
    const TaxRateDetail: Json = rates.map((rate, index) => ({
      TaxRateRef: { value: rate.id },
      TaxTypeApplicable: 'TaxOnAmount',
      TaxOrder: index,
    }));
    put('TaxCode', id, { Name: name, Description: name, Active: true, Taxable: true, TaxGroup: true, SalesTaxRateList: { TaxRateDetail } });
  }
}

function accountId(subType: string): string {
  return String(firstAccounts.findIndex(({ AccountSubType }) => AccountSubType === subType) + 1);
}

type SeedCode = {
  readonly id: string;
  readonly name: string;
  readonly rates: readonly { readonly id: string; readonly percent: number }[];
};

/** Tax codes of a fresh company by country. Names and rates are the countries' own; the Ids are ours. */
const countryCodes: Readonly<Record<string, readonly SeedCode[]>> = {
  CA: [
    { id: '2', name: 'Exempt', rates: [{ id: '2', percent: 0 }] },
    { id: '3', name: 'Zero-rated', rates: [{ id: '3', percent: 0 }] },
    { id: '4', name: 'Out of scope', rates: [{ id: '4', percent: 0 }] },
    { id: '5', name: 'GST', rates: [{ id: '5', percent: 5 }] },
    { id: '6', name: 'HST ON', rates: [{ id: '6', percent: 13 }] },
    {
      id: '7',
      name: 'GST/PST BC',
      rates: [
        { id: '5', percent: 5 },
        { id: '7', percent: 7 },
      ],
    },
  ],
  GB: [
    { id: '2', name: 'Exempt', rates: [{ id: '2', percent: 0 }] },
    { id: '3', name: '0.0% Z', rates: [{ id: '3', percent: 0 }] },
    { id: '4', name: '5.0% R', rates: [{ id: '4', percent: 5 }] },
    { id: '5', name: '20.0% S', rates: [{ id: '5', percent: 20 }] },
  ],
  AU: [
    { id: '2', name: 'GST free', rates: [{ id: '2', percent: 0 }] },
    { id: '3', name: 'GST', rates: [{ id: '3', percent: 10 }] },
  ],
};

/** Terms of a new company; the third is the default (recorded DefaultTerms 3, DueDate + 30 days). */
const firstTerms: readonly Fields[] = [
  { Name: 'Due on receipt', DueDays: 0 },
  { Name: 'Net 15', DueDays: 15 },
  { Name: 'Net 30', DueDays: 30 },
  { Name: 'Net 60', DueDays: 60 },
];

const firstAccounts: readonly Fields[] = [
  seedAccount('Checking', { AccountType: 'Bank', AccountSubType: 'Checking', Classification: 'Asset' }),
  seedAccount('Savings', { AccountType: 'Bank', AccountSubType: 'Savings', Classification: 'Asset' }),
  seedAccount('Accounts Receivable (A/R)', {
    AccountType: 'Accounts Receivable',
    AccountSubType: 'AccountsReceivable',
    Classification: 'Asset',
  }),
  seedAccount('Undeposited Funds', { AccountType: 'Other Current Asset', AccountSubType: 'UndepositedFunds', Classification: 'Asset' }),
  seedAccount('Sales of Product Income', { AccountType: 'Income', AccountSubType: 'SalesOfProductIncome', Classification: 'Revenue' }),
  seedAccount('Services', { AccountType: 'Income', AccountSubType: 'ServiceFeeIncome', Classification: 'Revenue' }),
  seedAccount('Discounts given', { AccountType: 'Income', AccountSubType: 'DiscountsRefundsGiven', Classification: 'Revenue' }),
  seedAccount('Bank Charges', { AccountType: 'Expense', AccountSubType: 'BankCharges', Classification: 'Expense' }),
  seedAccount('Miscellaneous', { AccountType: 'Expense', AccountSubType: 'OtherMiscellaneousServiceCost', Classification: 'Expense' }),
  seedAccount('Opening Balance Equity', { AccountType: 'Equity', AccountSubType: 'OpeningBalanceEquity', Classification: 'Equity' }),
];

function seedAccount(Name: string, type: { AccountType: string; AccountSubType: string; Classification: string }): Fields {
  return { Name, SubAccount: false, FullyQualifiedName: Name, Active: true, ...type };
}

/** Groups and values recorded from preferences; numbering, tracking, automatic application and multicurrency start off. */
function firstPreferences(country: string): Fields {
  return {
    AccountingInfoPrefs: {
      TrackDepartments: false,
      DepartmentTerminology: 'Location',
      ClassTrackingPerTxn: false,
      ClassTrackingPerTxnLine: false,
      CustomerTerminology: 'Customers',
    },
    ProductAndServicesPrefs: { ForSales: true, ForPurchase: true, QuantityWithPriceAndRate: true, QuantityOnHand: true },
    SalesFormsPrefs: {
      CustomTxnNumbers: false,
      AllowDeposit: false,
      AllowDiscount: true,
      AllowShipping: false,
      DefaultTerms: { value: '3' },
      AutoApplyCredit: false,
      AutoApplyPayments: false,
    },
    TaxPrefs: { UsingSalesTax: country !== 'US' },
    CurrencyPrefs: { MultiCurrencyEnabled: false, HomeCurrency: { value: homeCurrencies[country] ?? 'USD' } },
    ReportPrefs: { ReportBasis: 'Accrual' },
    OtherPrefs: {
      NameValue: [
        { Name: 'WarnDuplicateCheckNumber', Value: 'true' },
        { Name: 'WarnDuplicateBillNumber', Value: 'false' },
      ],
    },
  };
}
