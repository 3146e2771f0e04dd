import { type DocumentKey, type DocumentType, dependenciesOf } from '@vesper/core/document';
import { type LedgerRecord, isInBooks } from '@vesper/core/ledger';
import type { Operation } from '@vesper/core/operation';
import type { Reason } from '@vesper/core/reason';
import type { QboClient, ReadResult } from './qbo-client.ts';
import { isIn } from './query.ts';
import { depositOf, isVoided, linksOf } from './record.ts';
import { type Json, centsAt, textAt } from './wire.ts';

export interface UndoPlan {
  /** What takes the run back, in the order it must happen; carried out like any other operations. */
  operations: Operation[];
  /** What stays, and why. */
  skipped: { key: DocumentKey; reason: Reason }[];
}

/** What was posted last goes first. */
const ORDER: readonly DocumentType[] = ['deposit', 'refund', 'payment', 'sales_receipt', 'invoice', 'customer'];
const IDS_A_QUERY = 100;

/**
 * Plans to take back what one run posted: deposits and refunds are deleted (QuickBooks knows no void for them), the rest is voided. Left alone and
 * named: what a person has deposited, paid or edited since, and customers. Whether a record is reconciled cannot be read through the API: QuickBooks
 * refuses those itself (6450, 6480, 6540), and they are held with that reason.
 */
export async function planUndo(client: QboClient, records: readonly LedgerRecord[]): Promise<ReadResult<UndoPlan>> {
  const posted = records.filter(isInBooks);
  const current = await readAll(client, posted);
  if (current.outcome === 'failed') return current;
  const plan: UndoPlan = { operations: [], skipped: [] };
  const undone = new Map<string, DocumentKey>();
  for (const type of ORDER) {
    for (const record of posted.filter((one) => one.type === type)) {
      const name = `${record.quickbooks.entity}/${record.quickbooks.id}`;
      const reason = whyNot(record, current.value.get(name), undone);
      if (reason) {
        plan.skipped.push({ key: record.key, reason });
        continue;
      }
      undone.set(name, record.key);
      const after = plan.operations.filter(({ key }) => dependsOn(posted, key, record.key)).map(({ key }) => key);
      const kind = type === 'deposit' || type === 'refund' ? 'delete' : 'void';
      plan.operations.push({ kind, key: record.key, posted: record.posted, quickbooks: record.quickbooks, after });
    }
  }
  return { outcome: 'ok', value: plan };
}

async function readAll(
  client: QboClient,
  records: readonly { quickbooks: { entity: string; id: string }; type: string }[],
): Promise<ReadResult<Map<string, Json>>> {
  const found = new Map<string, Json>();
  const byEntity = Map.groupBy(
    records.filter(({ type }) => type !== 'customer').map(({ quickbooks }) => quickbooks),
    ({ entity }) => entity,
  );
  for (const [entity, list] of byEntity) {
    for (let start = 0; start < list.length; start += IDS_A_QUERY) {
      const ids = list.slice(start, start + IDS_A_QUERY).map(({ id }) => id);
      const read = await client.query(entity, [isIn('Id', ids)]);
      if (read.outcome === 'failed') return read;
      for (const json of read.value) found.set(`${entity}/${textAt(json, 'Id')}`, json);
    }
  }
  return { outcome: 'ok', value: found };
}

function whyNot(record: LedgerRecord, json: Json | undefined, undone: ReadonlyMap<string, DocumentKey>): Reason | undefined {
  if (record.type === 'customer') return explain.customer();
  if (!json) return explain.gone();
  if (isVoided(json)) return explain.voided();
  const deposit = depositOf(json);
  if (deposit !== undefined && !undone.has(`Deposit/${deposit}`)) return explain.deposited(deposit);
  const strangers = linksOf(json).filter(({ type, id }) => type === 'Payment' && !undone.has(`Payment/${id}`));
  if (record.type === 'invoice' && strangers.length > 0) return explain.paid(strangers.map(({ id }) => id));
  const total = centsAt(json, 'TotalAmt');
  const moved = textAt(json, 'SyncToken') !== record.quickbooks?.syncToken;
  if (moved && total !== record.quickbooks?.totalCents) return explain.edited();
  return undefined;
}

function dependsOn(posted: readonly LedgerRecord[], key: DocumentKey, on: DocumentKey): boolean {
  const document = posted.find((record) => record.key === key)?.posted;
  return document !== undefined && dependenciesOf(document).includes(on);
}

const LEAVE = 'Vesper leaves it as it is. Take it back by hand in QuickBooks if it must go.';
const explain = {
  customer: (): Reason => ({
    code: 'customer_stays',
    message: 'Customers are never deleted in QuickBooks.',
    remedy: 'Nothing to do; make it inactive by hand if it should not be seen.',
  }),
  gone: (): Reason => ({ code: 'deleted_in_quickbooks', message: 'It is not in QuickBooks any more.', remedy: 'Nothing to do.' }),
  voided: (): Reason => ({ code: 'voided_in_quickbooks', message: 'It is void in QuickBooks already.', remedy: 'Nothing to do.' }),
  deposited: (id: string): Reason => ({
    code: 'deposited',
    message: `It stands in deposit ${id}, which this run did not make.`,
    remedy: `${LEAVE} Take it off that deposit first.`,
  }),
  paid: (ids: string[]): Reason => ({
    code: 'invoice_has_payment',
    message: `It has payments that this run did not make (${ids.join(', ')}).`,
    remedy: LEAVE,
  }),
  edited: (): Reason => ({ code: 'edited_in_quickbooks', message: 'A person has changed it in QuickBooks since.', remedy: LEAVE }),
};
