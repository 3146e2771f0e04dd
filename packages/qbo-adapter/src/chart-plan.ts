import type { AccountRole, ItemRole } from '@vesper/core/document';
import type { Reason } from '@vesper/core/reason';
import type { CompanySettings } from '@vesper/core/settings';
import type { Chart, ChartAccount, NamedRef } from './chart.ts';
import { explainCheck } from './explain-check.ts';
import { nameKey } from './names.ts';
import type { QboClient } from './qbo-client.ts';
import { type Json, objectAt, textAt, toRef } from './wire.ts';

/** How one item or account was settled, for people to see before anything is posted. */
export interface ChartChoice {
  kind: 'item' | 'account';
  role: ItemRole | ChartAccount;
  how: 'chosen' | 'found' | 'to_be_made' | 'made';
  name: string;
  id?: string;
}

export interface ChartPlan extends Pick<Chart, 'items' | 'accounts'> {
  choices: ChartChoice[];
  problems: Reason[];
  /** Income account for items that must be made. */
  incomeAccount?: NamedRef;
}

interface Wish<Role extends string> {
  role: Role;
  name: string;
  chosen: string | undefined;
}

/** Accounts a deposit line may go to. reference: Deposit. */
const DEPOSIT_LINE_TYPES = ['Income', 'Other Income', 'Expense', 'Other Expense', 'Other Current Asset', 'Equity', 'Cost of Goods Sold'];
const ACCOUNT_TYPE: Readonly<Record<AccountRole, string>> = {
  processing_fees: 'Expense',
  refund_fees: 'Expense',
  returns: 'Other Current Asset',
  disputes: 'Other Current Asset',
};
const ITEM_DESCRIPTION: Readonly<Record<ItemRole, string>> = {
  service: 'Inspections, add-ons and fees without a product or service of their own',
  discount: 'Discounts given on the platform',
  technology_fee: 'Technology fee and its offsetting discount',
  refund: 'Refunds to clients',
  tax: 'Sales tax as charged by the platform',
};

/** Chooses every item and account a company needs: what the settings name, else what already bears our name, else one to be made. */
export function planChart({
  accounts,
  items,
  settings,
}: {
  accounts: readonly Json[];
  items: readonly Json[];
  settings: Pick<CompanySettings, 'items' | 'accounts'>;
}): ChartPlan {
  const plan: ChartPlan = { items: {}, accounts: {}, choices: [], problems: [] };
  planUndepositedFunds(plan, accounts);
  planBank(plan, accounts, settings.accounts.bank);
  const wishes: Wish<AccountRole>[] = [
    { role: 'processing_fees', name: 'Payment Processing Fees', chosen: settings.accounts.processingFees },
    { role: 'refund_fees', name: 'Payment Refund Fees', chosen: settings.accounts.refundFees },
    { role: 'returns', name: 'Vesper ACH Returns', chosen: settings.accounts.returns },
    { role: 'disputes', name: 'Vesper Payment Disputes', chosen: settings.accounts.disputes },
  ];
  for (const wish of wishes) {
    const found = pick(plan, 'account', accounts, wish, (record) => {
      const type = textAt(record, 'AccountType') ?? '';
      return DEPOSIT_LINE_TYPES.includes(type)
        ? undefined
        : explainCheck.chosenWrongType(words(wish.role), nameOf(record), type, 'an income, expense or other current asset account');
    });
    if (found) plan.accounts[wish.role] = found;
  }
  const itemWishes: Wish<ItemRole>[] = [
    { role: 'service', name: 'Home Inspection Services', chosen: settings.items.default },
    { role: 'discount', name: 'Inspection Discounts', chosen: settings.items.discount },
    { role: 'technology_fee', name: 'Technology Fee', chosen: settings.items.technologyFee },
    { role: 'refund', name: 'Inspection Refunds', chosen: settings.items.refund },
    { role: 'tax', name: 'Sales Tax Collected', chosen: settings.items.tax },
  ];
  for (const wish of itemWishes) {
    const found = pick(plan, 'item', items, wish);
    if (found) plan.items[wish.role] = found;
  }
  for (const [what, id] of [...Object.entries(settings.items.services), ...Object.entries(settings.items.names)])
    checkChosen(plan, items, what, id);
  const income = accounts.filter((record) => textAt(record, 'AccountType') === 'Income' && isActive(record));
  const incomeAccount = income.find((record) => textAt(record, 'AccountSubType') === 'ServiceFeeIncome') ?? income[0];
  if (incomeAccount) plan.incomeAccount = toNamed(incomeAccount);
  else if (plan.choices.some(({ kind, how }) => kind === 'item' && how === 'to_be_made'))
    plan.problems.push(explainCheck.noIncomeAccount());
  return plan;
}

/** Makes what the plan says must be made: accounts, then items, one after another as QuickBooks wants lists written. */
export async function completeChart(
  client: QboClient,
  plan: ChartPlan,
  newId: () => string,
): Promise<{ chosen: ChartPlan; problems: Reason[] }> {
  const chosen: ChartPlan = { ...plan, items: { ...plan.items }, accounts: { ...plan.accounts }, choices: [] };
  const problems: Reason[] = [];
  for (const choice of plan.choices) {
    const record = choice.how === 'to_be_made' ? recordOf(choice, plan.incomeAccount) : undefined;
    if (!record) {
      chosen.choices.push(choice);
      continue;
    }
    const entity = choice.kind === 'account' ? 'Account' : 'Item';
    const made = await make(client, entity, record, newId());
    if (made.outcome === 'failed') {
      problems.push(explainCheck.notMade(choice.name, made.reason));
      chosen.choices.push(choice);
      continue;
    }
    if (choice.kind === 'account') chosen.accounts[choice.role as ChartAccount] = made.ref;
    else chosen.items[choice.role as ItemRole] = made.ref;
    chosen.choices.push({ ...choice, how: 'made', id: made.ref.id });
  }
  return { chosen, problems };
}

