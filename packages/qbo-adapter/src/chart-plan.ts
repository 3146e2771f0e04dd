import type { AccountRole, ItemRole } from '@vesper/core/document';
import type { Reason } from '@vesper/core/reason';
import type { CompanySettings } from '@vesper/core/settings';
import type { Chart, ChartAccount, NamedRef } from './chart.ts';
import { explainCheck } from './explain-check.ts';
import { nameKey } from './names.ts';
import { type Json, textAt } from './wire.ts';

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

const TAX_NAME = 'Sales Tax Collected';
/** Accounts a deposit line may go to. reference: Deposit. */
const DEPOSIT_LINE_TYPES = ['Income', 'Other Income', 'Expense', 'Other Expense', 'Other Current Asset', 'Equity', 'Cost of Goods Sold'];
/** Chooses every item and account a company needs: what the settings name, else what already bears our name, else one to be made. */
export function planChart({
  accounts,
  items,
  settings,
  taxAsLine,
}: {
  accounts: readonly Json[];
  items: readonly Json[];
  settings: Pick<CompanySettings, 'items' | 'accounts'>;
  /** QuickBooks keeps no sales tax here, so the platform's tax needs an item, on a liability account. */
  taxAsLine: boolean;
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
    ...(taxAsLine ? [{ role: 'tax' as const, name: TAX_NAME, chosen: settings.items.tax }] : []),
  ];
  for (const wish of itemWishes) {
    const found = pick(plan, 'item', items, wish);
    if (found) plan.items[wish.role] = found;
  }
  if (isToBeMade(plan, 'tax')) planTaxAccount(plan, accounts);
  for (const [what, id] of [...Object.entries(settings.items.services), ...Object.entries(settings.items.names)])
    checkChosen(plan, items, what, id);
  const income = accounts.filter((record) => textAt(record, 'AccountType') === 'Income' && isActive(record));
  const incomeAccount = income.find((record) => textAt(record, 'AccountSubType') === 'ServiceFeeIncome') ?? income[0];
  if (incomeAccount) plan.incomeAccount = toNamed(incomeAccount);
  else if (plan.choices.some(({ kind, how }) => kind === 'item' && how === 'to_be_made'))
    plan.problems.push(explainCheck.noIncomeAccount());
  return plan;
}

/** Found by its sub-type: its name is translated and its id differs. */
function planUndepositedFunds(plan: ChartPlan, accounts: readonly Json[]): void {
  const found = accounts.find((record) => textAt(record, 'AccountSubType') === 'UndepositedFunds' && isActive(record));
  if (!found) return void plan.problems.push(explainCheck.noUndepositedFunds());
  settle(plan, 'account', 'undeposited_funds', 'found', found);
  plan.accounts.undeposited_funds = toNamed(found);
}

/** Tax collected is owed, not earned: its item books to a liability, which is made before the item. */
function planTaxAccount(plan: ChartPlan, accounts: readonly Json[]): void {
  const type = 'Other Current Liability';
  const found = accounts.find(
    (record) => isActive(record) && nameKey(nameOf(record)) === nameKey(TAX_NAME) && textAt(record, 'AccountType') === type,
  );
  if (!found) return void plan.choices.unshift({ kind: 'account', role: 'sales_tax', how: 'to_be_made', name: TAX_NAME });
  settle(plan, 'account', 'sales_tax', 'found', found);
  plan.accounts.sales_tax = toNamed(found);
}

function isToBeMade({ choices }: ChartPlan, role: ChartChoice['role']): boolean {
  return choices.some((choice) => choice.role === role && choice.how === 'to_be_made');
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

export function toNamed(record: Json): NamedRef {
  return { id: textAt(record, 'Id') ?? '', name: nameOf(record) };
}

export function nameOf(record: Json): string {
  return textAt(record, 'Name') ?? '';
}

export function isActive(record: Json): boolean {
  return textAt(record, 'Active') !== 'false';
}

function words(role: string): string {
  return role.replaceAll('_', ' ');
}
