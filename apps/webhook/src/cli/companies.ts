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
  const companies = program.command('companies').description('companies: list, look at, set up');
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

  for (const [verb, does] of [
    ['pause', 'stop its evenings; webhooks go on being stored'],
    ['resume', 'let its evenings run again, from the next one on'],
  ] as const)
    companies
      .command(`${verb} <id>`)
      .description(does)
      .requiredOption('--why <reason>', 'kept in the audit')
      .action(async (id: string, _: unknown, command: Command) => {
        const room = openRoom<{ why: string }>(io, command);
        const body = { reason: whyOf(room.options) };
        const state = await room
          .api()
          .send<{ id: string; paused: boolean }>('POST', `/v1/companies/${encodeURIComponent(id)}/${verb}`, body);
        room.answer(state, () => `The evenings of ${state.id} ${state.paused ? 'are paused' : 'run again'}.`);
      });

  program
    .command('connect <company>')
    .description('begin connecting a company to QuickBooks: prints the address to open in a browser')
    .action(async (id: string, _: unknown, command: Command) => {
      const room = openRoom(io, command);
      const begun = await room.api().send<{ url: string }>('POST', `/v1/companies/${encodeURIComponent(id)}/connect`);
      room.answer(begun, () => `Open within 15 minutes: ${begun.url}`);
    });
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new CliError('usage', `${file} cannot be read as JSON: ${cause instanceof Error ? cause.message : 'unknown'}`, { cause });
  }
}
