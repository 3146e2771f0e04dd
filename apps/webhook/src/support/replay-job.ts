import type { EntryState } from '@vesper/outbox/entry';
import type { RunCounts } from '@vesper/outbox/run';
import { mayReach } from '../people/reach.ts';
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

/** How far a bulk replay is. */
export async function replayJob(
  { store, clock }: Pick<SupportRoom, 'store' | 'clock'>,
  { who, id }: { who: Agent; id: string },
): Promise<ReplayJob | undefined> {
  const job = (await store.getRecord<ReplayJob>(JOB, id))?.value;
  if (!job || !job.companies.every((company) => mayReach(who, company))) return undefined;
  const isDead = job.state === 'running' && clock.now() - Date.parse(job.heartbeatAt) > HEARTBEAT_MS;
  return isDead ? { ...job, state: 'interrupted' } : job;
}
