import type { Command } from 'commander';
import type { z } from 'zod';
import type { auditRow, changedDocument, correction as correctionSchema, replayJob } from '../routes/support-schemas.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { openRoom, whyOf } from './command-room.ts';
import { describeVerdicts } from './verdict-table.ts';
import { table } from './tables.ts';

type Correction = z.infer<typeof correctionSchema>;

/** `vesper corrections …`, `adopt`, `undo` and `audit`. */
export function addCorrections(program: Command, io: CliIo): void {
  const corrections = program.command('corrections').description('decisions kept once for all alike: list, make, revert');
  corrections
    .command('list <company>')
    .description('newest first, reverted ones included')
    .action(async (company: string, _: unknown, command: Command) => {
      const room = openRoom(io, command);
      const found = await room.api().get<{ corrections: Correction[] }>('/v1/corrections', { company });
      room.answer(found, () =>
        table(
          ['Id', 'Decision', 'By', 'At', 'Why', 'Reverted'],
          found.corrections.map(({ id, text, madeBy, madeAt, why, revertedAt }) => [id, text, madeBy, madeAt, why, revertedAt]),
        ),
      );
    });
  corrections
    .command('make <company> <fix>')
    .description('keep a fix, given as JSON, e.g. \'{"kind":"map_item","by":"service","of":"svc-1","itemId":"42"}\'')
    .option('--why <words>', 'why; kept in the audit')
    .option('--replay', 'replay every failure alike')
    .option('--accept', 'link a customer although its data differ')
    .option('--dry-run', 'only show what it would reach')
    .action(async (companyId: string, text: string, _: unknown, command: Command) => {
      const room = openRoom<{ why?: string; replay?: true; accept?: true; dryRun?: true }>(io, command);
      const { replay = false, accept = false, dryRun = false } = room.options;
      const fix = parseJson(text);
      if (dryRun) {
        const shown = await room
          .api()
          .send<{ text: string; alike: { id: string }[]; verdicts: Parameters<typeof describeVerdicts>[0] }>(
            'POST',
            '/v1/corrections/preview',
            { companyId, fix },
          );
        return room.answer(shown, () =>
          [`${shown.text} It reaches ${shown.alike.length} open entries.`, describeVerdicts(shown.verdicts)].join('\n'),
        );
      }
      const made = await room.api().send<{ message: string; replay?: z.infer<typeof replayJob> }>('POST', '/v1/corrections', {
        companyId,
        fix,
        replay,
        accept,
        why: whyOf(room.options),
      });
      return room.answer(made, () => [made.message, made.replay ? `Being replayed: vesper replays show ${made.replay.id}` : ''].join('\n'));
    });
  corrections
    .command('revert <company> <id>')
    .description('take a correction out of force')
    .option('--why <words>', 'why; kept in the audit')
    .action(async (companyId: string, id: string, _: unknown, command: Command) => {
      const room = openRoom<{ why?: string }>(io, command);
      const reverted = await room
        .api()
        .send<Correction>('POST', `/v1/corrections/${encodeURIComponent(id)}/revert`, { companyId, why: whyOf(room.options) });
      room.answer(reverted, () => `No longer in force: ${reverted.text}`);
    });

  program
    .command('adopt <company> <document> <quickbooksId>')
    .description('take an existing QuickBooks record for a document, after comparing the two')
    .option('--why <words>', 'why; kept in the audit')
    .option('--accept', 'although it differs')
    .action(async (companyId: string, key: string, quickbooksId: string, _: unknown, command: Command) => {
      const room = openRoom<{ why?: string; accept?: true }>(io, command);
      const { accept = false } = room.options;
      const adopted = await room.api().send<{ message: string }>('POST', `/v1/companies/${encodeURIComponent(companyId)}/documents/adopt`, {
        key,
        quickbooksId,
        accept,
        why: whyOf(room.options),
      });
      room.answer(adopted, () => adopted.message);
    });

  program
    .command('undo <company> [documents...]')
    .description('take documents back from QuickBooks and keep them out, or with --run all that a run created')
    .option('--run <id>', 'everything this run created')
    .option('--with-dependents', 'what stands on them too: payments on an invoice, the deposit of a payment')
    .option('--why <words>', 'why; kept in the audit')
    .option('--dry-run', 'only show what would go and what stays')
    .action(async (companyId: string, keys: string[], _: unknown, command: Command) => {
      const room = openRoom<{ run?: string; withDependents?: true; why?: string; dryRun?: true }>(io, command);
      const { run, withDependents = false, dryRun = false } = room.options;
      const body = {
        ...(run === undefined ? { keys, withDependents } : { runId: run }),
        dryRun,
        why: dryRun ? 'only looking' : whyOf(room.options),
      };
      const outcome = await room.api().send<UndoAnswer>('POST', `/v1/companies/${encodeURIComponent(companyId)}/undo`, body);
      room.answer(outcome, () => describeUndo(outcome));
    });

  program
    .command('audit')
    .description('who did what, when and why')
    .option('--company <id>', 'of this company')
    .option('--subject <subject>', 'about this, e.g. entry/<id>')
    .option('--limit <count>', 'at most this many', '50')
    .action(async (_: unknown, command: Command) => {
      const room = openRoom<{ company?: string; subject?: string; limit: string }>(io, command);
      const { company, subject, limit } = room.options;
      const found = await room.api().get<{ rows: z.infer<typeof auditRow>[] }>('/v1/audit', { company, subject, limit });
      room.answer(found, () =>
        table(
          ['At', 'Who', 'Did', 'About', 'Why'],
          found.rows.map(({ at, actor, action, subject: about, reason }) => [at, actor, action, about, reason]),
        ),
      );
    });
}

interface UndoAnswer {
  message?: string;
  changed?: z.infer<typeof changedDocument>[];
  takeBack?: { key: string; how: string; docNumber?: string }[];
  stays?: { key: string; reason: { message: string; remedy: string } }[];
  dependents?: string[];
}

function describeUndo({ message, changed = [], takeBack = [], stays = [], dependents = [] }: UndoAnswer): string {
  return [
    ...(message === undefined ? [] : [message]),
    ...changed.map(({ key, after }) => `${key} is ${after}.`),
    ...takeBack.map(({ key, how, docNumber }) => `Would ${how} ${key}${docNumber === undefined ? '' : ` (${docNumber})`}.`),
    ...stays.map(({ key, reason }) => `${key} stays: ${reason.message} ${reason.remedy}`),
    ...(dependents.length > 0 ? [`These stand on them: ${dependents.join(', ')}. Take them along with --with-dependents.`] : []),
  ].join('\n');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError('usage', `The fix is no JSON: ${text}`, { cause });
  }
}
