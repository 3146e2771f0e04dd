import { localDate } from '@vesper/core/local-date';
import type { RunRecord } from '@vesper/outbox/run';
import type { Store } from '@vesper/outbox/store';
import { completeness, type Completeness } from './completeness.ts';
import type { ControlTotals } from './control-totals.ts';
import { toAmount, toCsv } from './csv.ts';
import { loadCompany, type Company } from './company.ts';
import type { RunAmounts } from './run-watch.ts';
import { waitingRows, type WaitingRow } from './waiting-rows.ts';

/** What one run did, and what its company's books lack after it. Kept with the run; the console, the API and the digest show it. */
export interface RunReport {
  companyId: string;
  runId: string;
  localDate: string;
  trigger: RunRecord['trigger'];
  state: RunRecord['state'];
  startedAt: string;
  finishedAt?: string;
  durationMs: number;
  /** HTTP requests to QuickBooks. */
  requests: number;
  counts: RunRecord['counts'];
  amounts: RunAmounts;
  /** Why the run stopped before its end. */
  reason?: RunRecord['reason'];
  controlTotals?: ControlTotals;
  completeness: Completeness;
  /** What waits or failed, those that need a person first. */
  waiting: WaitingRow[];
  /** How many there are in all; `waiting` is cut at 2,000. */
  waitingTotal: number;
}

const KIND = 'run_report';
const MOST_ROWS = 2_000;
const KEEP_MS = 400 * 86_400_000;

export async function makeRunReport(
  store: Store,
  { company, run, amounts }: { company: Company; run: RunRecord; amounts: RunAmounts },
  nowMs: number,
): Promise<RunReport> {
  const rows = await waitingRows(store, company, nowMs);
  const today = localDate(new Date(nowMs).toISOString(), company.settings.timezone);
  const { id: runId, companyId, localDate: day, trigger, state, startedAt, finishedAt, requests, counts, reason, controlTotals } = run;
  const report: RunReport = {
    companyId,
    runId,
    localDate: day,
    trigger,
    state,
    startedAt,
    ...(finishedAt !== undefined && { finishedAt }),
    durationMs: Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt),
    requests,
    counts,
    amounts,
    ...(reason && { reason }),
    ...(controlTotals !== undefined && { controlTotals: controlTotals as ControlTotals }),
    completeness: await completeness(store, company, rows, today),
    waiting: rows.slice(0, MOST_ROWS),
    waitingTotal: rows.length,
  };
  const expiresAt = new Date(nowMs + KEEP_MS).toISOString();
  await store.putRecord(KIND, `${companyId}|${runId}`, report, { expectedVersion: 'any', expiresAt });
  return report;
}

/** The kept report; of a run without one, e.g. one that broke off, as much as its record tells. `undefined` when there is no such run. */
export async function loadRunReport(store: Store, companyId: string, runId: string, nowMs: number): Promise<RunReport | undefined> {
  const kept = await store.getRecord<RunReport>(KIND, `${companyId}|${runId}`);
  if (kept) return kept.value;
  const run = await store.run(companyId, runId);
  const company = run && (await loadCompany(store, companyId));
  if (!company) return undefined;
  const rows = await waitingRows(store, company, nowMs);
  return {
    companyId,
    runId,
    localDate: run.localDate,
    trigger: run.trigger,
    state: run.state,
    startedAt: run.startedAt,
    ...(run.finishedAt !== undefined && { finishedAt: run.finishedAt }),
    durationMs: Date.parse(run.finishedAt ?? new Date(nowMs).toISOString()) - Date.parse(run.startedAt),
    requests: run.requests,
    counts: run.counts,
    amounts: {},
    ...(run.reason && { reason: run.reason }),
    completeness: await completeness(store, company, rows, run.localDate),
    waiting: rows.slice(0, MOST_ROWS),
    waitingTotal: rows.length,
  };
}

/** One row for each type of document that changed, then one for each that waits; what was cut off is counted. */
export function runReportCsv({ amounts, waiting, waitingTotal, localDate: day }: RunReport): string {
  const done = Object.entries(amounts).flatMap(([type, of]) =>
    Object.entries(of).flatMap(([what, { count, cents }]) =>
      count > 0 ? [[day, type, what, count, toAmount(cents), '', '', '', '', '']] : [],
    ),
  );
  const open = waiting.map(({ key, state, amountCents, daysWaited, code, message, remedy, inspectionId }) => [
    day,
    key,
    state,
    1,
    toAmount(amountCents),
    daysWaited,
    inspectionId,
    code,
    message,
    remedy,
  ]);
  const left = waitingTotal - waiting.length;
  const more = left > 0 ? [[day, 'further documents', '', left, '', '', '', '', 'They wait too.', 'The outbox lists every one.']] : [];
  return toCsv(COLUMNS, [...done, ...open, ...more]);
}

const COLUMNS = ['Day', 'Document', 'State', 'Count', 'Amount', 'Days waited', 'Inspection', 'Code', 'What happened', 'What to do'];
