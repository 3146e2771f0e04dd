import type { BatchSend, BatchState } from './batch.ts';
import type { LedgerRecord } from '@vesper/core/ledger';

/** Whether a document is still held by its batch after the answer: only while the batch lives and its own outcome is open. */
export const staysInBatch = (batchState: BatchState, record: Pick<LedgerRecord, 'state'>): boolean =>
  batchState !== 'settled' && (record.state === 'sealed' || record.state === 'unknown');

/** The sends with this one in its place: a send is known by its start, so telling its end twice changes nothing. */
export function withSend(sends: readonly BatchSend[], send: BatchSend): BatchSend[] {
  const known = sends.findIndex(({ startedAt }) => startedAt === send.startedAt);
  return known < 0 ? [...sends, send] : sends.with(known, send);
}
