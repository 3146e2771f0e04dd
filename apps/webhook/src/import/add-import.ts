import type { Command } from 'commander';
import type { z } from 'zod';
import Table from 'cli-table3';
import { formatDollars } from '@vesper/core/money';
import type { verdict } from '../routes/schemas.ts';
import { CliError } from '../cli/cli-error.ts';
import type { CliIo } from '../cli/cli-io.ts';
import { openRoom, type CommandRoom } from '../cli/command-room.ts';
import { followRun, startAndFollow, startBar, type FollowRoom, type Run } from '../cli/follow-run.ts';
import type { VesperApi } from '../cli/vesper-api.ts';
import { INSPECTION_COLUMNS, PAYMENT_COLUMNS } from './csv-events.ts';
import { readImport, type ImportRow } from './read-import.ts';

type Verdict = z.infer<typeof verdict>;
type EventRow = Extract<ImportRow, { outcome: 'event' }>;
interface Imported {
  stored: number;
  duplicates: number;
  verdicts?: Verdict[];
}

/** Events of a page; an inspection is never torn apart by a page's end. */
const PAGE = 500;
const MOST_FAULTS_SHOWN = 20;
/** The lease of a process that died lasts a minute. */
const BUSY_WAIT_MS = 10_000;
const MOST_TRIES = 12;

/** `vesper import`: a past period from a file. Verdicts first; a repetition goes on where it was. */
export function addImport(program: Command, io: CliIo): void {
  program
    .command('import <company> <file>')
    .description('bring events of a past period from JSON lines or CSV: shows what would be posted, then posts it within the limits')
    .option('--dry-run', 'only show what it would do')
    .option('--yes', 'do not ask')
    .option('--no-run', 'store the events and leave the posting to the evening')
    .addHelpText(
      'after',
      `\nThe same file again stores nothing twice and goes on where it was.\n\n.jsonl  one event a line, as the platform's webhooks\n.csv    inspections: ${INSPECTION_COLUMNS}\n        or payments: ${PAYMENT_COLUMNS}`,
    )
    .action(async (company: string, file: string, _: unknown, command: Command) => {
      const room = openRoom<{ dryRun?: true; yes?: true; run: boolean }>(io, command);
      await importFile(room, { company, file });
    });
}

async function importFile(
  room: CommandRoom<{ dryRun?: true; yes?: true; run: boolean }>,
  { company, file }: { company: string; file: string },
): Promise<void> {
  const { io, options } = room;
  const api = room.api();
  const path = `/v1/companies/${encodeURIComponent(company)}`;
  const { timezone } = await api.get<{ timezone: string }>(path);
  const rows = await readImport(file, { id: company, timezone });
  const pages = toPages(rows.filter((row): row is EventRow => row.outcome === 'event'));
  tellFaults(io, rows);
  const events = pages.reduce((sum, page) => sum + page.length, 0);
  if (events === 0) throw new CliError('failed', `${file} holds no event that can be read.`);

  const verdicts: Verdict[] = [];
  const looking = startBar(io, 'Looking', events);
  for (const page of pages) {
    const { verdicts: found = [] } = await bring(api, path, page, true);
    verdicts.push(...found);
    looking.increment(page.length);
  }
  looking.stop();
  const summary = summarise(verdicts);
  if (options.dryRun) return room.answer({ events, invalid: rows.length - events, verdicts }, () => describe(summary));
  if (!options.json) io.tell(`${describe(summary)}\n`);
  if (!options.yes && !(await io.confirm(`Store ${events} events${options.run ? ' and post' : ''}?`)))
    throw new CliError('usage', 'Nothing was stored. Say --yes where nobody can be asked.');

  const sums = { stored: 0, duplicates: 0 };
  const storing = startBar(io, 'Storing', events);
  for (const page of pages) {
    const { stored, duplicates } = await bring(api, path, page, false);
    sums.stored += stored;
    sums.duplicates += duplicates;
    storing.increment(page.length);
  }
  storing.stop();
  const run = options.run ? await post({ io, api }, path) : undefined;
  room.answer({ events, ...sums, ...(run && { run }) }, () =>
    [
      `${sums.stored} events stored, ${sums.duplicates} were there already.`,
      run
        ? `The run is ${run.state}: ${Object.entries(run.counts)
            .map(([what, count]) => `${what} ${count}`)
            .join(', ')}.`
        : 'They are posted in the evening.',
    ].join('\n'),
  );
}