/** One list record under one request id; an unknown outcome is asked for again under the same id, and a taken name is looked up. */
async function make(
  client: QboClient,
  entity: 'Account' | 'Item',
  record: Json,
  requestId: string,
): Promise<{ outcome: 'made'; ref: NamedRef } | { outcome: 'failed'; reason: Reason }> {
  let result = await client.write(entity, record, requestId);
  if (result.outcome === 'failed' && (result.verdict.class === 'unknown' || result.verdict.class === 'retry')) {
    result = await client.write(entity, record, requestId);
  }
  const answer = result.outcome === 'ok' ? objectAt(result.json, entity) : undefined;
  if (answer) return { outcome: 'made', ref: toNamed(answer) };
  const listed = await client.query(entity);
  const found =
    listed.outcome === 'ok'
      ? listed.value.find((candidate) => nameKey(nameOf(candidate)) === nameKey(textAt(record, 'Name') ?? ''))
      : undefined;
  if (found) return { outcome: 'made', ref: toNamed(found) };
  const reason = result.outcome === 'failed' ? result.verdict.reason : UNREADABLE;
  return { outcome: 'failed', reason };
}

function recordOf({ kind, role, name }: ChartChoice, incomeAccount: NamedRef | undefined): Json | undefined {
  if (kind === 'account') return { Name: name, AccountType: ACCOUNT_TYPE[role as AccountRole] };
  if (!incomeAccount) return undefined;
  return { Name: name, Type: 'Service', IncomeAccountRef: toRef(incomeAccount.id), Description: ITEM_DESCRIPTION[role as ItemRole] };
}

/** Found by its sub-type: its name is translated and its id differs. */
function planUndepositedFunds(plan: ChartPlan, accounts: readonly Json[]): void {
  const found = accounts.find((record) => textAt(record, 'AccountSubType') === 'UndepositedFunds' && isActive(record));
  if (!found) return void plan.problems.push(explainCheck.noUndepositedFunds());
  settle(plan, 'account', 'undeposited_funds', 'found', found);
  plan.accounts.undeposited_funds = toNamed(found);
}

/** The bank account payouts arrive in is never guessed among several. */
function planBank(plan: ChartPlan, accounts: readonly Json[], chosen: string | undefined): void {
  const banks = accounts.filter((record) => textAt(record, 'AccountType') === 'Bank' && isActive(record));
  if (chosen !== undefined) {
    const found = checkChosen(plan, accounts, 'the bank', chosen, 'account');
    if (!found) return;
    const type = textAt(found, 'AccountType') ?? '';
    if (type !== 'Bank' && type !== 'Other Current Asset')
      plan.problems.push(explainCheck.chosenWrongType('the bank', nameOf(found), type, 'a bank account'));
    settle(plan, 'account', 'bank', 'chosen', found);
    plan.accounts.bank = toNamed(found);
    return;
  }
  const checking = banks.filter((record) => textAt(record, 'AccountSubType') === 'Checking');
  const only = banks.length === 1 ? banks[0] : checking.length === 1 ? checking[0] : undefined;
  if (!only) return void plan.problems.push(explainCheck.chooseBank(banks.map(nameOf)));
  settle(plan, 'account', 'bank', 'found', only);
  plan.accounts.bank = toNamed(only);
}

function pick<Role extends ItemRole | AccountRole>(
  plan: ChartPlan,
  kind: 'item' | 'account',
  records: readonly Json[],
  { role, name, chosen }: Wish<Role>,
  judge: (record: Json) => Reason | undefined = () => undefined,
): NamedRef | undefined {
  if (chosen !== undefined) {
    const found = checkChosen(plan, records, words(role), chosen, kind);
    if (!found) return undefined;
    const wrong = judge(found);
    if (wrong) plan.problems.push(wrong);
    settle(plan, kind, role, 'chosen', found);
    return toNamed(found);
  }
  const found = records.find(
    (record) => isActive(record) && nameKey(nameOf(record)) === nameKey(name) && textAt(record, 'Type') !== 'Category' && !judge(record),
  );
  if (!found) {
    plan.choices.push({ kind, role, how: 'to_be_made', name });
    return undefined;
  }
  settle(plan, kind, role, 'found', found);
  return toNamed(found);
}

/** An inactive choice is still the choice: QuickBooks will refuse, and the problem says why. */
function checkChosen(
  plan: ChartPlan,
  records: readonly Json[],
  what: string,
  id: string,
  kind: 'item' | 'account' = 'item',
): Json | undefined {
  const found = records.find((record) => textAt(record, 'Id') === id);
  if (!found) plan.problems.push(explainCheck.chosenMissing(what, id, kind));
  else if (!isActive(found)) plan.problems.push(explainCheck.chosenInactive(what, nameOf(found), kind));
  return found;
}

function settle(plan: ChartPlan, kind: 'item' | 'account', role: ItemRole | ChartAccount, how: 'chosen' | 'found', record: Json): void {
  plan.choices.push({ kind, role, how, ...toNamed(record) });
}

function toNamed(record: Json): NamedRef {
  return { id: textAt(record, 'Id') ?? '', name: nameOf(record) };
}

function nameOf(record: Json): string {
  return textAt(record, 'Name') ?? '';
}

function isActive(record: Json): boolean {
  return textAt(record, 'Active') !== 'false';
}

function words(role: string): string {
  return role.replaceAll('_', ' ');
}

const UNREADABLE: Reason = { code: 'no_answer', message: 'QuickBooks gave no usable answer.', remedy: 'Run the connect check again.' };
