import type { AccountChoice, AccountRole, ItemChoice, ItemRole } from '@vesper/core/document';

export interface NamedRef {
  id: string;
  name: string;
}

/**
 * What the adapter must know of a QuickBooks company to post to it, found or created at connect and kept as JSON.
 * A missing account is a problem that holds the documents that need it, nothing else.
 */
export interface Chart {
  realmId: string;
  companyName: string;
  homeCurrency: string;
  multicurrency: boolean;
  /** With `false` QuickBooks numbers documents itself and may ignore ours. */
  customTxnNumbers: boolean;
  tax: TaxSetup;
  classes: 'off' | 'transaction' | 'line';
  locations: boolean;
  /** The books are closed up to and including this day; a hint, QuickBooks says. */
  bookCloseDate?: string;
  items: Partial<Record<ItemRole, NamedRef>>;
  accounts: Partial<Record<ChartAccount, NamedRef>>;
  /** QuickBooks ids by lower-case name. */
  paymentMethods: Record<string, string>;
  checkedAt: string;
}

export type ChartAccount = AccountRole | 'undeposited_funds' | 'bank' | 'sales_tax';

/** `off` no sales tax · `automated` QuickBooks computes it · `automated_not_set_up` · `rates` the older kind with one code a document. */
export type TaxSetup = { mode: 'off' | 'automated' | 'automated_not_set_up' } | { mode: 'rates'; taxCodeId?: string };

export function itemIdOf(chart: Chart, { id, role }: ItemChoice): string | undefined {
  return id ?? chart.items[role]?.id;
}

export function accountIdOf(chart: Chart, { id, role }: AccountChoice): string | undefined {
  return id ?? chart.accounts[role]?.id;
}
