import { mayReachAll } from '../people/reach.ts';
import { instantOf, noteAct } from './note-act.ts';
import { keptPlan } from './plan-replay.ts';
import { JOB, JOB_KEPT_MS, STOP, replayJob, type ReplayJob } from './replay-job.ts';
import { runReplayJob } from './run-replay-job.ts';
import type { Act, SupportRoom } from './support-room.ts';

export type StartReplayOutcome =
  | { outcome: 'started'; job: ReplayJob }
  /** The token was used: a double click, or another agent. */
  | { outcome: 'already_started'; message: string; job: ReplayJob }
  | { outcome: 'unknown_plan'; message: string };

/** Runs a plan in the background. One token starts one replay, however often it is sent. */
export async function startReplay(room: SupportRoom, { who, why, token }: Act & { token: string }): Promise<StartReplayOutcome> {
  const { store } = room;
  const known = await replayJob(room, { who, id: token });
  if (known) return alreadyStarted(known);
  const plan = await keptPlan(room, token);
  if (!plan || !mayReachAll(who, plan)) return UNKNOWN_PLAN;
  const at = instantOf(room);
  const job: ReplayJob = {
    id: token,
    by: who.name,
    why,
    companies: plan.companies,
    state: 'running',
    total: plan.replay.length,
    done: 0,
    entries: {},
    skipped: 0,
    changed: { posted: 0, updated: 0, voided: 0, held: 0, failed: 0, unknown: 0, skipped: 0 },
    problems: [],
    startedAt: at,
    heartbeatAt: at,
  };
  for (const companyId of plan.companies) {
    const own = plan.replay.filter((entry) => entry.companyId === companyId).length;
    await noteAct(
      room,
      { who, why },
      { action: 'replay.start', companyId, subject: `replay/${token}`, after: { entries: own, documents: plan.documents } },
    );
  }
  const saved = await store.putRecord(JOB, token, job, {
    expectedVersion: 'new',
    expiresAt: new Date(room.clock.now() + JOB_KEPT_MS).toISOString(),
  });
  if (saved.outcome === 'changed_meanwhile') {
    const other = await replayJob(room, { who, id: token });
    return other ? alreadyStarted(other) : UNKNOWN_PLAN;
  }
  const running: Promise<void> = runReplayJob(room, job, plan.replay)
    .catch((error: unknown) => room.logger.error({ err: error, replayId: token }, 'replay broke off'))
    .finally(() => room.background.delete(running));
  room.background.add(running);
  return { outcome: 'started', job };
}

export type StopReplayOutcome = { outcome: 'not_found' } | { outcome: 'stopping' | 'already_over'; message: string; job: ReplayJob };

/** Asks a bulk replay to end after the documents it is sending now. */
export async function stopReplay(room: SupportRoom, { who, why, id }: Act & { id: string }): Promise<StopReplayOutcome> {
  const job = await replayJob(room, { who, id });
  if (!job) return { outcome: 'not_found' };
  if (job.state !== 'running') return { outcome: 'already_over', message: `It is ${job.state} already.`, job };
  for (const companyId of job.companies)
    await noteAct(
      room,
      { who, why },
      { action: 'replay.stop', companyId, subject: `replay/${id}`, before: { done: job.done, total: job.total } },
    );
  const expiresAt = new Date(room.clock.now() + JOB_KEPT_MS).toISOString();
  await room.store.putRecord(STOP, id, { by: who.name }, { expectedVersion: 'any', expiresAt });
  return { outcome: 'stopping', message: 'It stops after the documents it is sending now; what is posted stays posted.', job };
}

function alreadyStarted(job: ReplayJob): StartReplayOutcome {
  const how = job.state === 'running' ? `is under way, ${job.done} of ${job.total} done` : `is ${job.state}`;
  return { outcome: 'already_started', message: `${job.by} started it at ${job.startedAt}; it ${how}. Nothing was started twice.`, job };
}

const UNKNOWN_PLAN: StartReplayOutcome = {
  outcome: 'unknown_plan',
  message: 'There is no such plan, or it is older than half an hour. Plan again and look at the counts.',
};