function bring(api: VesperApi, path: string, page: readonly EventRow[], dryRun: boolean): Promise<Imported> {
  return api.send<Imported>('POST', `${path}/imports`, { events: page.map(({ event }) => event), dryRun });
}

/** Runs what was stored. A run under way, e.g. of an import that was ended, is followed to its end first. */
async function post({ io, api }: FollowRoom, path: string): Promise<Run> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await startAndFollow({ io, api }, path, {});
    } catch (error) {
      if (!(error instanceof CliError) || error.kind !== 'busy' || tries >= MOST_TRIES) throw error;
      const [latest] = (await api.get<{ runs: Run[] }>(`${path}/runs`, { limit: 1 })).runs;
      if (latest?.state === 'running') await followRun({ io, api }, `${path}/runs/${encodeURIComponent(latest.id)}`);
      else await io.sleep(BUSY_WAIT_MS);
    }
  }
}

/** Whole inspections, in the order of the file; payouts and days last, when all they speak of is there. */
function toPages(rows: readonly EventRow[]): EventRow[][] {
  const groups = Map.groupBy(rows, ({ inspectionId }) => inspectionId);
  const pages: EventRow[][] = [];
  const add = (group: readonly EventRow[]): void => {
    const last = pages.at(-1);
    if (last && last.length + group.length <= PAGE) last.push(...group);
    else for (let start = 0; start < group.length; start += PAGE) pages.push(group.slice(start, start + PAGE));
  };
  for (const [inspectionId, group] of groups) if (inspectionId !== '') add(group);
  add(groups.get('') ?? []);
  return pages;
}

function tellFaults(io: CliIo, rows: readonly ImportRow[]): void {
  const faults = rows.filter((row) => row.outcome === 'invalid');
  for (const { line, issues } of faults.slice(0, MOST_FAULTS_SHOWN))
    io.tell(`line ${line}: ${issues.map(({ path, message }) => `${path} ${message}`.trim()).join('; ')}\n`);
  if (faults.length > 0)
    io.tell(
      `${faults.length} ${faults.length === 1 ? 'line' : 'lines'} cannot be read and ${faults.length === 1 ? 'is' : 'are'} left out.\n`,
    );
}

interface SummaryRow {
  type: string;
  verdict: string;
  count: number;
  cents: number;
  why: string;
}

function summarise(verdicts: readonly Verdict[]): SummaryRow[] {
  const rows = new Map<string, SummaryRow>();
  for (const { type, verdict: what, totalCents = 0, reason } of verdicts) {
    const name = `${type} ${what} ${reason?.code ?? ''}`;
    const row = rows.get(name) ?? { type, verdict: what, count: 0, cents: 0, why: reason?.message ?? '' };
    row.count += 1;
    row.cents += totalCents || (reason?.amountCents ?? 0);
    rows.set(name, row);
  }
  return [...rows.values()].toSorted((a, b) => (a.type === b.type ? b.count - a.count : a.type < b.type ? -1 : 1));
}

function describe(rows: readonly SummaryRow[]): string {
  const table = new Table({
    head: ['Document', 'Verdict', 'Count', 'Amount', 'Why, for example'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'right', 'left'],
    colWidths: [null, null, null, null, 60],
    wordWrap: true,
  });
  for (const { type, verdict: what, count, cents, why } of rows) table.push([type, what, count, formatDollars(cents), why]);
  return rows.length > 0 ? table.toString() : 'Nothing would be posted.';
}
