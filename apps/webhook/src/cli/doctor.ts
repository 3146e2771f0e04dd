import type { Command } from 'commander';
import { checkConfiguration } from './doctor-configuration.ts';
import { checkService } from './doctor-service.ts';
import { checkStore } from './doctor-store.ts';
import { checkQuickbooks } from './doctor-quickbooks.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { openRoom, type Globals } from './command-room.ts';

/** One thing looked at. A remedy is there whenever something is to be done. */
export interface Check {
  name: string;
  state: 'ok' | 'careful' | 'bad';
  message: string;
  remedy?: string;
}

/** `vesper doctor`: looks at everything an evening needs, changes nothing, and says what to do. */
export function addDoctor(program: Command, io: CliIo): void {
  program
    .command('doctor')
    .description('check configuration, store, keys, clock, QuickBooks and the running service, and say what to do')
    .action(async (_: unknown, command: Command) => {
      const room = openRoom(io, command);
      const checks = await examine(io, room.options);
      room.answer({ ok: checks.every(({ state }) => state !== 'bad'), checks }, () => checks.map(describe).join('\n'));
      if (checks.some(({ state }) => state === 'bad')) throw new CliError('failed', 'Something needs a person.', { body: null });
    });
}

async function examine(io: CliIo, globals: Globals): Promise<Check[]> {
  const { checks, config } = checkConfiguration(io.env);
  if (!config) return [...checks, ...(await checkService(io, globals))];
  return [...checks, ...(await checkStore(config)), ...(await checkQuickbooks(io, config)), ...(await checkService(io, globals))];
}

const MARKS: Record<Check['state'], string> = { ok: 'ok      ', careful: 'careful ', bad: 'BAD     ' };

function describe({ name, state, message, remedy }: Check): string {
  return `${MARKS[state]}${name}: ${message}${remedy === undefined ? '' : `\n        → ${remedy}`}`;
}
