import type { Prepared } from '@vesper/core/books';
import type { DocumentKey } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { Operation } from '@vesper/core/operation';
import type { NothingToDo } from '@vesper/core/plan';
import type { Reason } from '@vesper/core/reason';
import { sendBatch, type ReadyItem } from './flush-batch.ts';
import { adoptedRecord, waitingRecord } from './flush-ledger.ts';
import type { PlannedChunk } from './flush-plan.ts';
import type { FlushRun } from './flush-run.ts';

/** How often one operation may be prepared anew in one run because the ground moved under it. */
const MOST_PREPARATIONS = 4;

/**
 * Carries out the operations of a chunk: each once all it comes after has settled well, in full batches where possible.
 * Name-list batches go one at a time, because QuickBooks wants list entities written serially; transactions go side by side.
 */
export async function executeOperations(run: FlushRun, chunk: PlannedChunk): Promise<void> {
  const waiting = new Map<DocumentKey, Operation>();
  for (const difference of chunk.differences) {
    if (difference.kind === 'none') noteNone(run, chunk, difference.key, difference.why);
    // What this run has found to need a person, or to be in doubt, is not sent by the same run all the same.
    else if (!hasEndedBadly(run, difference.key)) waiting.set(difference.key, difference);
  }
  const lanes: Record<'list' | 'transactions', ReadyItem[]> = { list: [], transactions: [] };
  const preparations = new Map<DocumentKey, number>();
  const underWay = new Set<Promise<void>>();
  let listUnderWay = false;
  let failure: { cause: unknown } | undefined;

  const launch = (items: ReadyItem[], isList: boolean): void => {
    listUnderWay ||= isList;
    const sending = sendBatch(run, chunk.ledger, items)
      .then((again) => {
        for (const operation of again) waiting.set(operation.key, operation);
      })
      .catch((cause: unknown) => {
        failure ??= { cause };
      })
      .finally(() => {
        underWay.delete(sending);
        if (isList) listUnderWay = false;
      });
    underWay.add(sending);
  };

  for (;;) {
    if (failure) break;
    if (!run.stopReason()) {
      await prepareReady(run, chunk, waiting, preparations, lanes);
      const { batchSize, concurrency } = run.books;
      if (!listUnderWay && lanes.list.length > 0) launch(lanes.list.splice(0, batchSize), true);
      while (underWay.size < concurrency && lanes.transactions.length >= batchSize) launch(lanes.transactions.splice(0, batchSize), false);
      if (underWay.size === 0 && lanes.transactions.length > 0) launch(lanes.transactions.splice(0, batchSize), false);
    }
    if (underWay.size === 0) {
      const movable =
        lanes.list.length + lanes.transactions.length > 0 || [...waiting.values()].some((operation) => isReady(run, operation, waiting));
      if (run.stopReason() || !movable) break;
      continue;
    }
    await Promise.race(underWay);
  }
  await Promise.all(underWay);
  if (failure) throw failure.cause;
  await leaveWaiting(run, chunk, [
    ...waiting.values(),
    ...lanes.list.map(({ operation }) => operation),
    ...lanes.transactions.map(({ operation }) => operation),
  ]);
}

async function prepareReady(
  run: FlushRun,
  chunk: PlannedChunk,
  waiting: Map<DocumentKey, Operation>,
  preparations: Map<DocumentKey, number>,
  lanes: Record<'list' | 'transactions', ReadyItem[]>,
): Promise<void> {
  const ready = [...waiting.values()].filter((operation) => isReady(run, operation, waiting));
  if (ready.length === 0) return;
  for (const { key } of ready) {
    waiting.delete(key);
    preparations.set(key, (preparations.get(key) ?? 0) + 1);
  }
  const worn = ready.filter(({ key }) => (preparations.get(key) ?? 0) > MOST_PREPARATIONS);
  const records: LedgerRecord[] = worn.map((operation) => settle(run, chunk, operation, { outcome: 'hold', reason: UNSTEADY }));
  const fresh: Operation[] = [];
  for (const operation of ready) {
    if (worn.includes(operation)) continue;
    const found = await lookFirst(run, chunk, operation);
    if (found) records.push(settle(run, chunk, operation, found));
    else fresh.push(operation);
  }
  const prepared = await run.books.prepare(fresh, chunk.ledger);
  for (const [index, operation] of fresh.entries()) {
    const item = prepared[index];
    if (!item) throw new Error(`the books prepared ${prepared.length} of ${fresh.length} operations`);
    if (item.outcome === 'stop') {
      waiting.set(operation.key, operation);
      run.stop(item.reason);
    } else if (item.outcome === 'send') lanes[item.list ? 'list' : 'transactions'].push({ operation, payload: item.payload });
    else records.push(settle(run, chunk, operation, item));
  }
  if (records.length > 0) await run.store.putLedger(run.lease, records);
}

/**
 * An earlier creation that may stand in QuickBooks is looked for before a new one: what was not provable once can be by now, and must
 * not be doubled while it is not. Undefined when nothing stands in the way.
 */
