import type { Command } from 'commander';
import type { z } from 'zod';
import type { reconciliation as reconciliationSchema, runReport } from '../routes/evening-schemas.ts';
import type { inspectionStatus, run as runSchema } from '../routes/schemas.ts';
import { agreement } from '../reconciliation/agreement.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { openRoom } from './command-room.ts';
import { dollars, table } from './tables.ts';

type Inspection = z.infer<typeof inspectionStatus>;
type Run = z.infer<typeof runSchema>;
type Report = z.infer<typeof runReport>;
type Reconciliation = z.infer<typeof reconciliationSchema>;

const companyPath = (id: string, rest: string): string => `/v1/companies/${encodeURIComponent(id)}${rest}`;

/** `vesper inspection`, `vesper runs` and `vesper reconcile`: what became of one inspection, of an evening, of a period. */
export function addReports(program: Command, io: CliIo): void {
  program
    .command('inspection <company> <id>')
    .description('document number, last synchronised, documents and money in flight of one inspection')
    .action(async (company: string, id: string, _: unknown, command: Command) => {
      const room = openRoom(io, command);
      const found = await room.api().get<Inspection>(companyPath(company, `/inspections/${encodeURIComponent(id)}`));
      room.answer(found, () => describeInspection(found));
    });

  const runs = program.command('runs').description('runs of a company: list, report');
  runs
    .command('list <company>', { isDefault: true })
    .description('the latest runs, newest first')
    .action(async (company: string, _: unknown, command: Command) => {
      const room = openRoom(io, command);
      const found = await room.api().get<{ runs: Run[] }>(companyPath(company, '/runs'));
      room.answer(found, () =>
        table(
          ['Run', 'Day', 'By', 'State', 'Posted', 'Updated', 'Held', 'Failed'],
          found.runs.map(({ id, localDate, trigger, state, counts }) => [
            id,
            localDate,
            trigger,
            state,
            counts.posted,
            counts.updated,
            counts.held,
            counts.failed + counts.unknown,
          ]),
        ),
      );
    });
  runs
    .command('show <company> <run>')
    .description('what a run did, what waits after it and why')
    .action(async (company: string, id: string, _: unknown, command: Command) => {
      const room = openRoom(io, command);
      const report = await room.api().get<Report>(companyPath(company, `/runs/${encodeURIComponent(id)}/report`));
      room.answer(report, () => describeReport(report));
    });

  program
    .command('reconcile <company>')
    .description('platform, webhooks, ledger and QuickBooks side by side for local days, both inclusive; status 1 when they differ')
    .requiredOption('--from <date>', 'first day, e.g. 2026-11-01')
    .requiredOption('--to <date>', 'last day')
    .action(async (company: string, _: unknown, command: Command) => {
      const room = openRoom<{ from: string; to: string }>(io, command);
      const { from, to } = room.options;
      const found = await room.api().get<Reconciliation>(companyPath(company, '/reconciliation'), { from, to });
      room.answer(found, () => describeReconciliation(found));
      if (found.differences.length > 0) throw new CliError('failed', 'The sides differ.', { body: null });
    });
}

function describeInspection({ inspectionId, docNumber, lastSyncedAt, documents, inFlight }: Inspection): string {
  return [
    `Inspection ${inspectionId}: ${docNumber === null ? 'not in QuickBooks' : `in QuickBooks as ${docNumber}`}; last synchronised ${lastSyncedAt ?? 'never'}.`,
    table(
      ['Document', 'Number', 'State', 'Amount', 'QuickBooks', 'Why'],
      documents.map(({ key, docNumber: number, state, totalCents, quickbooksId, reason }) => [
        key,
        number,
        state,
        dollars(totalCents),
        quickbooksId,
        reason && `${reason.message} ${reason.remedy}`,
      ]),
    ),
    ...inFlight.map(
      ({ paymentId, method, amountCents, since }) =>
        `In flight: payment ${paymentId} by ${method}, ${dollars(amountCents)}, since ${since}.`,
    ),
  ].join('\n');
}

function describeReport({ localDate, state, counts, reason, waiting, controlTotals }: Report): string {
  const differences = controlTotals?.differences ?? [];
  return [
    `${localDate}: ${state}; ${Object.entries(counts)
      .map(([what, count]) => `${what} ${count}`)
      .join(', ')}.`,
    ...(reason ? [`${reason.message} ${reason.remedy}`] : []),
    ...differences,
    waiting.length === 0 ? 'Nothing waits.' : waitingTable(waiting),
  ].join('\n');
}

function describeReconciliation({ days, sums, differences, waiting }: Reconciliation): string {
  const heard = { days: days.length, daysWithStatement: sums.platform.days, isQuickbooksRead: sums.quickbooks !== null };
  const side = (name: string, money: { paymentsCents: number; refundsCents: number; payoutsCents: number } | null) => [
    name,
    ...(money ? [money.paymentsCents, money.refundsCents, money.payoutsCents].map(dollars) : ['could not be read']),
  ];
  return [
    table(
      ['', 'Payments', 'Refunds', 'Payouts'],
      [
        sums.platform.days > 0 ? side('Platform', sums.platform) : ['Platform', 'sent no totals'],
        side('Webhooks', sums.outbox),
        side('Ledger', sums.ledger),
        side('QuickBooks', sums.quickbooks),
      ],
    ),
    ...(differences.length === 0 ? [agreement(heard).words] : differences),
    ...(waiting.length === 0 ? [] : [waitingTable(waiting)]),
  ].join('\n');
}

function waitingTable(waiting: Report['waiting']): string {
  return table(
    ['Waits', 'State', 'Amount', 'Days', 'Why'],
    waiting.map(({ key, state, amountCents, daysWaited, message, remedy }) => [
      key,
      state,
      dollars(amountCents),
      daysWaited,
      `${message} ${remedy}`,
    ]),
  );
}
