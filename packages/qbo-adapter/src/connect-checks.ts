import type { Reason } from '@vesper/core/reason';
import type { CompanySettings } from '@vesper/core/settings';
import type { Chart, TaxSetup } from './chart.ts';
import { completeChart } from './chart-making.ts';
import { type ChartChoice, isActive, planChart } from './chart-plan.ts';
import { isTaxALine } from './tax.ts';
import { explainCheck } from './explain-check.ts';
import type { QboClient } from './qbo-client.ts';
import { ACTIVE_OR_NOT } from './query.ts';
import { type Json, listAt, objectAt, refAt, textAt } from './wire.ts';

export type CheckOutcome =
  /** Looked at: what is wrong or worth knowing, the chart to post with, how each item and account was chosen, and the ids that are active. */
  | { outcome: 'checked'; problems: Reason[]; chart: Chart; preview: ChartChoice[]; active: ActiveIds }
  /** Vesper does not post to such a company. */
  | { outcome: 'refused'; reason: Reason }
  /** QuickBooks could not be read, or asks for a new connection. */
  | { outcome: 'unavailable'; reason: Reason };

/** Ids of what was active when it was looked at; what the check itself made is in the chart. */
export type ActiveIds = Record<'items' | 'accounts', ReadonlySet<string>>;

export interface CheckOptions {
  /** Without it, missing items and accounts are only named in the preview. */
  create?: boolean;
  now: () => number;
  newId: () => string;
}

/** Looks at a newly connected company, or before the evening: what must be so, and what items and accounts to post with. About seven reads. */
export async function checkCompany(
  client: QboClient,
  settings: Pick<CompanySettings, 'items' | 'accounts' | 'classes'>,
  { create = true, now, newId }: CheckOptions,
): Promise<CheckOutcome> {
  const company = await client.query('CompanyInfo');
  if (company.outcome === 'failed') return { outcome: 'unavailable', reason: company.verdict.reason };
  const info = company.value[0] ?? {};
  const country = textAt(info, 'Country') ?? '';
  if (country !== 'US') return { outcome: 'refused', reason: explainCheck.notUs(country) };
  const lists: Record<string, Json[]> = {};
  for (const [entity, conditions] of LISTS) {
    const read = await client.query(entity, conditions);
    if (read.outcome === 'failed') return { outcome: 'unavailable', reason: read.verdict.reason };
    lists[entity] = read.value;
  }
  const { Preferences: [preferences = {}] = [], Account: accounts = [], Item: items = [], PaymentMethod: methods = [] } = lists;
  const prefs = readPreferences(preferences);
  const plan = planChart({ accounts, items, settings, taxAsLine: isTaxALine(prefs.tax) });
  const { chosen, problems: unmade } = create ? await completeChart(client, plan, newId) : { chosen: plan, problems: [] };
  const chart: Chart = {
    realmId: client.realmId,
    companyName: textAt(info, 'CompanyName') ?? '',
    ...prefs,
    items: chosen.items,
    accounts: chosen.accounts,
    paymentMethods: Object.fromEntries(
      methods.flatMap((method) => {
        const [id, name] = [textAt(method, 'Id'), textAt(method, 'Name')];
        return id === undefined || name === undefined ? [] : [[name.toLowerCase(), id]];
      }),
    ),
    checkedAt: new Date(now()).toISOString(),
  };
  const problems = [...problemsOf(info, preferences, chart, settings), ...plan.problems, ...unmade];
  return {
    outcome: 'checked',
    problems,
    chart,
    preview: chosen.choices,
    active: { items: activeIds(items), accounts: activeIds(accounts) },
  };
}

function activeIds(records: readonly Json[]): ReadonlySet<string> {
  return new Set(records.flatMap((record) => (isActive(record) ? [textAt(record, 'Id') ?? ''] : [])));
}

const LISTS: readonly (readonly [string, readonly string[]])[] = [
  ['Preferences', []],
  ['Account', [ACTIVE_OR_NOT]],
  ['Item', [ACTIVE_OR_NOT]],
  ['PaymentMethod', []],
];

