import type { Company } from '../state/company.ts';
import { businessRule } from '../wire/faults.ts';
import type { Ref } from '../wire/json.ts';
import { refId } from '../wire/json.ts';
import type { Draft } from './entity.ts';
import { requireActive } from './references.ts';

/** Money comes into, or leaves, an account of type Bank or Other Current Asset only (Intuit payment and deposit pages). */
export function moneyAccount({ company, fields, before }: Draft): Ref | undefined {
  const id = refId(fields['DepositToAccountRef']);
  if (id === undefined) return undefined;
  if (id === refId(before?.fields['DepositToAccountRef'])) return { value: id };
  const { AccountType } = requireActive(company, 'Account', id).fields;
  if (AccountType !== 'Bank' && AccountType !== 'Other Current Asset')
    throw businessRule('You need to select a different type of account for this transaction: a bank or other current asset account.');
  return { value: id };
}

/** Intuit account page: Undeposited Funds is found by its sub-type, never by Id. */
export function undepositedFunds(company: Company): string {
  company.undepositedFundsId ??= accountWith(company, 'AccountSubType', 'UndepositedFunds');
  return company.undepositedFundsId;
}

/** The account that sales on credit are booked to. */
export function receivables(company: Company): string {
  company.receivablesId ??= accountWith(company, 'AccountType', 'Accounts Receivable');
  return company.receivablesId;
}

function accountWith(company: Company, field: string, value: string): string {
  for (const account of company.table('Account').values()) if (account.fields[field] === value) return account.id;
  throw new Error(`company ${company.realmId} has no account of ${field} ${value}`);
}
