import type { Books } from '@vesper/core/books';
import type { Reason } from '@vesper/core/reason';
import { flushCompany, type FlushClock, type FlushOutcome } from '@vesper/outbox/flusher';
import type { RunRecord } from '@vesper/outbox/run';
import type { Store } from '@vesper/outbox/store';
import { changeCompany, loadCompany, type Company } from './company.ts';
import { controlTotals, type BooksTotals } from './control-totals.ts';
import type { Logger } from './logger.ts';
import type { RunObserver } from './run-observer.ts';
import { forgetRestored, wasRestored } from './restored.ts';
import { correctedRules } from './support/corrections.ts';

/** A company's books, opened: the port the flusher posts through, and what a run's control totals read. */
export interface OpenBooks {
  books: Books;
  totals: (days: { from: string; to: string }) => Promise<BooksTotals>;
  /** HTTP requests sent to QuickBooks since opening. */
  requests: () => number;
}

/** Opens a company's books, or says why they cannot be: not connected, reconnect needed. */
export type BooksDesk = (
  company: Company,
  clock: FlushClock,
  /** Looks up the numbers of what would be created, and links what is there: a read for each hundred. */
  options?: { lookBeforeCreate?: boolean },
) => Promise<{ outcome: 'open'; open: OpenBooks } | { outcome: 'closed'; reason: Reason }>;

export interface RunRoom {
  store: Store;
  openBooks: BooksDesk;
  /** Looks, before an evening, at what people changed in QuickBooks. */
  lookForDrift?: (companyId: string) => Promise<void>;
  /** Names this process in leases. */
  holder: string;
  logger: Logger;
  resendAfterMs?: number;
  /** Counts, reports and tells of runs. */
  observer?: RunObserver;
}

export interface RunRequest {
  companyId: string;
  trigger: RunRecord['trigger'];
  localDate?: string;
  clock: FlushClock;
  subjects?: readonly string[];
  signal?: AbortSignal;
  onProgress?: (run: RunRecord) => void;
  /** A replay of a few documents is no evening: reading the day's totals would cost more than it. */
  withoutTotals?: boolean;
}

export type RunOutcome = FlushOutcome | { outcome: 'unknown_company' } | { outcome: 'closed'; reason: Reason };

/** One run of one company: opens its books, flushes, and closes the day with control totals. */
export async function runCompany(room: RunRoom, request: RunRequest): Promise<RunOutcome> {
  const { store, logger } = room;
  const { companyId, clock, trigger } = request;
  const company = await loadCompany(store, companyId);
  if (!company) return { outcome: 'unknown_company' };
  const isRestored = await wasRestored(store, companyId);
  const opened = await room.openBooks(company, clock, { lookBeforeCreate: trigger === 'replay' || isRestored });
  const observed = room.observer?.observe(company, clock);
  if (opened.outcome === 'closed') {
    await observed?.closed(opened.reason);
    return opened;
  }
  const { books, totals, requests } = opened.open;
  if (trigger === 'evening') await room.lookForDrift?.(companyId);

  const flushed = await flushCompany({
    store: observed?.store ?? store,
    books,
    companyId,
    ...(await correctedRules(store, company)),
    clock,
    holder: room.holder,
    trigger,
    ...(request.localDate !== undefined && { localDate: request.localDate }),
    ...(request.subjects && { subjects: request.subjects }),
    ...(request.signal && { signal: request.signal }),
    onProgress: (run) => {
      observed?.progress(run);
      request.onProgress?.(run);
    },
    ...(room.resendAfterMs !== undefined && { resendAfterMs: room.resendAfterMs }),
    close: async (run) => ({
      ...(run.state === 'done' && !request.withoutTotals && { controlTotals: await controlTotals(store, company, run.localDate, totals) }),
      requests: requests(),
    }),
  });
  if (flushed.outcome !== 'ran') return flushed;
  const { run } = flushed;
  if (isRestored && run.state === 'done' && run.counts.failed + run.counts.unknown === 0) await forgetRestored(store, companyId);
  if (run.reason && needsReconnect(run.reason)) await askToReconnect(store, companyId, run.reason, new Date(clock.now()).toISOString());
  logger.info(
    { companyId, runId: run.id, localDate: run.localDate, state: run.state, counts: run.counts, requests: run.requests },
    'run finished',
  );
  await observed?.finished(run);
  return flushed;
}

const RECONNECT = new Set(['connection_ended', 'user_not_in_realm', 'not_connected', 'token_refused', 'rights_lost']);

/** Whether the connection itself is broken, so that only a person at QuickBooks can mend it. */
export function needsReconnect({ code }: Pick<Reason, 'code'>): boolean {
  return RECONNECT.has(code);
}

async function askToReconnect(store: Store, companyId: string, reason: Reason, at: string): Promise<void> {
  await changeCompany(store, companyId, at, ({ connection }) => ({
    connection: { ...connection, state: 'reconnect', problems: [reason], checkedAt: at },
  }));
}
