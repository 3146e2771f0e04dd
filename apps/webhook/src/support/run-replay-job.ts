import type { RunRecord } from '@vesper/outbox/run';
import { runCompany } from '../company-run.ts';
import { whyRefused } from './entry-verdict.ts';
import { instantOf } from './note-act.ts';
import type { PlannedEntry } from './plan-replay.ts';
import { JOB, JOB_KEPT_MS, STOP, type ReplayJob } from './replay-job.ts';
import { runUnderWay } from './run-under-way.ts';
import type { SupportRoom } from './support-room.ts';

/** Subjects in one run: a stop, and the progress, are that fine. */
const SLICE = 100;
const BUSY_WAIT_MS = 3_000;
/** Half an hour of waiting for another run; then the rest is left and said so. */
const BUSY_TRIES = 600;

/** Carries out a bulk replay slice by slice, company by company, and keeps its record up to date. */
export async function runReplayJob(room: SupportRoom, job: ReplayJob, planned: readonly PlannedEntry[]): Promise<void> {
  const { store } = room;
  const save = async (): Promise<void> => {
    job.heartbeatAt = instantOf(room);
    const expiresAt = new Date(room.clock.now() + JOB_KEPT_MS).toISOString();
    await store.putRecord(JOB, job.id, job, { expectedVersion: 'any', expiresAt });
  };
  try {
    for (const [companyId, entries] of Map.groupBy(planned, (entry) => entry.companyId)) {
      for (let start = 0; start < entries.length; start += SLICE) {
        if (await mustStop(room, job)) return await end(room, job, 'stopped', save);
        const slice = entries.slice(start, start + SLICE);
        const goesOn = await replaySlice(room, job, { companyId, slice, save });
        job.done += slice.length;
        await save();
        if (!goesOn) {
          job.done += entries.slice(start + SLICE).length;
          break;
        }
      }
    }
    await end(room, job, 'done', save);
  } catch (error) {
    await end(room, job, 'interrupted', save);
    throw error;
  }
}

/** Returns whether the company's other slices are worth trying. */
async function replaySlice(
  room: SupportRoom,
  job: ReplayJob,
  { companyId, slice, save }: { companyId: string; slice: readonly PlannedEntry[]; save: () => Promise<void> },
): Promise<boolean> {
  const { store, clock } = room;
  const subjects = new Set<string>();
  const taken: PlannedEntry[] = [];
  for (const entry of slice) {
    const now = await store.entry(entry.id);
    if (!now || now.state === 'posted' || whyRefused(now)) job.skipped += 1;
    else {
      taken.push(entry);
      subjects.add(entry.subject);
      await store.moveEntry({ id: entry.id, from: ['failed', 'ignored'], to: 'pending' });
    }
  }
  if (subjects.size === 0) return true;
  let run: RunRecord | undefined;
  for (let tries = 0; run === undefined; tries += 1) {
    const ran = await runCompany(room, {
      companyId,
      trigger: 'replay',
      clock,
      subjects: [...subjects],
      signal: room.signal,
      withoutTotals: true,
    });
    if (ran.outcome === 'ran') run = ran.run;
    else if (ran.outcome === 'busy' && tries < BUSY_TRIES && !(await mustStop(room, job))) {
      job.waitingFor = await runUnderWay(room, companyId);
      await save();
      await clock.sleep(BUSY_WAIT_MS, room.signal);
    } else {
      job.problems.push(
        `${companyId}: ${ran.outcome === 'closed' ? `${ran.reason.message} ${ran.reason.remedy}` : await runUnderWay(room, companyId)}`,
      );
      await countEntries(room, job, taken);
      delete job.waitingFor;
      return false;
    }
  }
  delete job.waitingFor;
  for (const name of ['posted', 'updated', 'voided', 'held', 'failed', 'unknown', 'skipped'] as const)
    job.changed[name] += run.counts[name];
  await countEntries(room, job, taken);
  if (!run.reason) return true;
  job.problems.push(`${companyId}: ${run.reason.message} ${run.reason.remedy}`);
  return false;
}

async function countEntries({ store }: SupportRoom, job: ReplayJob, entries: readonly PlannedEntry[]): Promise<void> {
  for (const { id } of entries) {
    const now = await store.entry(id);
    if (now) job.entries[now.state] = (job.entries[now.state] ?? 0) + 1;
  }
}

async function mustStop({ store, signal }: SupportRoom, job: ReplayJob): Promise<boolean> {
  if (signal.aborted) return true;
  const stop = await store.getRecord<{ by: string }>(STOP, job.id);
  if (!stop) return false;
  job.stopRequestedBy = stop.value.by;
  return true;
}

async function end(room: SupportRoom, job: ReplayJob, state: ReplayJob['state'], save: () => Promise<void>): Promise<void> {
  job.state = state;
  job.finishedAt = instantOf(room);
  await save();
}
