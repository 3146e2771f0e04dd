import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { z } from 'zod';
import type { company as companySchema } from '../routes/schemas.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { openRoom, whyOf } from './command-room.ts';
import { table } from './tables.ts';

type Company = z.infer<typeof companySchema>;

/** `vesper companies …` and `vesper connect`. */
export function addCompanies(program: Command, io: CliIo): void {
  const companies = program.command('companies').description('companies: list, look at, set up, pause, disconnect');
  companies
    .command('list', { isDefault: true })
    .description('all companies with their connections')
    .action(async (_: unknown, command: Command) => {
      const room = openRoom(io, command);
      const all: Company[] = [];
      let next: string | undefined;
      do {
        const page: { companies: Company[]; next?: string } = await room.api().get('/v1/companies', { after: next });
        all.push(...page.companies);
        next = page.next;
      } while (next !== undefined);
      room.answer({ companies: all }, () =>
        table(
          ['Company', 'Name', 'Evening', 'QuickBooks', 'Problems'],
          all.map(({ id, name, eveningAt, timezone, paused, connection }) => [
            id,
            name,
            `${eveningAt} ${timezone}${paused ? ' (paused)' : ''}`,
            connection.state,
            connection.problems.map(({ message }) => message).join('\n'),
          ]),
        ),
      );
    });
  companies
    .command('show <id>')
    .description('settings and connection')
    .action(async (id: string, _: unknown, command: Command) => {
      const room = openRoom(io, command);
      const company = await room.api().get<Company>(`/v1/companies/${encodeURIComponent(id)}`);
      room.answer(company, () => JSON.stringify(company, null, 2));
    });
  companies
    .command('set <id> <file>')
    .description('create a company, or replace its settings, from a JSON file')
    .action(async (id: string, file: string, _: unknown, command: Command) => {
      const room = openRoom(io, command);
      const settings = await readJson(file);
      const company = await room.api().send<Company>('PUT', `/v1/companies/${encodeURIComponent(id)}`, settings);
      room.answer(company, () => `${company.id} is saved.`);
    });

  for (const { verb, description, said } of SWITCHES)
    companies
      .command(`${verb} <id>`)
      .description(description)
      .option('--why <words>', 'kept in the audit')
      .action(async (id: string, _: unknown, command: Command) => {
        const room = openRoom<{ why?: string }>(io, command);
        const done = await room.api().send('POST', `/v1/companies/${encodeURIComponent(id)}/${verb}`, { reason: whyOf(room.options) });
        room.answer(done, () => `The evenings of ${id} ${said}.`);
      });
  companies
    .command('disconnect <id>')
    .description('revoke the QuickBooks connection; events go on being stored and wait')
    .action(async (id: string, _: unknown, command: Command) => {
      const room = openRoom(io, command);
      const company = await room.api().send<Company>('POST', `/v1/companies/${encodeURIComponent(id)}/disconnect`);
      room.answer(company, () => `${id} is disconnected.`);
    });
  companies
    .command('preflight <id>')
    .description('check now what would stand in the way of the evening; status 1 when something does')
    .action(async (id: string, _: unknown, command: Command) => {
      const room = openRoom(io, command);
      const found = await room
        .api()
        .send<{ problems: Company['connection']['problems'] }>('POST', `/v1/companies/${encodeURIComponent(id)}/preflight`);
      room.answer(
        found,
        () => found.problems.map(({ message, remedy }) => `${message} ${remedy}`).join('\n') || 'Nothing stands in the way.',
      );
      if (found.problems.length > 0) throw new CliError('failed', 'The evening would not go well.', { body: null });
    });

  program
    .command('connect <company>')
    .description('begin connecting a company to QuickBooks: prints the address to open in a browser')
    .option('--move <reason>', 'its books are in another QuickBooks company from now on; kept in the audit')
    .action(async (id: string, _: unknown, command: Command) => {
      const room = openRoom<{ move?: string }>(io, command);
      const { move } = room.options;
      const body = move === undefined ? undefined : { move: { why: move } };
      const begun = await room.api().send<{ url: string }>('POST', `/v1/companies/${encodeURIComponent(id)}/connect`, body);
      room.answer(begun, () => `Open within 15 minutes: ${begun.url}`);
    });
}

const SWITCHES = [
  { verb: 'pause', description: 'stop the evenings of a company; events go on being stored', said: 'are paused' },
  { verb: 'resume', description: 'let the evenings of a company run again', said: 'run again, from the next one on' },
] as const;

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new CliError('usage', `${file} cannot be read as JSON: ${cause instanceof Error ? cause.message : 'unknown'}`, { cause });
  }
}
