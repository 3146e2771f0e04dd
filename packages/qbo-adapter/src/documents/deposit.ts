import type { DepositDocument } from '@vesper/core/document';
import { formatDollars } from '@vesper/core/money';
import { accountIdOf } from '../chart.ts';
import { toNote } from '../marker.ts';
import { shorten } from '../names.ts';
import { type Json, centsAt, listAt, refAt, textAt, toAmount, toRef } from '../wire.ts';
import { type Mapped, type MappingRoom, hold, mapped, missing } from './mapping.ts';
import { compareCents } from './sales-lines.ts';

/** Records whose money waits in Undeposited Funds; a credit memo moves none. */
const DEPOSITABLE = new Set(['Payment', 'SalesReceipt', 'RefundReceipt']);

/** A payout as a deposit: posted documents out of Undeposited Funds, fees and returns to their accounts, to the cent of the bank line. */
export function toQboDeposit(document: DepositDocument, { companyId, chart, recordOf }: MappingRoom): Mapped {
  const bank = chart.accounts.bank;
  if (!bank) return missing.account('bank');
  const sum = document.lines.reduce((total, line) => total + line.amountCents, 0);
  if (sum !== document.totalCents) return doesNotAddUp(document, sum);
  const lines: Json[] = [];
  for (const line of document.lines) {
    if (line.kind === 'document') {
      const record = recordOf(line.documentKey);
      if (!record) return missing.document(line.documentKey);
      if (!DEPOSITABLE.has(record.entity)) return notDepositable(line.documentKey, record.entity);
      lines.push({ Amount: toAmount(line.amountCents), LinkedTxn: [{ TxnId: record.id, TxnType: record.entity, TxnLineId: '0' }] });
    } else {
      const accountId = accountIdOf(chart, line.account);
      if (accountId === undefined) return missing.account(line.account.role);
      lines.push({
        Amount: toAmount(line.amountCents),
        Description: shorten(line.description, 4_000),
        DetailType: 'DepositLineDetail',
        DepositLineDetail: { AccountRef: toRef(accountId) },
      });
    }
  }
  return mapped('Deposit', {
    DepositToAccountRef: toRef(bank.id),
    TxnDate: document.date,
    PrivateNote: toNote({ companyId, key: document.key, words: `payout ${document.payoutId}` }),
    Line: lines,
    CurrencyRef: chart.multicurrency ? toRef(chart.homeCurrency) : undefined,
  });
}

/** Total, date, account, and every line by what it links or books. */
export function compareDeposit(answer: Json, sent: Json): string[] {
  const differences: string[] = [];
  const date = textAt(answer, 'TxnDate');
  if (date !== textAt(sent, 'TxnDate')) differences.push(`date: ${date ?? 'none'} instead of ${textAt(sent, 'TxnDate')}`);
  const account = refAt(answer, 'DepositToAccountRef');
  if (account !== refAt(sent, 'DepositToAccountRef'))
    differences.push(`account: ${account ?? 'none'} instead of ${refAt(sent, 'DepositToAccountRef')}`);
  const [wanted, found] = [linesOf(sent), linesOf(answer)];
  for (const [name, cents] of wanted) differences.push(...compareCents(name, found.get(name) ?? 0, cents));
  for (const [name, cents] of found) if (!wanted.has(name)) differences.push(...compareCents(name, cents, 0));
  const total = listAt(sent, 'Line').reduce((sum, line) => sum + (centsAt(line, 'Amount') ?? 0), 0);
  return [...differences, ...compareCents('total', centsAt(answer, 'TotalAmt'), total)];
}

function linesOf(deposit: Json): Map<string, number> {
  const byName = new Map<string, number>();
  for (const line of listAt(deposit, 'Line')) {
    const [link] = listAt(line, 'LinkedTxn');
    const detail = line['DepositLineDetail'] as Json | undefined;
    const name = link ? `${textAt(link, 'TxnType')} ${textAt(link, 'TxnId')}` : `account ${refAt(detail, 'AccountRef') ?? 'none'}`;
    byName.set(name, (byName.get(name) ?? 0) + (centsAt(line, 'Amount') ?? 0));
  }
  return byName;
}

function doesNotAddUp({ payoutId, totalCents }: DepositDocument, sum: number): Mapped {
  return hold(
    'deposit_does_not_add_up',
    `The lines of payout ${payoutId} add up to ${formatDollars(sum)}, the bank line says ${formatDollars(totalCents)}.`,
    'Compare the payout with the platform and the bank; nothing is adjusted to make it fit.',
  );
}

function notDepositable(key: string, entity: string): Mapped {
  return hold(
    'not_depositable',
    `${key} is a ${entity} in QuickBooks, whose money is not in Undeposited Funds, so a deposit cannot contain it.`,
    'Book refunds as refund receipts (setting "refunds"), or enter this deposit in QuickBooks by hand.',
  );
}
