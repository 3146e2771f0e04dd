import { readMark } from '@vesper/qbo-adapter/marker';
import type { QboClient } from '@vesper/qbo-adapter/qbo-client';
import { noTotals, type BooksTotals } from './control-totals.ts';

const ENTITIES = [
  ['Invoice', 'invoices'],
  ['Payment', 'payments'],
  ['SalesReceipt', 'salesReceipts'],
  ['RefundReceipt', 'refunds'],
  ['CreditMemo', 'refunds'],
  ['Deposit', 'deposits'],
] as const;

/** What QuickBooks holds of ours for these days: one query a type. */
export async function readBooksTotals(
  client: QboClient,
  companyId: string,
  { from, to }: { from: string; to: string },
): Promise<BooksTotals> {
  const totals = noTotals();
  const records: { entity: string; id: string; totalCents: number }[] = [];
  for (const [entity, kind] of ENTITIES) {
    const read = await client.query(entity, [`TxnDate >= '${from}'`, `TxnDate <= '${to}'`]);
    if (read.outcome === 'failed') throw new Error(`QuickBooks could not be read: ${read.verdict.reason.message}`);
    for (const record of read.value) {
      const note = typeof record.PrivateNote === 'string' ? record.PrivateNote : '';
      if (readMark(note)?.companyId !== companyId) continue;
      const totalCents = Math.round(Number(record.TotalAmt ?? 0) * 100);
      records.push({ entity, id: String(record.Id), totalCents });
      totals[kind].count += 1;
      totals[kind].cents += totalCents;
    }
  }
  return { totals, records };
}
