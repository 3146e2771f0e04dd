import type { EntryState } from '@vesper/outbox/entry';
import type { RunCounts } from '@vesper/outbox/run';
import { mayReachAll } from '../people/reach.ts';
import type { Agent, SupportRoom } from './support-room.ts';

/** A bulk replay under way or over. `changed` counts what really changed, in documents; `entries` what the entries are now. */
export interface ReplayJob {
  id: string;
  by: string;
  why: string;
  companies: string[];
  /** `interrupted`: its process died; what it did is done, plan the rest again. */
  state: 'running' | 'done' | 'stopped' | 'interrupted';
  total: number;
  done: number;
  entries: Partial<Record<EntryState, number>>;
  /** Settled by somebody else since they were planned; nothing was done about them. */
  skipped: number;
  changed: RunCounts;
  /** What it waits for at the moment, such as an evening run. */
  waitingFor?: string;
  /** Companies that could not be posted to, with the reason. */
  problems: string[];
  startedAt: string;
  heartbeatAt: string;
  finishedAt?: string;
  stopRequestedBy?: string;
}

/** The kinds of record a job and the wish to stop it are kept under. */
export const JOB = 'replay_job';
export const STOP = 'replay_stop';
const HEARTBEAT_MS = 5 * 60_000;
/** How long a job can be looked at after its last step. */
export const JOB_KEPT_MS = 90 * 86_400_000;

/** How far a bulk replay is. */
export async function replayJob(
  { store, clock }: Pick<SupportRoom, 'store' | 'clock'>,
  { who, id }: { who: Agent; id: string },
): Promise<ReplayJob | undefined> {
  const job = (await store.getRecord<ReplayJob>(JOB, id))?.value;
  if (!job || !mayReachAll(who, job)) return undefined;
  return withLife(job, clock.now());
}

const MOST_KEPT = 1_000;
const SHOWN = 50;

/** The latest bulk replays within reach, newest first. */
export async function recentReplays({ store, clock }: Pick<SupportRoom, 'store' | 'clock'>, { who }: { who: Agent }): Promise<ReplayJob[]> {
  const kept = await store.listRecords<ReplayJob>(JOB, { limit: MOST_KEPT });
  return kept
    .map(({ value }) => value)
    .filter((job) => mayReachAll(who, job))
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
    .slice(0, SHOWN)
    .map((job) => withLife(job, clock.now()));
}

/** A running job without a sign of life is one whose process died. */
function withLife(job: ReplayJob, nowMs: number): ReplayJob {
  const isDead = job.state === 'running' && nowMs - Date.parse(job.heartbeatAt) > HEARTBEAT_MS;
  return isDead ? { ...job, state: 'interrupted' } : job;
}
