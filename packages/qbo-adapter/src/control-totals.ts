import { readMark } from './marker.ts';
import type { QboClient, ReadResult } from './qbo-client.ts';
import { between } from './query.ts';
import { depositOf, isVoided } from './record.ts';
import { type Json, centsAt, refAt, textAt } from './wire.ts';
import type { Chart } from './chart.ts';
import { QboError } from './qbo-error.ts';

/** Number and sum of what stands in QuickBooks. */
export interface Total {
  count: number;
  cents: number;
}

export type TotalKind = 'invoices' | 'payments' | 'salesReceipts' | 'refunds' | 'deposits';
export type Totals = Record<TotalKind, Total>;

export interface BooksRecord {
  entity: string;
  id: string;
  documentKey: string;
  date: string;
  totalCents: number;
}

export interface BooksTotals {
  totals: Totals;
  /** By day, for reports over several days. */
  byDate: Record<string, Totals>;
  /** Every record of this company that carries our mark, void ones (at zero) included. */
  records: BooksRecord[];
  /** Documents that stand more than once, live: a write that landed late beside its successor. */
  doubles: { documentKey: string; records: BooksRecord[] }[];
}

const KIND_OF: Readonly<Record<string, TotalKind>> = {
  Invoice: 'invoices',
  Payment: 'payments',
  SalesReceipt: 'salesReceipts',
  RefundReceipt: 'refunds',
  CreditMemo: 'refunds',
  Deposit: 'deposits',
};

/**
 * What QuickBooks holds of ours, dated within these days: one query a type (more only beyond 1,000 records). Records a person entered carry no mark and
 * are left out. Throws a `QboError` when QuickBooks cannot be read: totals of a failed look would be wrong ones.
 */
export async function readTotals(client: QboClient, companyId: string, days: { from: string; to: string }): Promise<BooksTotals> {
  const found: BooksTotals = { totals: noTotals(), byDate: {}, records: [], doubles: [] };
  const live = new Map<string, BooksRecord[]>();
  for (const [entity, kind] of Object.entries(KIND_OF)) {
    const read = await client.query(entity, [between('TxnDate', days)]);
    if (read.outcome === 'failed') throw new QboError('unreadable', read.verdict.reason);
    for (const json of read.value) {
      const mark = readMark(textAt(json, 'PrivateNote'));
      if (mark?.companyId !== companyId) continue;
      const record = {
        documentKey: mark.key,
        entity,
        id: textAt(json, 'Id') ?? '',
        date: textAt(json, 'TxnDate') ?? '',
        totalCents: centsAt(json, 'TotalAmt') ?? 0,
      };
      found.records.push(record);
      if (isVoided(json)) continue;
      live.set(mark.key, [...(live.get(mark.key) ?? []), record]);
      add(found.totals[kind], record.totalCents);
      add((found.byDate[record.date] ??= noTotals())[kind], record.totalCents);
    }
  }
  for (const [documentKey, records] of live) if (records.length > 1) found.doubles.push({ documentKey, records });
  return found;
}

/** A record of ours whose money still waits in Undeposited Funds: no payout has brought it to the bank. */
export type Undeposited = BooksRecord;

/** What lies in Undeposited Funds since a day, refunds as negative amounts: three reads. */
export async function undeposited(
  client: QboClient,
  { companyId, chart, from }: { companyId: string; chart: Chart; from: string },
): Promise<ReadResult<Undeposited[]>> {
  const account = chart.accounts.undeposited_funds?.id;
  const waiting: Undeposited[] = [];
  for (const entity of ['Payment', 'SalesReceipt', 'RefundReceipt']) {
    const read = await client.query(entity, [`TxnDate >= '${from}'`]);
    if (read.outcome === 'failed') return read;
    for (const json of read.value) {
      const mark = readMark(textAt(json, 'PrivateNote'));
      if (mark?.companyId !== companyId || isVoided(json) || depositOf(json) !== undefined) continue;
      if (account !== undefined && refAt(json, 'DepositToAccountRef') !== account) continue;
      waiting.push(toUndeposited(entity, json, mark.key));
    }
  }
  return { outcome: 'ok', value: waiting };
}

function toUndeposited(entity: string, json: Json, documentKey: string): Undeposited {
  const cents = centsAt(json, 'TotalAmt') ?? 0;
  return {
    entity,
    id: textAt(json, 'Id') ?? '',
    date: textAt(json, 'TxnDate') ?? '',
    totalCents: entity === 'RefundReceipt' ? -cents : cents,
    documentKey,
  };
}

function noTotals(): Totals {
  return { invoices: noTotal(), payments: noTotal(), salesReceipts: noTotal(), refunds: noTotal(), deposits: noTotal() };
}

function noTotal(): Total {
  return { count: 0, cents: 0 };
}

function add(total: Total, cents: number): void {
  total.count += 1;
  total.cents += cents;
}
