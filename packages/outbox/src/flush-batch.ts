import type { ItemOutcome, SendOutcome } from '@vesper/core/books';
import type { DocumentKey } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { Operation } from '@vesper/core/operation';
import type { Reason } from '@vesper/core/reason';
import type { BatchItem, BatchRecord, BatchSend } from './batch.ts';
import { plannedRecord, postedRecord, waitingRecord } from './flush-ledger.ts';
import type { DocumentOutcome, FlushRun } from './flush-run.ts';
import { sha256 } from './sha256.ts';

export interface ReadyItem {
  operation: Operation;
  payload: unknown;
}

/** Resends of one batch in one run while its outcome stays unknown; then it waits for a later look. */
const MOST_RESENDS = 3;
/** "Not now" answers (throttling, token refresh) in one run; they cost no attempt. */
const MOST_WAITS = 20;

/** Seals a batch and sends it until its outcome is known or must be left for later. Returns operations to prepare anew. */
export async function sendBatch(run: FlushRun, ledger: Map<DocumentKey, LedgerRecord>, ready: readonly ReadyItem[]): Promise<Operation[]> {
  const sealed = await seal(run, ledger, ready);
  if (!sealed) return [];
  return deliver(run, ledger, sealed);
}

async function seal(run: FlushRun, ledger: Map<DocumentKey, LedgerRecord>, ready: readonly ReadyItem[]): Promise<BatchRecord | undefined> {
  const { store, lease, books, clock } = run;
  const requestId = clock.newId();
  // A batch can hold only what the ledger knows: each document is there, planned, before it is reserved.
  const planned = ready.map(({ operation }) => plannedRecord(operation, ledger.get(operation.key)));
  for (const record of planned) ledger.set(record.key, record);
  await store.putLedger(lease, planned);
  const numbered = ready.map(({ operation, payload }, index) => ({
    payload,
    item: { key: operation.key, bId: `b${index + 1}`, operation },
  }));
  const draft = {
    id: requestId,
    companyId: run.companyId,
    runId: run.id,
    realmId: books.realmId,
    requestId,
    items: numbered.map(({ item }) => item),
    createdAt: new Date(clock.now()).toISOString(),
  };
  const { refused } = await store.reserveBatch(lease, draft);
  for (const key of refused) run.conclude(key, { outcome: 'unknown', reason: IN_ANOTHER_BATCH });
  const won = numbered.filter(({ item }) => !refused.includes(item.key));
  if (won.length === 0) {
    await store.releaseBatch(lease, requestId);
    return undefined;
  }
  const items = won.map(({ item }) => item);
  const body = books.assemble(won.map(({ item, payload }) => ({ bId: item.bId, payload })));
  const bodySha256 = sha256(body);
  await store.sealBatch(lease, requestId, { items, body, bodySha256 });
  return { ...draft, items, state: 'sealed', fence: lease.fence, body, bodySha256, sends: [] };
}