async function lookFirst(
  run: FlushRun,
  chunk: PlannedChunk,
  operation: Operation,
): Promise<Exclude<Prepared, { outcome: 'send' | 'stop' }> | undefined> {
  if (operation.kind !== 'create' || !chunk.ledger.get(operation.key)?.unproven) return undefined;
  const found = await run.books.find(operation, chunk.ledger);
  switch (found.outcome) {
    case 'found':
      return { ...found, outcome: 'adopt' };
    case 'absent':
      return undefined;
    case 'unclear':
      return { outcome: found.reason.code === 'look_failed' ? 'hold' : 'fail', reason: found.reason };
  }
}

/** Everything it comes after has settled, well or not; badly settled parents block it in `leaveWaiting`. */
function isReady(run: FlushRun, operation: Operation, waiting: ReadonlyMap<DocumentKey, Operation>): boolean {
  return operation.after.every((key) => !waiting.has(key) && hasSettledWell(run, key));
}

function hasEndedBadly(run: FlushRun, key: DocumentKey): boolean {
  const outcome = run.outcomes.get(key)?.outcome;
  return outcome === 'failed' || outcome === 'unknown';
}

function hasSettledWell(run: FlushRun, key: DocumentKey): boolean {
  const outcome = run.outcomes.get(key)?.outcome;
  return outcome === 'posted' || outcome === 'updated' || outcome === 'voided' || outcome === 'none';
}

function settle(
  run: FlushRun,
  chunk: PlannedChunk,
  operation: Operation,
  prepared: Exclude<Prepared, { outcome: 'send' | 'stop' }>,
): LedgerRecord {
  const known = chunk.ledger.get(operation.key);
  const record =
    prepared.outcome === 'adopt'
      ? adoptedRecord(operation, known, prepared, new Date(run.clock.now()).toISOString())
      : waitingRecord(operation, known, prepared.outcome === 'hold' ? 'held' : 'failed', prepared.reason);
  chunk.ledger.set(operation.key, record);
  run.conclude(
    operation.key,
    prepared.outcome === 'adopt'
      ? { outcome: operation.kind === 'create' ? 'posted' : operation.kind === 'update' ? 'updated' : 'voided' }
      : { outcome: prepared.outcome === 'hold' ? 'held' : 'failed', reason: prepared.reason },
  );
  return record;
}

function noteNone(run: FlushRun, chunk: PlannedChunk, key: DocumentKey, why: NothingToDo): void {
  if (run.outcomes.has(key)) return;
  const reason = chunk.ledger.get(key)?.reason;
  switch (why) {
    case 'already_there':
    case 'never_posted':
    case 'already_gone':
    case 'newer_there':
      return run.conclude(key, { outcome: 'none' });
    case 'outcome_unknown':
      return run.conclude(key, { outcome: 'unknown', reason: reason ?? OUTCOME_UNKNOWN });
    case 'dependency_missing':
      return run.conclude(key, { outcome: 'held', reason: reason ?? DEPENDENCY_MISSING });
  }
}

/** What could not be tried: a document before it failed, or the run stopped. It waits with that reason and is tried again next time. */
async function leaveWaiting(run: FlushRun, chunk: PlannedChunk, left: readonly Operation[]): Promise<void> {
  const stopReason = run.stopReason();
  const records = left.map((operation) => {
    const blocker = operation.after.find((key) => !hasSettledWell(run, key));
    const reason = stopReason ?? blockedBy(blocker ?? operation.key, blocker ? run.outcomes.get(blocker) : undefined);
    const record = waitingRecord(operation, chunk.ledger.get(operation.key), stopReason ? 'planned' : 'held', reason);
    chunk.ledger.set(operation.key, record);
    run.conclude(operation.key, { outcome: 'held', reason });
    return record;
  });
  if (records.length > 0) await run.store.putLedger(run.lease, records);
}

function blockedBy(key: DocumentKey, outcome: { outcome: string; reason?: Reason } | undefined): Reason {
  return {
    code: 'waits_for_document',
    message: `It waits for ${key}, which is ${outcome?.outcome ?? 'not posted'}${outcome?.reason ? `: ${outcome.reason.message}` : '.'}`,
    remedy: `Solve ${key} first; this one follows by itself on the next evening or replay.`,
  };
}

const UNSTEADY: Reason = {
  code: 'changed_meanwhile',
  message: 'The record kept changing in QuickBooks while Vesper tried to write it.',
  remedy: 'Close the record in QuickBooks if somebody has it open; the next evening tries again.',
};

const DEPENDENCY_MISSING: Reason = {
  code: 'waits_for_document',
  message: 'A document it stands on, its customer, invoice or payment, is not in QuickBooks and is not about to be.',
  remedy: 'Look at the other documents of this inspection: the one that waits or failed says what to do. This one follows by itself.',
};

const OUTCOME_UNKNOWN: Reason = {
  code: 'outcome_unknown',
  message: 'It was sent to QuickBooks and no answer came back, so Vesper does not know yet whether it is there.',
  remedy: 'Vesper looks for it in QuickBooks on the next run and never sends it again blindly. Look there yourself if it is urgent.',
};
