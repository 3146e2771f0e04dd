import { dependenciesOf, type DocumentKey } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { Reason } from '@vesper/core/reason';
import type { BatchItem, BatchRecord } from './batch.ts';
import { deliver, doneBy } from './flush-batch.ts';
import { adoptedRecord, waitingRecord } from './flush-ledger.ts';
import type { FlushRun } from './flush-run.ts';

/** QuickBooks does not say how long it remembers a request id: past this age a batch is looked for, never resent. */
const RESEND_WITHIN_MS = 12 * 3_600_000;

/**
 * Settles what an earlier run, perhaps of a process that died, left open. Young batches are resent byte for byte under their own
 * request id; old ones are looked up document by document. A batch for former books is never sent.
 */
export async function recoverBatches(run: FlushRun): Promise<void> {
  for (const batch of await run.store.liveBatches(run.lease)) {
    if (run.stopReason()) return;
    if (batch.state === 'assembling') await run.store.releaseBatch(run.lease, batch.id);
    else if (batch.realmId === run.books.realmId) await recover(run, batch);
    else await leaveBehind(run, batch);
  }
}

async function recover(run: FlushRun, batch: BatchRecord): Promise<void> {
  const { store, clock } = run;
  const keys = new Set<DocumentKey>(batch.items.flatMap(({ key, operation }) => [key, ...referencesOf(operation)]));
  const ledger = await store.ledger(run.companyId, [...keys]);
  const first = batch.sends[0];
  const last = batch.sends.at(-1);
  if (first && clock.now() - Date.parse(first.startedAt) > RESEND_WITHIN_MS) return lookFor(run, ledger, batch);
  if (last && !(last.endedAt && last.outcome === 'later')) {
    await clock.sleep(Math.max(0, Date.parse(last.startedAt) + run.resendAfterMs - clock.now()), run.signal);
  }
  // What must be prepared anew is planned again by this same run: the documents are `planned` once more.
  await deliver(run, ledger, batch);
  forgetReplannable(run, batch);
}

/** Nothing is sent here: what is provably there is adopted, what is provably not becomes plannable again, the rest waits for a person. */
async function lookFor(run: FlushRun, ledger: Map<DocumentKey, LedgerRecord>, batch: BatchRecord): Promise<void> {
  const records: LedgerRecord[] = [];
  let isOpen = false;
  const at = new Date(run.clock.now()).toISOString();
  for (const item of batch.items) {
    if (item.outcome !== undefined && item.outcome !== 'unknown') continue;
    const known = ledger.get(item.key);
    const found = await run.books.find(item.operation, ledger);
    if (found.outcome === 'found') {
      item.outcome = 'posted';
      records.push(adoptedRecord(item.operation, known, found, at));
      run.conclude(item.key, { outcome: doneBy(item.operation) });
    } else if (found.outcome === 'absent') {
      item.outcome = 'released';
      records.push(waitingRecord(item.operation, known, 'planned', NOT_THERE));
    } else if (found.reason.code === 'look_failed') {
      // QuickBooks could not be asked: nothing is known yet, and the next run looks again.
      isOpen = true;
      run.conclude(item.key, { outcome: 'unknown', reason: found.reason });
    } else {
      item.outcome = 'hold';
      const mayStand = item.operation.kind === 'create';
      records.push({ ...waitingRecord(item.operation, known, 'failed', found.reason), ...(mayStand && { unproven: true }) });
      run.conclude(item.key, { outcome: 'failed', reason: found.reason });
    }
  }
  await run.store.settleBatch(run.lease, batch.id, { state: isOpen ? 'unknown' : 'settled', items: batch.items, records });
}

/** The books are another QuickBooks company's now. What was never sent is free to be planned for them; the rest a person must look up. */
async function leaveBehind(run: FlushRun, batch: BatchRecord): Promise<void> {
  const open = batch.items.filter(({ outcome }) => outcome === undefined || outcome === 'unknown');
  const ledger = await run.store.ledger(
    run.companyId,
    open.map(({ key }) => key),
  );
  const wasSent = batch.sends.length > 0;
  const reason = leftBehind(batch.realmId);
  const records = open.map((item) => {
    item.outcome = wasSent ? 'hold' : 'released';
    if (wasSent) run.conclude(item.key, { outcome: 'failed', reason });
    return waitingRecord(item.operation, ledger.get(item.key), wasSent ? 'failed' : 'planned', wasSent ? reason : NOT_SENT);
  });
  await run.store.settleBatch(run.lease, batch.id, { state: 'settled', items: batch.items, records });
}

/** The plan of this run decides about them; an outcome noted here must not hide it. */
function forgetReplannable(run: FlushRun, batch: BatchRecord): void {
  for (const item of batch.items) if (isReplannable(item)) run.outcomes.delete(item.key);
}

function isReplannable({ outcome }: BatchItem): boolean {
  return outcome === 'again' || outcome === 'released' || outcome === 'posted';
}

/** What it stands on too, posted long before: `after` names only what was to be settled in the same plan. */
function referencesOf(operation: BatchItem['operation']): DocumentKey[] {
  return 'document' in operation ? [...operation.after, ...dependenciesOf(operation.document)] : operation.after;
}

const leftBehind = (realmId: string): Reason => ({
  code: 'unknown_in_former_books',
  message: `It was sent to QuickBooks company ${realmId}, no answer told what became of it, and the books have been moved to another company since.`,
  remedy: 'Look there. If it is not there, replay it, and it is posted to the present books; if it is, cancel the entry.',
});

const NOT_SENT: Reason = {
  code: 'books_moved',
  message: 'It was made ready for the former QuickBooks company and never sent.',
  remedy: 'Nothing to do: it is posted to the present books.',
};

const NOT_THERE = {
  code: 'not_in_quickbooks',
  message: 'An earlier attempt had no answer; Vesper looked in QuickBooks and it is not there.',
  remedy: 'Nothing to do: it is posted anew.',
};