/** Sends sealed bytes, again and again unchanged while that can help. */
export async function deliver(run: FlushRun, ledger: Map<DocumentKey, LedgerRecord>, batch: BatchRecord): Promise<Operation[]> {
  const { store, lease, books, clock } = run;
  if (!batch.body) throw new Error(`batch ${batch.id} is ${batch.state} without its bytes`);
  let open = batch.items.filter(isOpen);
  for (let resends = 0, waits = 0; ;) {
    run.assertLease();
    const send: BatchSend = { startedAt: new Date(clock.now()).toISOString() };
    await store.startSend(lease, batch.id, send);
    const startedAtMs = clock.now();
    run.countRequest();
    const answer = await books.send({ requestId: batch.requestId, body: batch.body, items: batch.items });
    const end: BatchSend = { ...send, endedAt: new Date(clock.now()).toISOString(), ...describe(answer) };
    switch (answer.outcome) {
      case 'answered': {
        const { again, unknown } = await settleAnswered(run, ledger, batch, open, answer.items, end);
        if (unknown.length === 0) return again;
        open = unknown;
        if (again.length > 0 || ++resends > MOST_RESENDS || run.stopReason()) {
          leaveUnknown(run, ledger, unknown, NO_ANSWER);
          return again;
        }
        break;
      }
      case 'unknown': {
        const last = ++resends > MOST_RESENDS || run.stopReason() !== undefined;
        await store.settleBatch(lease, batch.id, {
          state: last ? 'unknown' : 'sealed',
          items: batch.items,
          send: end,
          records: last ? unknownRecords(ledger, batch, open, answer.reason) : [],
        });
        if (last) {
          leaveUnknown(run, ledger, open, answer.reason);
          return [];
        }
        break;
      }
      case 'later': {
        await store.settleBatch(lease, batch.id, { state: 'sealed', items: batch.items, send: end, records: [] });
        if (++waits > MOST_WAITS) run.stop(answer.reason);
        if (run.stopReason()) {
          leaveUnknown(run, ledger, open, run.stopReason() ?? answer.reason);
          return [];
        }
        await clock.sleep(answer.afterMs, run.signal);
        continue;
      }
      case 'stop': {
        await store.settleBatch(lease, batch.id, { state: 'sealed', items: batch.items, send: end, records: [] });
        run.stop(answer.reason);
        leaveUnknown(run, ledger, open, answer.reason);
        return [];
      }
      case 'refused':
        return splitRefused(run, ledger, batch, open, answer.reason, end);
    }
    await clock.sleep(Math.max(0, startedAtMs + run.resendAfterMs - clock.now()), run.signal);
    if (run.stopReason()) {
      leaveUnknown(run, ledger, open, run.stopReason() ?? NO_ANSWER);
      return [];
    }
  }
}

async function settleAnswered(
  run: FlushRun,
  ledger: Map<DocumentKey, LedgerRecord>,
  batch: BatchRecord,
  open: readonly BatchItem[],
  outcomes: ReadonlyMap<string, ItemOutcome>,
  send: BatchSend,
): Promise<{ again: Operation[]; unknown: BatchItem[] }> {
  const again: Operation[] = [];
  const unknown: BatchItem[] = [];
  const records: LedgerRecord[] = [];
  for (const item of open) {
    const answer = outcomes.get(item.bId) ?? { outcome: 'unknown' as const, reason: MISSING };
    item.outcome = answer.outcome;
    const known = ledger.get(item.key);
    if (answer.outcome !== 'posted') noteWords(item, answer.reason);
    if (answer.outcome === 'posted') {
      records.push(
        postedRecord(item.operation, known, {
          quickbooks: answer.quickbooks,
          differences: answer.differences,
          at: send.endedAt ?? send.startedAt,
        }),
      );
      run.conclude(item.key, { outcome: doneBy(item.operation) });
    } else if (answer.outcome === 'again') {
      records.push({ ...waitingRecord(item.operation, known, 'planned', answer.reason), ...(answer.unproven && { unproven: true }) });
      again.push(item.operation);
    } else if (answer.outcome === 'unknown') {
      unknown.push(item);
      records.push({ ...waitingRecord(item.operation, known, 'unknown', answer.reason), batchId: batch.id });
    } else {
      const state = answer.outcome === 'hold' ? 'held' : 'failed';
      const unproven = answer.outcome === 'fail' && answer.unproven;
      records.push({
        ...waitingRecord(item.operation, known, state, answer.reason),
        attempts: (known?.attempts ?? 0) + 1,
        ...(unproven && { unproven }),
      });
      run.conclude(item.key, { outcome: state, reason: answer.reason });
    }
  }
  for (const record of records) ledger.set(record.key, record);
  await run.store.settleBatch(run.lease, batch.id, {
    state: unknown.length > 0 ? 'unknown' : 'settled',
    items: batch.items,
    send,
    records,
  });
  return { again, unknown };
}