type FromPreferences = Pick<
  Chart,
  'homeCurrency' | 'multicurrency' | 'customTxnNumbers' | 'tax' | 'classes' | 'locations' | 'bookCloseDate'
>;

function readPreferences(preferences: Json): FromPreferences {
  const accounting = objectAt(preferences, 'AccountingInfoPrefs');
  const currency = objectAt(preferences, 'CurrencyPrefs');
  const bookCloseDate = textAt(accounting, 'BookCloseDate');
  return {
    homeCurrency: refAt(currency, 'HomeCurrency') ?? 'USD',
    multicurrency: isOn(currency, 'MultiCurrencyEnabled'),
    customTxnNumbers: isOn(objectAt(preferences, 'SalesFormsPrefs'), 'CustomTxnNumbers'),
    tax: taxSetup(objectAt(preferences, 'TaxPrefs')),
    classes: isOn(accounting, 'ClassTrackingPerTxnLine') ? 'line' : isOn(accounting, 'ClassTrackingPerTxn') ? 'transaction' : 'off',
    locations: isOn(accounting, 'TrackDepartments'),
    ...(bookCloseDate !== undefined && { bookCloseDate }),
  };
}

/** `PartnerTaxEnabled`: true automated sales tax, false automated but not set up, absent the older kind with rates of the company's own. */
function taxSetup(prefs: Json | undefined): TaxSetup {
  if (!isOn(prefs, 'UsingSalesTax')) return { mode: 'off' };
  const partner = textAt(prefs, 'PartnerTaxEnabled');
  if (partner !== undefined) return { mode: partner === 'true' ? 'automated' : 'automated_not_set_up' };
  const taxCodeId = refAt(prefs, 'TaxGroupCodeRef');
  return { mode: 'rates', ...(taxCodeId !== undefined && { taxCodeId }) };
}

function problemsOf(info: Json, preferences: Json, chart: Chart, settings: Pick<CompanySettings, 'classes'>): Reason[] {
  const sales = objectAt(preferences, 'SalesFormsPrefs');
  const named = (name: string) =>
    textAt(
      listAt(info, 'NameValue').find((pair) => textAt(pair, 'Name') === name),
      'Value',
    );
  const subscription = named('SubscriptionStatus');
  const plan = named('OfferingSku');
  const { classes } = settings;
  return [
    ...(subscription !== undefined && !/^(PAID|TRIAL|FREE|TRIAL_OPT_IN)$/i.test(subscription)
      ? [explainCheck.subscription(subscription)]
      : []),
    ...(plan !== undefined && (!/online/i.test(plan) || /self.?employed|ledger/i.test(plan)) ? [explainCheck.plan(plan)] : []),
    ...(chart.customTxnNumbers ? [] : [explainCheck.customTxnNumbers()]),
    ...(isOn(sales, 'AutoApplyCredit') ? [explainCheck.autoApplyCredit()] : []),
    ...(isOn(sales, 'AutoApplyPayments') ? [explainCheck.autoApplyPayments()] : []),
    ...(chart.homeCurrency === 'USD' ? [] : [explainCheck.homeCurrency(chart.homeCurrency)]),
    ...(chart.multicurrency ? [explainCheck.multicurrency()] : []),
    ...(chart.tax.mode === 'automated' ? [explainCheck.automatedTax()] : []),
    ...(chart.tax.mode === 'automated_not_set_up' ? [explainCheck.taxNotSetUp()] : []),
    ...(chart.tax.mode === 'rates' && chart.tax.taxCodeId === undefined ? [explainCheck.taxWithoutCode()] : []),
    ...(chart.bookCloseDate === undefined ? [] : [explainCheck.closingDate(chart.bookCloseDate)]),
    ...(chart.classes === 'off' && (uses(classes.inspectors) || uses(classes.services)) ? [explainCheck.classesOff()] : []),
    ...(!chart.locations && uses(classes.locations) ? [explainCheck.locationsOff()] : []),
  ];
}

function uses(ids: Record<string, string>): boolean {
  return Object.keys(ids).length > 0;
}

function isOn(json: Json | undefined, key: string): boolean {
  return textAt(json, key) === 'true';
}
