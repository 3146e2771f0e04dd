import type { Books } from '@vesper/core/books';
import type { DocumentKey, DocumentType, LocalDate } from '@vesper/core/document';
import { isInBooks, type LedgerRecord } from '@vesper/core/ledger';
import { localDate } from '@vesper/core/local-date';
import type { Reason } from '@vesper/core/reason';
import type { CompanySettings } from '@vesper/core/settings';
import type { AdjustPlan, PlannedChunk, PlanningRoom } from './flush-plan.ts';
import type { FlushClock, FlushRequest } from './flusher.ts';
import type { RunCounts, RunRecord } from './run.ts';
import { StoreError } from './store-error.ts';
import type { Lease, Store } from './store.ts';

/** What became of one document in this run. */
export type DocumentOutcome =
  | { outcome: 'posted' | 'updated' | 'voided' | 'none' }
  | { outcome: 'held' | 'failed' | 'unknown'; reason: Reason };

/** One run under way: its lease, its clock, what has become of each document, and whether it must stop. */
export interface FlushRun extends PlanningRoom {
  store: Store;
  books: Books;
  clock: FlushClock;
  lease: Lease;
  settings: CompanySettings;
  today: LocalDate;
  readonly id: string;
  subjects?: readonly string[];
  resendAfterMs: number;
  signal: AbortSignal;
  outcomes: Map<DocumentKey, DocumentOutcome>;
  begin(record: RunRecord): void;
  /** Records what became of a document and counts it once. */
  conclude(key: DocumentKey, outcome: DocumentOutcome): void;
  /** Asks the run to end early, keeping what is sealed. */
  stop(reason: Reason): void;
  stopReason(): Reason | undefined;
  /** Throws `stale_fence` once the lease can no longer be trusted; called before every send. */
  assertLease(): void;
  countRequest(): void;
  /** Notes durably what is worked on, so that whatever ends the run in the middle of it is traced to it. */
  putUnderWay(share: RunRecord['underWay']): Promise<void>;
  progress(done: number, total?: number): void;
  /** Writes plan-time holds into the ledger, so that each document that waits is seen with its reason. */
  noteWaiting(chunk: PlannedChunk): Promise<void>;
  finish(stopped: Reason | undefined, close: FlushRequest['close']): Promise<RunRecord>;
  stopRenewing(): void;
}

export interface FlushRunOptions {
  store: Store;
  books: Books;
  companyId: string;
  settings: CompanySettings;
  clock: FlushClock;
  lease: Lease;
  leaseMs: number;
  resendAfterMs: number;
  subjects?: readonly string[];
  adjust?: AdjustPlan;
  signal?: AbortSignal;
  onProgress?: (run: RunRecord) => void;
}

const SHUTDOWN: Reason = {
  code: 'shutting_down',
  message: 'Vesper was asked to stop in the middle of this run; what was sealed is kept and resent unchanged.',
  remedy: 'Nothing to do: the run goes on when Vesper starts again.',
};

export function createFlushRun(options: FlushRunOptions): FlushRun {
  const { store, books, companyId, settings, clock, lease, leaseMs, resendAfterMs, onProgress } = options;
  const outcomes = new Map<DocumentKey, DocumentOutcome>();
  const counts: RunCounts = { posted: 0, updated: 0, voided: 0, held: 0, failed: 0, unknown: 0, skipped: 0 };
  const ended = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal;
  let record: RunRecord | undefined;
  let stopped: Reason | undefined;
  let lost: unknown;
  let requests = 0;
  let done = 0;
  let total = 0;

  const monotonicNow = () => clock.monotonicNow?.() ?? performance.now();
  const every = (ms: number, task: () => void) => clock.every?.(ms, task) ?? everyUnref(ms, task);
  const stopRenewal = every(leaseMs / 3, () => {
    store.renewLease(lease, leaseMs).then(
      (kept) => {
        if (!kept) lost = new StoreError('stale_fence', `Another process took over company ${companyId}.`);
      },
      // A slow store is no proof of a lost lease: `assertLease` stops trusting it by the clock.
      () => undefined,
    );
  });

  const current = (state: RunRecord['state'] = 'running'): RunRecord => {
    if (!record) throw new Error('the run has not begun');
    return { ...record, state, counts: { ...counts }, requests: record.requests + requests, progress: { done, total } };
  };

  const run: FlushRun = {
    store,
    books,
    companyId,
    settings,
    clock,
    lease,
    resendAfterMs,
    signal,
    outcomes,
    ...(options.subjects && { subjects: options.subjects }),
    ...(options.adjust && { adjust: options.adjust }),
    get id() {
      return current().id;
    },
    get today() {
      return localDate(new Date(clock.now()).toISOString(), settings.timezone);
    },
    begin(started) {
      record = started;
      // What an earlier part of the same evening did stays done; what waited is counted anew.
      for (const done of ['posted', 'updated', 'voided'] as const) counts[done] = started.counts[done];
      onProgress?.(current());
    },
    conclude(key, outcome) {
      outcomes.set(key, outcome);
      if (outcome.outcome !== 'none') counts[outcome.outcome] += 1;
    },
    stop(reason) {
      stopped ??= reason;
    },
    stopReason() {
      if (!stopped && options.signal?.aborted) stopped = SHUTDOWN;
      return stopped;
    },
    assertLease() {
      if (lost) throw lost;
      if (monotonicNow() > lease.trustedUntilMs)
        throw new StoreError('stale_fence', `The lease of company ${companyId} could not be renewed in time.`);
    },
    countRequest() {
      requests += 1;
    },
    async putUnderWay(share) {
      if (record) await store.putRun(lease, { ...current(), ...(share && { underWay: share }) });
    },
    progress(more, all) {
      done += more;
      total = Math.max(all ?? total, done);
      onProgress?.(current());
    },
    async noteWaiting({ plan, ledger }) {
      const records = plan.holds.flatMap(({ key, subject, reason }) => {
        if (key === undefined) return [];
        const known = ledger.get(key);
        // A voided record that waits would look posted again: it keeps the QuickBooks record it once had.
        if (isInBooks(known) || known?.state === 'voided' || known?.batchId !== undefined || run.outcomes.has(key)) return [];
        return [
          {
            ...known,
            key,
            type: typeOf(key),
            state: 'held' as const,
            reason,
            attempts: known?.attempts ?? 0,
            ...inspectionOf(subject, known),
          },
        ];
      });
      counts.held += plan.holds.length;
      counts.skipped += plan.skips.length;
      if (records.length > 0) await store.putLedger(lease, records);
    },
    async finish(reason, close) {
      const end: RunRecord = {
        ...current(reason ? 'stopped' : 'done'),
        finishedAt: new Date(clock.now()).toISOString(),
        ...(reason && { reason }),
      };
      const closed = { ...end, ...(await close?.(end)) };
      await store.putRun(lease, closed);
      return closed;
    },
    stopRenewing() {
      stopRenewal();
      ended.abort();
    },
  };
  return run;
}

function everyUnref(ms: number, task: () => void): () => void {
  const timer = setInterval(task, ms).unref();
  return () => clearInterval(timer);
}

export function typeOf(key: DocumentKey): DocumentType {
  return key.slice(0, key.indexOf('/')) as DocumentType;
}

function inspectionOf(subject: string, known: LedgerRecord | undefined): { inspectionId?: string } {
  if (known?.inspectionId !== undefined) return { inspectionId: known.inspectionId };
  return subject.startsWith('inspection/') ? { inspectionId: subject.slice('inspection/'.length) } : {};
}
