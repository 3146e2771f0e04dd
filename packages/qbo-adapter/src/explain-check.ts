import type { Reason } from '@vesper/core/reason';

/** QuickBooks pages a bookkeeper can open from a remedy. */
const PAGE = {
  company: 'https://app.qbo.intuit.com/app/settings?panel=company',
  billing: 'https://app.qbo.intuit.com/app/settings?panel=billing',
  sales: 'https://app.qbo.intuit.com/app/settings?panel=sales',
  advanced: 'https://app.qbo.intuit.com/app/settings?panel=advanced',
  salesTax: 'https://app.qbo.intuit.com/app/salestax',
  accounts: 'https://app.qbo.intuit.com/app/chartofaccounts',
  items: 'https://app.qbo.intuit.com/app/items',
} as const;

/** What the connect check may find, each with where to change it. */
export const explainCheck = {
  notUs: (country: string): Reason =>
    reason(
      'not_us',
      `This QuickBooks company is in ${country || 'an unknown country'}. Vesper posts to companies in the United States only, because sales tax works differently elsewhere.`,
      'Connect a US QuickBooks company. Other countries are planned.',
    ),
  subscription: (status: string): Reason =>
    reason(
      'subscription',
      `The QuickBooks subscription is "${status}", so QuickBooks may be read-only.`,
      'Renew it in QuickBooks',
      PAGE.billing,
    ),
  plan: (plan: string): Reason =>
    reason(
      'plan',
      `The QuickBooks product is "${plan}", which may not offer invoices or the programming interface.`,
      'Use QuickBooks Online Simple Start, Essentials, Plus or Advanced',
      PAGE.billing,
    ),
  customTxnNumbers: (): Reason =>
    reason(
      'custom_numbers_off',
      'Custom transaction numbers are off in QuickBooks, so it may number invoices by itself instead of with the inspection number.',
      'Turn on "Custom transaction numbers" under Sales › Sales form content',
      PAGE.sales,
    ),
  autoApplyCredit: (): Reason =>
    reason(
      'auto_apply_credit',
      'QuickBooks applies credits to new invoices by itself, so an invoice can be paid from an old credit before its own payment arrives.',
      'Turn off "Automatically apply credits" under Advanced › Automation',
      PAGE.advanced,
    ),
  autoApplyPayments: (): Reason =>
    reason(
      'auto_apply_payments',
      'QuickBooks applies unapplied payments to invoices by itself, perhaps to another invoice of the same client than the platform means.',
      'Turn off the automatic application of payments under Advanced › Automation',
      PAGE.advanced,
    ),
  homeCurrency: (currency: string): Reason =>
    reason(
      'home_currency',
      `The home currency is ${currency}; the platform's amounts are US dollars.`,
      'Connect a company that keeps its books in US dollars',
      PAGE.advanced,
    ),
  multicurrency: (): Reason =>
    reason(
      'multicurrency',
      'Multicurrency is on. Vesper posts everything in the home currency; a customer kept in another currency is refused by QuickBooks.',
      'Keep inspection clients in the home currency',
      PAGE.advanced,
    ),
  automatedTax: (): Reason =>
    reason(
      'automated_sales_tax',
      'Automated sales tax is on. QuickBooks computes tax itself and may differ from the platform by cents; such documents are shown as posted differently.',
      'Check the tax rates and agencies',
      PAGE.salesTax,
    ),
  taxNotSetUp: (): Reason =>
    reason(
      'sales_tax_not_set_up',
      'Sales tax is turned on but not set up, so tax is booked as a line of its own.',
      'Finish the set-up under Taxes › Sales tax',
      PAGE.salesTax,
    ),
  taxWithoutCode: (): Reason =>
    reason(
      'sales_tax_without_default',
      'Sales tax is on without a default rate, so tax is booked as a line of its own.',
      'Choose the most common sales tax under Taxes › Sales tax',
      PAGE.salesTax,
    ),
  closingDate: (date: string): Reason =>
    reason(
      'books_closed',
      `The books are closed through ${date}. Documents dated on or before that day are held, or posted on the first open day, as the company's setting says.`,
      'Change the closing date under Advanced › Accounting if it is too late',
      PAGE.advanced,
    ),
  classesOff: (): Reason =>
    reason(
      'classes_off',
      'Classes are chosen in the settings, but class tracking is off in QuickBooks, so they are left out.',
      'Turn on "Track classes" under Advanced › Categories',
      PAGE.advanced,
    ),
  locationsOff: (): Reason =>
    reason(
      'locations_off',
      'Locations are chosen in the settings, but location tracking is off in QuickBooks, so they are left out.',
      'Turn on "Track locations" under Advanced › Categories',
      PAGE.advanced,
    ),
  chosenMissing: (what: string, id: string, kind: 'item' | 'account'): Reason =>
    reason(
      `${kind}_missing`,
      `The ${kind} chosen for ${what} (QuickBooks id ${id}) does not exist.`,
      `Choose another ${kind} in the settings`,
      kind === 'item' ? PAGE.items : PAGE.accounts,
    ),
  chosenInactive: (what: string, name: string, kind: 'item' | 'account'): Reason =>
    reason(
      `${kind}_inactive`,
      `The ${kind} chosen for ${what}, "${name}", is inactive in QuickBooks, which refuses documents that use it.`,
      `Make it active again, or choose another ${kind} in the settings`,
      kind === 'item' ? PAGE.items : PAGE.accounts,
    ),
  chosenWrongType: (what: string, name: string, type: string, wanted: string): Reason =>
    reason(
      'account_type',
      `The account chosen for ${what}, "${name}", is of type ${type}; QuickBooks wants ${wanted} there.`,
      'Choose another account in the settings',
      PAGE.accounts,
    ),
  noUndepositedFunds: (): Reason =>
    reason(
      'no_undeposited_funds',
      'QuickBooks has no active "Undeposited Funds" account, in which payments wait for their payout.',
      'Make it active again in the chart of accounts',
      PAGE.accounts,
    ),
  chooseBank: (names: string[]): Reason =>
    reason(
      'choose_bank',
      names.length === 0
        ? 'QuickBooks has no active bank account, so payouts cannot be booked as deposits.'
        : `QuickBooks has several bank accounts (${names.slice(0, 5).join(', ')}); payouts are held until you say which one they arrive in.`,
      names.length === 0 ? 'Add the bank account in the chart of accounts' : 'Choose the bank account in the settings',
      PAGE.accounts,
    ),
  noIncomeAccount: (): Reason =>
    reason(
      'no_income_account',
      'QuickBooks has no active income account, so no product or service could be made.',
      'Add an income account in the chart of accounts',
      PAGE.accounts,
    ),
  notMade: (name: string, why: Reason): Reason => ({
    ...reason('not_made', `"${name}" could not be made in QuickBooks: ${why.message}`, why.remedy),
    ...(why.quickbooks && { quickbooks: why.quickbooks }),
  }),
};

function reason(code: string, message: string, remedy: string, page?: string): Reason {
  return { code, message, remedy: page === undefined ? remedy : `${remedy}: ${page}` };
}
