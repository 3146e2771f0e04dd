import type { RunRecord } from '@vesper/outbox/run';
import type { Store } from '@vesper/outbox/store';
import type { Company } from './company.ts';
import { eveningsBetween, latestEvening } from './evening-times.ts';
import { resumedAtMs } from './pause.ts';

/** A run that should begin now: an evening that has come, or the rest of a run that did not come to its end. */
export interface DueRun {
  trigger: 'evening' | 'person';
  localDate?: string;
}

const DAY_MS = 86_400_000;
/** Evenings further back are not caught up: the oldest of these posts all that is due anyway. */
const MOST_MISSED = 14;
/** Runs looked through for the last evening; more only on days with very many runs by hand. */
const LOOKED_THROUGH = 200;
/** An evening QuickBooks stopped is tried again after this long, until the next one has come. */
const RETRY_STOPPED_MS = 15 * 60_000;

export function isPostable({ settings, connection }: Pick<Company, 'settings' | 'connection'>): boolean {
  return connection.state === 'connected' && !settings.paused;
}

/**
 * What a postable company is owed at this instant, oldest first: each evening since its last evening run (else since it was connected) that
 * it has no finished run for. The answer follows from the clock and the stored runs alone, so it does not matter which timer asked, how
 * late, or in how many processes; the store refuses a second evening run of a local day in any case.
 */
export async function dueRuns(store: Store, company: Company, nowMs: number): Promise<DueRun[]> {
  if (!isPostable(company)) return [];
  const latest = latestEvening(company.settings, nowMs);
  const thatDay = latest ? await runsOf(store, company.id, latest.localDate) : [];
  const known = thatDay.find(({ trigger }) => trigger === 'evening');
  if (known) return restOf(known, thatDay, nowMs);
  const missed = latest ? await missedEvenings(store, company, nowMs) : [];
  if (missed.length > 0) return missed.map((localDate) => ({ trigger: 'evening', localDate }));
  return thatDay.some(isBroken) ? [{ trigger: 'person' }] : [];
}

function runsOf(store: Store, companyId: string, localDate: string): Promise<RunRecord[]> {
  return store.runs({ companyId, fromDate: localDate, limit: LOOKED_THROUGH });
}

/** Whatever ended the last attempt at an evening, another goes on with what is left, until one comes to its end. */
function restOf(evening: RunRecord, thatDay: readonly RunRecord[], nowMs: number): DueRun[] {
  if (evening.state === 'running') return [{ trigger: 'evening', localDate: evening.localDate }];
  const after = thatDay.filter(({ trigger, startedAt }) => trigger === 'person' && startedAt >= evening.startedAt);
  const last = after[0] ?? evening;
  if (after.some(isBroken)) return [{ trigger: 'person' }];
  const isDone = [evening, ...after].some(({ state }) => state === 'done');
  return isDone || !mayGoOn(last, nowMs) ? [] : [{ trigger: 'person', localDate: evening.localDate }];
}

/** A run by hand, still `running` in the store: its process died, or it is under way and its company busy. */
function isBroken({ state, trigger }: RunRecord): boolean {
  return state === 'running' && trigger !== 'evening';
}

/** Ended by a shutdown, or stopped by something that may have passed. */
function mayGoOn({ reason, finishedAt }: RunRecord, nowMs: number): boolean {
  return reason?.code === 'shutting_down' || finishedAt === undefined || nowMs - Date.parse(finishedAt) >= RETRY_STOPPED_MS;
}

async function missedEvenings(store: Store, { id, settings, connection }: Company, nowMs: number): Promise<string[]> {
  const fromDate = new Date(nowMs - (MOST_MISSED + 2) * DAY_MS).toISOString().slice(0, 10);
  const earlier = (await store.runs({ companyId: id, fromDate, limit: LOOKED_THROUGH })).filter(({ trigger }) => trigger === 'evening');
  const last = earlier.reduce<RunRecord | undefined>(
    (newest, run) => (newest && newest.localDate > run.localDate ? newest : run),
    undefined,
  );
  const connectedMs = connection.connectedAt === undefined ? nowMs : Date.parse(connection.connectedAt);
  const afterMs = Math.max(last ? 0 : connectedMs, await resumedAtMs(store, id));
  const missed = eveningsBetween(settings, { afterMs, upToMs: nowMs }, MOST_MISSED)
    .map(({ localDate }) => localDate)
    .filter((localDate) => last === undefined || localDate > last.localDate);
  return last?.state === 'running' ? [last.localDate, ...missed] : missed;
}
