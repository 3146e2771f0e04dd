import { foldPayments } from '@vesper/core/fold';
import type { Reason } from '@vesper/core/reason';
import type { Store } from '@vesper/outbox/store';
import type { Undeposited } from '@vesper/qbo-adapter/control-totals';
import { readTold, type Told } from '../told-events.ts';

/** One record whose money waits in Undeposited Funds; refunds are negative. */
export interface UndepositedRow {
  documentKey: string;
  /** QuickBooks' entity and id. */
  entity: string;
  id: string;
  date: string;
  amountCents: number;
  code: 'not_paid_out' | 'payout_waits' | 'external' | 'deposit_gone' | 'unknown_here';
  why: string;
}

export type UndepositedFunds = { outcome: 'read'; totalCents: number; rows: UndepositedRow[] } | { outcome: 'unreadable'; reason: Reason };

const CHUNK = 300;

/** Why each record still lies in Undeposited Funds, from what the platform told of its payment and its payouts. */
export async function explainUndeposited(store: Store, companyId: string, found: readonly Undeposited[]): Promise<UndepositedFunds> {
  const rows: UndepositedRow[] = [];
  for (let start = 0; start < found.length; start += CHUNK) {
    const chunk = found.slice(start, start + CHUNK);
    const told = await readTold(store, companyId, new Set(chunk.map(({ documentKey }) => subjectOf(documentKey))));
    for (const record of chunk) rows.push(await toRow(store, companyId, record, told.get(subjectOf(record.documentKey)) ?? []));
  }
  return { outcome: 'read', totalCents: rows.reduce((sum, { amountCents }) => sum + amountCents, 0), rows };
}

/** The payment a receipt, payment or refund is of. */
function subjectOf(documentKey: string): string {
  const [, id = ''] = documentKey.split('/');
  return `payment/${id}`;
}

async function toRow(store: Store, companyId: string, record: Undeposited, told: readonly Told[]): Promise<UndepositedRow> {
  const { documentKey, entity, id, date, totalCents: amountCents } = record;
  const row = { documentKey, entity, id, date, amountCents };
  const paymentId = subjectOf(documentKey).slice('payment/'.length);
  const payment = foldPayments(told.map(({ event }) => event)).get(paymentId);
  if (!payment) return { ...row, code: 'unknown_here', why: 'No stored webhook tells of its payment any more.' };
  if (payment.payment.processor === 'external')
    return {
      ...row,
      code: 'external',
      why: `It was taken outside the platform (${payment.payment.method}): record its bank deposit in QuickBooks by hand.`,
    };
  const kind = documentKey.startsWith('refund/') ? 'refund' : 'payment';
  const payout = payment.payouts.find(({ items }) => items.some((item) => item.kind === kind));
  if (!payout)
    return {
      ...row,
      code: 'not_paid_out',
      why: 'No payout of the platform contains it yet; its deposit is made with the payout that does.',
    };
  const deposit = (await store.ledger(companyId, [`deposit/${payout.payoutId}`])).get(`deposit/${payout.payoutId}`);
  if (deposit?.state === 'posted')
    return {
      ...row,
      code: 'deposit_gone',
      why: `It belongs to payout ${payout.payoutId}, whose deposit was posted but does not hold it in QuickBooks: the deposit was changed or deleted there.`,
    };
  return {
    ...row,
    code: 'payout_waits',
    why: `It belongs to payout ${payout.payoutId}, whose deposit is not posted.${deposit?.reason ? ` ${deposit.reason.message}` : ''}`,
  };
}
