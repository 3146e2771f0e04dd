import type { Command } from 'commander';
import type { z } from 'zod';
import type { entry as entrySchema } from '../routes/schemas.ts';
import type { entryVerdict, foundDocument, replayed, story as storySchema } from '../routes/support-schemas.ts';
import type { CliIo } from './cli-io.ts';
import { openRoom, whyOf } from './command-room.ts';
import { withFilter, type FilterOptions } from './entry-filter.ts';
import { replayAll } from './replays.ts';
import { dollars, printable, table } from './tables.ts';
import { describeVerdicts } from './verdict-table.ts';

type Listed = z.infer<typeof entrySchema>;
type Story = z.infer<typeof storySchema>;
/** `vesper outbox …`: what came in, what became of it, and what support does about it. */
export function addOutbox(program: Command, io: CliIo): void {
  const outbox = program.command('outbox').description('entries: search, look at, replay, hold, release, cancel');

  withFilter(outbox.command('list').description('search entries, newest first'))
    .option('--limit <count>', 'at most this many', '50')
    .action(async (_: unknown, command: Command) => {
      const room = openRoom<FilterOptions & { limit: string }>(io, command);
      const { company, state, type, q, from, to, limit } = room.options;
      const found = await room.api().get<{ entries: Listed[]; next?: string; documents: z.infer<typeof foundDocument>[] }>('/v1/outbox', {
        company,
        state,
        type,
        q,
        from,
        to,
        limit,
      });
      room.answer(found, () =>
        [
          table(
            ['Entry', 'About', 'Type', 'State', 'Received', 'Why'],
            found.entries.map(({ id, subject, type: kind, state: now, receivedAt, reason }) => [
              id,
              subject,
              kind,
              now,
              receivedAt,
              reason?.message,
            ]),
          ),
          found.next === undefined ? '' : 'There are more; narrow the search or raise --limit.',
        ].join('\n'),
      );
    });

  outbox
    .command('show <id>')
    .description('the story of an entry: event, documents, attempts, what it waits for, what it blocks')
    .action(async (id: string, _: unknown, command: Command) => {
      const room = openRoom(io, command);
      const found = await room.api().get<Story>(`/v1/outbox/${encodeURIComponent(id)}`);
      room.answer(found, () => describeStory(found));
    });

  outbox
    .command('verdict <id>')
    .description('what a replay would do, document by document')
    .option('--ask', 'read QuickBooks too: records to link to, closed books')
    .action(async (id: string, _: unknown, command: Command) => {
      const room = openRoom<{ ask?: true }>(io, command);
      const judged = await room
        .api()
        .get<z.infer<typeof entryVerdict>>(`/v1/outbox/${encodeURIComponent(id)}/verdict`, { ask: room.options.ask ? 'true' : undefined });
      room.answer(judged, () => [judged.message, describeVerdicts(judged.verdicts)].join('\n'));
    });

  withFilter(outbox.command('replay [id]').description('replay one entry, or with a filter all that match: planned and counted first'))
    .option('--why <words>', 'why; kept in the audit')
    .option('--dry-run', 'only show what would be done')
    .option('--yes', 'do not ask before a bulk replay')
    .action(async (id: string | undefined, _: unknown, command: Command) => {
      const room = openRoom<FilterOptions & { why?: string; dryRun?: true; yes?: true }>(io, command);
      if (id === undefined) return replayAll(room);
      const path = `/v1/outbox/${encodeURIComponent(id)}`;
      if (room.options.dryRun) {
        const judged = await room.api().get<z.infer<typeof entryVerdict>>(`${path}/verdict`);
        return room.answer(judged, () => [judged.message, describeVerdicts(judged.verdicts)].join('\n'));
      }
      const outcome = await room.api().send<z.infer<typeof replayed>>('POST', `${path}/replay`, { why: whyOf(room.options) });
      return room.answer(outcome, () => outcome.message);
    });

  for (const [verb, description] of [
    ['hold', 'let what an entry is about wait until it is released'],
    ['release', 'end a hold, or bring a canceled entry back'],
    ['cancel', 'let an event count for nothing; what is posted stays posted'],
  ] as const) {
    outbox
      .command(`${verb} <id>`)
      .description(description)
      .option('--why <words>', 'why; kept in the audit')
      .action(async (id: string, _: unknown, command: Command) => {
        const room = openRoom<{ why?: string }>(io, command);
        const outcome = await room
          .api()
          .send<{ message: string }>('POST', `/v1/outbox/${encodeURIComponent(id)}/${verb}`, { why: whyOf(room.options) });
        room.answer(outcome, () => outcome.message);
      });
  }
}

function describeStory({
  id,
  subject,
  type,
  state,
  receivedAt,
  attempts,
  reason,
  documents,
  waitsFor,
  blocks,
  corrections,
  siblings,
}: Story): string {
  const lines = [
    id,
    `${type} about ${subject}, received ${receivedAt}: ${state}, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`,
    ...(reason ? [reason.message, `What to do: ${reason.remedy}`] : []),
    '',
    table(
      ['Document', 'State', 'Number', 'QuickBooks', 'Amount', 'Why'],
      documents.map((document) => [
        document.key,
        document.state,
        document.docNumber,
        document.quickbooks && `${document.quickbooks.entity} ${document.quickbooks.id}`,
        dollars(document.totalCents),
        document.state === 'posted' ? document.differences?.join('\n') : document.reason?.message,
      ]),
    ),
    table(
      ['Attempt', 'At', 'Did', 'Came to', 'Code', 'QuickBooks said', 'intuit_tid'],
      documents.flatMap(({ key, attempts: tries }) =>
        tries.map((attempt) => [
          key,
          attempt.startedAt,
          attempt.kind,
          attempt.outcome ?? attempt.sent,
          attempt.code,
          attempt.detail,
          attempt.intuitTid,
        ]),
      ),
    ),
    ...waitsFor.map((waiting) => `${waiting.key} waits: ${waiting.reason.message} ${waiting.reason.remedy}`),
    ...(blocks.length > 0 ? [`It blocks ${blocks.map(({ key }) => key).join(', ')}.`] : []),
    ...corrections.map(({ text, madeBy, madeAt, why }) => `${text} (${madeBy}, ${madeAt}: ${why})`),
    ...(siblings.length > 1
      ? [`Other entries about ${subject}: ${siblings.flatMap((sibling) => (sibling.id === id ? [] : [sibling.id])).join(', ')}`]
      : []),
  ];
  return lines.map((line) => line.split('\n').map(printable).join('\n')).join('\n');
}
