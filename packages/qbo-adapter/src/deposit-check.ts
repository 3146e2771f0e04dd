import type { DepositDocument } from '@vesper/core/document';
import type { Ledger } from '@vesper/core/ledger';
import { formatDollars } from '@vesper/core/money';
import type { Reason } from '@vesper/core/reason';
import type { BooksSession } from './books-session.ts';

/**
 * Whether every document of a payout still lies in Undeposited Funds with the amount the payout says, so that the deposit equals the bank line: a
 * reason to wait, or nothing. `ownId` is the deposit itself when it is being changed. The records have been read.
 */
export function depositProblem(session: BooksSession, document: DepositDocument, ledger: Ledger, ownId?: string): Reason | undefined {
  for (const line of document.lines) {
    if (line.kind !== 'document') continue;
    const quickbooks = ledger.get(line.documentKey)?.quickbooks;
    if (!quickbooks) continue;
    const standing = session.standing.get(`${quickbooks.entity}/${quickbooks.id}`);
    if (!standing || standing.voided) return gone(document, line.documentKey);
    const { depositId, totalCents: cents } = standing;
    if (depositId !== undefined && depositId !== ownId) return elsewhere(document, line.documentKey, depositId);
    if (cents !== Math.abs(line.amountCents)) return otherAmount(document, line.documentKey, { cents, wanted: Math.abs(line.amountCents) });
  }
  return undefined;
}

const BY_HAND = 'Put it right in QuickBooks and replay, or enter this deposit by hand.';

const gone = ({ payoutId }: DepositDocument, key: string): Reason => ({
  code: 'not_in_quickbooks',
  message: `Payout ${payoutId} contains ${key}, which a person has deleted or voided in QuickBooks.`,
  remedy: BY_HAND,
});

const elsewhere = ({ payoutId }: DepositDocument, key: string, deposit: string): Reason => ({
  code: 'deposited_elsewhere',
  message: `Payout ${payoutId} contains ${key}, which a person has put into deposit ${deposit} in QuickBooks.`,
  remedy: `Take it off deposit ${deposit} in QuickBooks and replay; or, if that deposit is this payout, cancel this one.`,
});

const otherAmount = (
  { payoutId }: DepositDocument,
  key: string,
  { cents, wanted }: { cents: number | undefined; wanted: number },
): Reason => ({
  code: 'amount_differs',
  message: `Payout ${payoutId} contains ${key} with ${formatDollars(wanted)}; QuickBooks has ${cents === undefined ? 'no amount' : formatDollars(cents)}, so the deposit would not equal the bank line.`,
  remedy: BY_HAND,
});
