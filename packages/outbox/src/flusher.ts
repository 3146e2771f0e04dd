import { localDate } from '@vesper/core/local-date';
import type { Books } from '@vesper/core/books';
import type { Reason } from '@vesper/core/reason';
import type { CompanySettings } from '@vesper/core/settings';
import { collectWork, splitRef } from './flush-work.ts';
import { settleEntriesOf, settleStatements } from './flush-entries.ts';
import { createFlushRun, type FlushRun } from './flush-run.ts';
import { executeOperations } from './flush-operations.ts';
import { planInspections, planPayouts, type AdjustPlan, type PlannedChunk } from './flush-plan.ts';
import { recoverBatches } from './flush-recover.ts';
import { isSuspended, sharesOf, suspectsOf, suspend } from './flush-suspects.ts';
import type { RunRecord } from './run.ts';
import { StoreError } from './store-error.ts';
import type { Lease, Store } from './store.ts';

/** Time, waiting and randomness of a flush; tests and simulations pass their own. */
export interface FlushClock {
  /** Milliseconds since 1970, the time the run believes in. */
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A fresh id of at most 36 characters. */
  newId(): string;
  /** Milliseconds that only ever run forward, the clock leases are trusted by; `performance.now()` when left out. */
  monotonicNow?(): number;
  /** Calls again and again until the answer is called; a timer that keeps no process alive when left out. */
  every?: (ms: number, task: () => void) => () => void;
}

export interface FlushRequest {
  store: Store;
  books: Books;
  companyId: string;
  settings: CompanySettings;
  clock: FlushClock;
  /** Names this process in the lease. */
  holder: string;
  trigger: RunRecord['trigger'];
  /** The evening's local day when it is caught up later; the clock's day otherwise. */
  localDate?: string;
  /** Only these subjects' inspections and payouts, for a replay; everything that is due otherwise. */
  subjects?: readonly string[];
  /** What people decided about single documents; see `PlanningRoom`. */
  adjust?: AdjustPlan;
  signal?: AbortSignal;
  /** Told when the run begins, and of every piece of work done. */
  onProgress?: (run: RunRecord) => void;
  /** No resend of a batch before this long after its last sending: QuickBooks' own time limit and a margin. */
  resendAfterMs?: number;
  /** What the caller adds to the run's record before it is saved, under the same lease: control totals, its own count of requests. */
  close?: (run: RunRecord) => Promise<Partial<Pick<RunRecord, 'controlTotals' | 'requests'>>>;
}

export type FlushOutcome =
  | { outcome: 'ran'; run: RunRecord }
  /** The evening run of this company and local day is already there. */
  | { outcome: 'exists'; run: RunRecord }
  /** Another process is working on this company. */
  | { outcome: 'busy'; holder: string };

const LEASE_MS = 60_000;
const RESEND_AFTER_MS = 130_000;

/**
 * One run of one company: claims its lease, settles what an earlier run left open, then folds, plans, diffs and posts all that is due,
 * and concludes about every entry. Crash anywhere and run again: sealed batches are resent byte for byte, nothing is posted twice.
 */
export async function flushCompany(request: FlushRequest): Promise<FlushOutcome> {
  const { store, companyId, clock, holder } = request;
  const claim = await store.claimLease({ companyId, holder, ttlMs: LEASE_MS });
  if (claim.outcome === 'busy') return claim;
  const run = createFlushRun({
    ...request,
    lease: claim.lease,
    leaseMs: LEASE_MS,
    resendAfterMs: request.resendAfterMs ?? RESEND_AFTER_MS,
  });
  try {
    const broken = await closeBrokenRuns(request, claim.lease);
    const record = newRun(request, clock.newId());
    const started = await store.startRun(claim.lease, record);
    if (started.outcome === 'exists' && started.run.state === 'done') return { outcome: 'exists', run: started.run };
    if (started.outcome === 'exists') broken.push(started.run);
    run.begin(started.outcome === 'exists' ? reopened(started.run) : record);
    const stopped = await work(run, suspectsOf(broken));
    return { outcome: 'ran', run: await run.finish(stopped, request.close) };
  } catch (error) {
    // The store's trouble is no fault of what was under way.
    if (error instanceof StoreError) await run.putUnderWay(undefined).catch(ignoreLostLease);
    throw error;
  } finally {
    run.stopRenewing();
    await store.releaseLease(run.lease).catch(ignoreLostLease);
  }
}

/** Returns why it stopped early, or nothing when all that was due has been looked at. */
async function work(run: FlushRun, suspects: ReadonlyMap<string, number>): Promise<Reason | undefined> {
  await recoverBatches(run);
  const due = await collectWork(run.store, run.companyId, run.subjects);
  run.progress(0, due.inspectionIds.length + due.payoutIds.size);
  const payoutIds = new Set(due.payoutIds);
  const workThrough = async (subjects: string[], planShare: (ids: string[]) => Promise<PlannedChunk>): Promise<void> => {
    for (const { subjects: share, endings } of sharesOf(subjects, suspects)) {
      if (run.stopReason()) return;
      await run.putUnderWay({ subjects: share, endings });
      const chunk = await planShare(share.map((subject) => splitRef(subject)[1]));
      for (const payoutId of chunk.payoutIds) payoutIds.add(payoutId);
      await carryOut(run, chunk);
      await settleEntriesOf(run, chunk, due.entries);
      run.progress(share.length);
    }
    for (const subject of subjects) if (isSuspended(subject, suspects)) await suspend(run, subject, due.entries);
  };
  await workThrough(
    due.inspectionIds.map((id) => `inspection/${id}`),
    (ids) => planInspections(run, ids),
  );
  await workThrough(
    [...payoutIds].map((id) => `payout/${id}`),
    (ids) => planPayouts(run, ids),
  );
  await settleStatements(run, due.entries);
  return run.stopReason();
}

/** Runs a dead process left `running`; evenings go on under their own record, others end here and are returned. */
async function closeBrokenRuns({ store, companyId, clock }: FlushRequest, lease: Lease): Promise<RunRecord[]> {
  const runs = await store.runs({ companyId, limit: 20 });
  const broken = runs.filter(({ state, trigger }) => state === 'running' && trigger !== 'evening');
  for (const { underWay: _, ...run } of broken)
    await store.putRun(lease, { ...run, state: 'stopped', finishedAt: new Date(clock.now()).toISOString(), reason: BROKEN_OFF });
  return broken;
}

/** An evening that broke off or had to stop goes on under its own record. */
function reopened({ finishedAt: _, reason: __, underWay: ___, ...run }: RunRecord): RunRecord {
  return { ...run, state: 'running' };
}

async function carryOut(run: FlushRun, chunk: PlannedChunk): Promise<void> {
  await executeOperations(run, chunk);
  await run.noteWaiting(chunk);
}

function newRun({ companyId, settings, clock, trigger, localDate: evening }: FlushRequest, id: string): RunRecord {
  const startedAt = new Date(clock.now()).toISOString();
  return {
    id,
    companyId,
    localDate: evening ?? localDate(startedAt, settings.timezone),
    trigger,
    state: 'running',
    counts: { posted: 0, updated: 0, voided: 0, held: 0, failed: 0, unknown: 0, skipped: 0 },
    requests: 0,
    startedAt,
  };
}

function ignoreLostLease(error: unknown): void {
  if (!(error instanceof StoreError)) throw error;
}

const BROKEN_OFF: Reason = {
  code: 'broken_off',
  message: 'Vesper was ended in the middle of this run.',
  remedy: 'Nothing to do: the next run settles what it left open and goes on.',
};
