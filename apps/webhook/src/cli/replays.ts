import type { Command } from 'commander';
import type { z } from 'zod';
import type { replayJob, replayPlan } from '../routes/support-schemas.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { openRoom, whyOf, type CommandRoom } from './command-room.ts';
import type { FilterOptions } from './entry-filter.ts';
import { describeVerdicts } from './verdict-table.ts';

type Plan = z.infer<typeof replayPlan>;
type Job = z.infer<typeof replayJob>;

const POLL_MS = 500;

/** `vesper replays …`: a bulk replay under way. */
export function addReplays(program: Command, io: CliIo): void {
  const replays = program.command('replays').description('bulk replays under way: look, stop');
  replays
    .command('show <id>')
    .description('how far it is and what it really changed')
    .action(async (id: string, _: unknown, command: Command) => {
      const room = openRoom(io, command);
      const job = await room.api().get<Job>(`/v1/replays/${encodeURIComponent(id)}`);
      room.answer(job, () => describeJob(job));
    });
  replays
    .command('stop <id>')
    .description('end it after what it is sending now')
    .option('--why <words>', 'why; kept in the audit')
    .action(async (id: string, _: unknown, command: Command) => {
      const room = openRoom<{ why?: string }>(io, command);
      const job = await room.api().send<Job>('POST', `/v1/replays/${encodeURIComponent(id)}/stop`, { why: whyOf(room.options) });
      room.answer(job, () => 'It is stopping; what is posted stays posted.');
    });
}

/** All that match a filter: planned, counted, confirmed, run, watched to its end. */
export async function replayAll(room: CommandRoom<FilterOptions & { why?: string; dryRun?: true; yes?: true }>): Promise<void> {
  const { io, options } = room;
  const { company, state, type, q, from, to } = options;
  if (company === undefined && state === undefined && type === undefined && q === undefined)
    throw new CliError('usage', 'Which entries? Give an id, or narrow it with --company, --state, --type or -q.');
  const why = options.dryRun ? '' : whyOf(options);
  const api = room.api();
  const plan = await api.send<Plan>('POST', '/v1/replays', { company, ...(state !== undefined && { states: [state] }), type, q, from, to });
  if (options.dryRun) return room.answer(plan, () => describePlan(plan));
  if (plan.entries.replay === 0) return room.answer(plan, () => `${describePlan(plan)}\nThere is nothing to replay.`);
  if (!options.yes) {
    io.tell(`${describePlan(plan)}\n`);
    if (!(await io.confirm(`Replay ${plan.entries.replay}?`)))
      throw new CliError('failed', 'Nothing was done. Give --yes to replay without being asked.');
  }
  let job = await api.send<Job>('POST', `/v1/replays/${plan.token}/run`, { why });
  while (job.state === 'running') {
    io.tell(`${job.done} of ${job.total}${job.waitingFor === undefined ? '' : `; ${job.waitingFor}`}\n`);
    await io.sleep(POLL_MS);
    job = await api.get<Job>(`/v1/replays/${plan.token}`);
  }
  room.answer(job, () => describeJob(job));
  if (job.state !== 'done' || job.problems.length > 0 || job.changed.failed + job.changed.unknown > 0)
    throw new CliError('failed', `The replay is ${job.state}; not everything was posted.`, { body: null });
}

function describePlan({ entries, documents, more, sample }: Plan): string {
  return [
    `${entries.matched} entries match: ${entries.replay} to replay, ${entries.alreadyThere} already there, ${entries.waits} wait, ${entries.refused} cannot be replayed.`,
    `Documents: ${
      Object.entries(documents)
        .map(([verdict, count]) => `${verdict} ${count}`)
        .join(', ') || 'none'
    }.`,
    ...(more ? ['More match than one plan takes; plan again afterwards.'] : []),
    describeVerdicts(sample.slice(0, 10)),
  ].join('\n');
}

function describeJob({ state, done, total, changed, skipped, problems, waitingFor }: Job): string {
  return [
    `${state}: ${done} of ${total} entries; ${Object.entries(changed)
      .map(([what, count]) => `${what} ${count}`)
      .join(', ')}.`,
    ...(skipped > 0 ? [`${skipped} were settled by somebody else since they were planned and left alone.`] : []),
    ...(waitingFor === undefined ? [] : [waitingFor]),
    ...problems,
  ].join('\n');
}
