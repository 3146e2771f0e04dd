import type { AccountRole, DepositLine } from './document.ts';
import type { Payout } from './event.ts';
import { withId } from './item-choice.ts';
import { sumCents } from './money.ts';
import type { CompanySettings } from './settings.ts';

type AccountLine = Extract<DepositLine, { kind: 'account' }>;

/** A deposit line that books money straight to the account the company chose for its role. */
export function accountLine(role: AccountRole, description: string, amountCents: number, { accounts }: CompanySettings): AccountLine {
  const ids: Record<AccountRole, string | undefined> = {
    processing_fees: accounts.processingFees,
    refund_fees: accounts.refundFees,
    returns: accounts.returns,
    disputes: accounts.disputes,
  };
  return { kind: 'account', account: withId(role, ids[role]), description, amountCents };
}

/** The platform's fees, one line a kind: what it kept less what it gave back. */
export function feeLines({ items }: Payout, settings: CompanySettings): AccountLine[] {
  const total = (kind: 'fee' | 'refund_fee') => sumCents(items.filter((item) => item.kind === kind).map(({ amountCents }) => amountCents));
  return [
    accountLine('processing_fees', 'Processing fees', total('fee'), settings),
    accountLine('refund_fees', 'Refund fees', total('refund_fee'), settings),
  ].filter(({ amountCents }) => amountCents !== 0);
}
