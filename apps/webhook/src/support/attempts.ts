import type { DocumentKey } from '@vesper/core/document';
import type { BatchItem, BatchSend } from '@vesper/outbox/batch';
import type { Store } from '@vesper/outbox/store';

/** One sending of a document to QuickBooks, in QuickBooks' own words. */
export interface StoryAttempt {
  kind: BatchItem['operation']['kind'];
  /** The request id it went under; the same for a resend of the same bytes. */
  requestId: string;
  runId: string;
  /** Absent when it was sealed and never sent. */
  startedAt?: string;
  endedAt?: string;
  /** What became of the request: `answered`, `unknown`, `later`, `refused`, `stop`. */
  sent?: BatchSend['outcome'];
  /** What became of the document, on the last sending. */
  outcome?: BatchItem['outcome'];
  code?: string;
  detail?: string;
  intuitTid?: string;
}

/** Every attempt of a document, newest first. */
export async function attemptsOf(store: Pick<Store, 'batchesOf'>, companyId: string, key: DocumentKey): Promise<StoryAttempt[]> {
  const batches = await store.batchesOf(companyId, key);
  return batches.flatMap(({ requestId, runId, items, sends }) => {
    const item = items.find((one) => one.key === key);
    if (!item) return [];
    const known = { kind: item.operation.kind, requestId, runId };
    const result = {
      ...(item.outcome && { outcome: item.outcome }),
      ...(item.code !== undefined && { code: item.code }),
      ...(item.detail !== undefined && { detail: item.detail }),
    };
    if (sends.length === 0) return [{ ...known, ...result }];
    return sends
      .map(({ startedAt, endedAt, outcome, intuitTid, detail }, index) => ({
        ...known,
        startedAt,
        ...(endedAt !== undefined && { endedAt }),
        ...(outcome && { sent: outcome }),
        ...(detail !== undefined && { detail }),
        ...(intuitTid !== undefined && { intuitTid }),
        ...(index === sends.length - 1 && result),
      }))
      .toReversed();
  });
}