/** A whole batch QuickBooks refused is known not to have taken effect: halves under new request ids find the one item to blame. */
async function splitRefused(
  run: FlushRun,
  ledger: Map<DocumentKey, LedgerRecord>,
  batch: BatchRecord,
  open: readonly BatchItem[],
  reason: Reason,
  send: BatchSend,
): Promise<Operation[]> {
  const isAlone = batch.items.length === 1;
  const records = open.map((item) => {
    item.outcome = isAlone ? 'fail' : 'released';
    if (isAlone) noteWords(item, reason);
    return waitingRecord(item.operation, ledger.get(item.key), isAlone ? 'failed' : 'planned', reason);
  });
  for (const record of records) ledger.set(record.key, record);
  await run.store.settleBatch(run.lease, batch.id, { state: 'settled', items: batch.items, send, records });
  if (isAlone) {
    for (const { key } of open) run.conclude(key, { outcome: 'failed', reason });
    return [];
  }
  const operations = open.map(({ operation }) => operation);
  const prepared = await run.books.prepare(operations, ledger);
  const ready = prepared.flatMap((item, index) => {
    const operation = operations[index];
    return item.outcome === 'send' && operation ? [{ operation, payload: item.payload }] : [];
  });
  const again = operations.filter((operation) => !ready.some((item) => item.operation === operation));
  const middle = Math.ceil(ready.length / 2);
  for (const half of [ready.slice(0, middle), ready.slice(middle)]) {
    if (half.length > 0) again.push(...(await sendBatch(run, ledger, half)));
  }
  return again;
}

function isOpen({ outcome }: BatchItem): boolean {
  return outcome === undefined || outcome === 'unknown';
}

function unknownRecords(
  ledger: ReadonlyMap<DocumentKey, LedgerRecord>,
  batch: BatchRecord,
  items: readonly BatchItem[],
  reason: Reason,
): LedgerRecord[] {
  return items.map((item) => ({ ...waitingRecord(item.operation, ledger.get(item.key), 'unknown', reason), batchId: batch.id }));
}

function leaveUnknown(run: FlushRun, ledger: Map<DocumentKey, LedgerRecord>, items: readonly BatchItem[], reason: Reason): void {
  for (const { key, operation } of items) {
    const outcome: DocumentOutcome = { outcome: 'unknown', reason };
    ledger.set(key, waitingRecord(operation, ledger.get(key), 'unknown', reason));
    run.conclude(key, outcome);
  }
}

export function doneBy(operation: Operation): 'posted' | 'updated' | 'voided' {
  if (operation.kind === 'create') return 'posted';
  return operation.kind === 'update' ? 'updated' : 'voided';
}

function noteWords(item: BatchItem, { quickbooks }: Reason): void {
  if (quickbooks?.code !== undefined) item.code = quickbooks.code;
  if (quickbooks?.detail !== undefined) item.detail = quickbooks.detail;
}

function describe(answer: SendOutcome): Pick<BatchSend, 'outcome' | 'intuitTid' | 'detail'> {
  if (answer.outcome === 'answered') return { outcome: 'answered', ...(answer.intuitTid !== undefined && { intuitTid: answer.intuitTid }) };
  const { quickbooks, message } = answer.reason;
  return { outcome: answer.outcome, detail: message, ...(quickbooks?.intuitTid !== undefined && { intuitTid: quickbooks.intuitTid }) };
}

const IN_ANOTHER_BATCH: Reason = {
  code: 'in_another_batch',
  message: 'The document is in an earlier batch whose outcome is not known yet.',
  remedy: 'Nothing to do: it is settled by that batch first.',
};

const MISSING: Reason = {
  code: 'answer_missing',
  message: 'QuickBooks answered the batch but left this document out, so nobody knows yet whether it is there.',
  remedy: 'Vesper asks again with the same request id, then looks for it in QuickBooks; it never sends it twice.',
};

const NO_ANSWER: Reason = {
  code: 'outcome_unknown',
  message: 'It was sent to QuickBooks and no answer told what became of it.',
  remedy: 'Vesper looks for it in QuickBooks on the next run and never sends it again blindly. Look there yourself if it is urgent.',
};
