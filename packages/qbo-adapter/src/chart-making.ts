import type { ItemRole } from '@vesper/core/document';
import type { Reason } from '@vesper/core/reason';
import type { ChartAccount, NamedRef } from './chart.ts';
import { type ChartChoice, type ChartPlan, nameOf, toNamed } from './chart-plan.ts';
import { explainCheck } from './explain-check.ts';
import { nameKey } from './names.ts';
import type { QboClient } from './qbo-client.ts';
import { type Json, objectAt, textAt, toRef } from './wire.ts';

const ACCOUNT_TYPE: Readonly<Record<Exclude<ChartAccount, 'undeposited_funds' | 'bank'>, string>> = {
  processing_fees: 'Expense',
  refund_fees: 'Expense',
  returns: 'Other Current Asset',
  disputes: 'Other Current Asset',
  sales_tax: 'Other Current Liability',
};
const ITEM_DESCRIPTION: Readonly<Record<ItemRole, string>> = {
  service: 'Inspections, add-ons and fees without a product or service of their own',
  discount: 'Discounts given on the platform',
  technology_fee: 'Technology fee and its offsetting discount',
  refund: 'Refunds to clients',
  tax: 'Sales tax as charged by the platform',
};

/** Makes what the plan says must be made: accounts, then items, one after another as QuickBooks wants lists written. */
export async function completeChart(
  client: QboClient,
  plan: ChartPlan,
  newId: () => string,
): Promise<{ chosen: ChartPlan; problems: Reason[] }> {
  const chosen: ChartPlan = { ...plan, items: { ...plan.items }, accounts: { ...plan.accounts }, choices: [] };
  const problems: Reason[] = [];
  for (const choice of plan.choices) {
    const record = choice.how === 'to_be_made' ? recordOf(choice, chosen) : undefined;
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

function recordOf({ kind, role, name }: ChartChoice, { incomeAccount, accounts }: ChartPlan): Json | undefined {
  if (kind === 'account') return { Name: name, AccountType: ACCOUNT_TYPE[role as keyof typeof ACCOUNT_TYPE] };
  const account = role === 'tax' ? accounts.sales_tax : incomeAccount;
  if (!account) return undefined;
  return { Name: name, Type: 'Service', IncomeAccountRef: toRef(account.id), Description: ITEM_DESCRIPTION[role as ItemRole] };
}

const UNREADABLE: Reason = { code: 'no_answer', message: 'QuickBooks gave no usable answer.', remedy: 'Run the connect check again.' };
