import type { Command } from 'commander';
import type { z } from 'zod';
import type { verdict } from '../routes/schemas.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { openRoom } from './command-room.ts';
import { startAndFollow, type Run } from './follow-run.ts';
import { describeVerdicts } from './verdict-table.ts';

type Verdicts = { verdicts: z.infer<typeof verdict>[] };

/** `vesper flush` and `vesper preview`: an evening now, and what it would do. */
export function addRuns(program: Command, io: CliIo): void {
  program
    .command('flush <company>')
    .description("run a company's evening now, and show how far it is until its end")
    .option('--dry-run', 'only show what it would do')
    .option('--as-of <instant>', 'as if it were then; with the emulator only')
    .action(async (company: string, _: unknown, command: Command) => {
      const room = openRoom<{ dryRun?: true; asOf?: string }>(io, command);
      const { dryRun = false, asOf } = room.options;
      const path = `/v1/companies/${encodeURIComponent(company)}`;
      const body = asOf === undefined ? {} : { asOf };
      if (dryRun) {
        const shown = await room.api().send<Verdicts>('POST', `${path}/runs`, { dryRun, ...body });
        return room.answer(shown, () => describeVerdicts(shown.verdicts) || 'There is nothing to do.');
      }
      const run = await startAndFollow({ io, api: room.api() }, path, body);
      room.answer(run, () => describeRun(run));
      if (run.state !== 'done' || run.counts.failed + run.counts.unknown > 0)
        throw new CliError('failed', 'Not everything was posted; see "vesper outbox list --state failed".', { body: null });
    });

  program
    .command('preview <company>')
    .description('what tonight’s run would do, document by document')
    .action(async (company: string, _: unknown, command: Command) => {
      const room = openRoom(io, command);
      const shown = await room.api().get<Verdicts>(`/v1/companies/${encodeURIComponent(company)}/preview`);
      room.answer(shown, () => describeVerdicts(shown.verdicts) || 'There is nothing to do.');
    });
}

function describeRun({ localDate, state, counts, requests, reason, controlTotals }: Run): string {
  const differences = (controlTotals as { differences?: string[] } | undefined)?.differences;
  return [
    `${localDate}: ${state}; ${Object.entries(counts)
      .map(([what, count]) => `${what} ${count}`)
      .join(', ')}; ${requests} requests to QuickBooks.`,
    ...(reason ? [`${reason.message} ${reason.remedy}`] : []),
    ...(differences === undefined
      ? ['Control totals were not compared.']
      : differences.length > 0
        ? ['Control totals differ:', ...differences.map((difference) => `  ${difference}`)]
        : ['Control totals agree.']),
  ].join('\n');
}
