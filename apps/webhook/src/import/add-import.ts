import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import type { z } from 'zod';
import Table from 'cli-table3';
import { formatDollars } from '@vesper/core/money';
import type { run as runSchema, verdict } from '../routes/schemas.ts';
import { CliError } from '../cli/cli-error.ts';
import type { CliIo } from '../cli/cli-io.ts';
import { openRoom, type CommandRoom } from '../cli/command-room.ts';
import type { VesperApi } from '../cli/vesper-api.ts';
import { INSPECTION_COLUMNS, PAYMENT_COLUMNS } from './csv-events.ts';
import { readImport, type ImportRow } from './read-import.ts';

type Verdict = z.infer<typeof verdict>;
type Run = z.infer<typeof runSchema>;
type EventRow = Extract<ImportRow, { outcome: 'event' }>;
interface Imported {
  stored: number;
  duplicates: number;
  verdicts?: Verdict[];
}

/** Events of a page; an inspection is never torn apart by a page's end. */
const PAGE = 500;
const MOST_FAULTS_SHOWN = 20;
const POLL_MS = 1_000;
/** A run begins within moments, or once another process is done with the company. */
const POLLS_TO_BEGIN = 120;

/** `vesper import`: a past period from a file. Verdicts first; a repetition goes on where it was. */
export function addImport(program: Command, io: CliIo, progressTo: NodeJS.WritableStream = process.stderr): void {
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
      await importFile(room, { company, file, progressTo });
    });
}

async function importFile(
  room: CommandRoom<{ dryRun?: true; yes?: true; run: boolean }>,
  { company, file, progressTo }: { company: string; file: string; progressTo: NodeJS.WritableStream },
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
  const bar = (name: string, total: number) => startBar(progressTo, name, total);

  const verdicts: Verdict[] = [];
  const looking = bar('Looking', events);
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
  const storing = bar('Storing', events);
  for (const page of pages) {
    const { stored, duplicates } = await bring(api, path, page, false);
    sums.stored += stored;
    sums.duplicates += duplicates;
    storing.increment(page.length);
  }
  storing.stop();
  const run = options.run ? await post(room, path, bar) : undefined;
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

/** Starts a run and shows how far it is until it ends; several minutes for every thousand inspections, as QuickBooks' limits have it. */
async function post(room: CommandRoom<object>, path: string, bar: (name: string, total: number) => SingleBar): Promise<Run> {
  const api = room.api();
  const latest = async () => (await api.get<{ runs: Run[] }>(`${path}/runs`, { limit: 1 })).runs[0];
  const before = await latest();
  await api.send('POST', `${path}/runs`, {});
  const posting = bar('Posting', 1);
  try {
    for (let polls = 0; ; polls += 1) {
      const run = await latest();
      if (run && run.id !== before?.id) {
        const { done, total } = run.progress ?? { done: 0, total: 1 };
        posting.setTotal(Math.max(total, 1));
        posting.update(done);
        if (run.state !== 'running') return run;
      } else if (polls > POLLS_TO_BEGIN)
        throw new CliError(
          'busy',
          'The events are stored, but no run began: the books may be closed to Vesper. See "vesper companies show".',
        );
      await room.io.sleep(POLL_MS);
    }
  } finally {
    posting.stop();
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

function startBar(stream: NodeJS.WritableStream, name: string, total: number): SingleBar {
  const bar = new SingleBar({
    stream,
    format: `${name.padEnd(8)} {bar} {value}/{total}  {eta_formatted} left`,
    hideCursor: true,
    clearOnComplete: false,
  });
  bar.start(total, 0);
  return bar;
}
