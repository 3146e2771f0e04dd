import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Config } from '../config.ts';
import { markRestored } from '../restored.ts';
import { backUpStore } from './backup-store.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { openRoom } from './command-room.ts';
import { configHere, openStoreHere } from './local-store.ts';
import { restoreStore, type Restored } from './restore-store.ts';

/** `vesper backup` and `vesper restore`. */
export function addBackup(program: Command, io: CliIo): void {
  program
    .command('backup <file>')
    .description('copy the store to a file, and check the copy: SQLite while the service runs, MongoDB while it is stopped')
    .action(async (file: string, _: unknown, command: Command) => {
      if (existsSync(file)) throw new CliError('usage', `${file} exists already; name a new file.`);
      await backUpStore(configHere(io), file);
      openRoom(io, command).answer({ file }, () => `${file} holds the whole store; its check found no fault.`);
    });

  program
    .command('restore [file]')
    .description(
      'put a backup in the place of the SQLite store, or into an empty MongoDB; without a file, after mongorestore, only make ready for the first evening',
    )
    .addHelpText(
      'after',
      '\nStop the service first. A SQLite store that was there is kept beside it as vesper.db.replaced. Until each company has had a whole run, its\nruns look in QuickBooks before they create anything, so that what was posted since the backup is found instead of posted again.',
    )
    .action(async (file: string | undefined, _: unknown, command: Command) => {
      const config = configHere(io);
      const at = new Date(io.now()).toISOString();
      const marked = file === undefined ? await markHere(config, at) : await restoreStore(config, file, at);
      openRoom(io, command).answer(
        marked,
        () =>
          `${marked.companies} companies look in QuickBooks before they post, until each has had a whole run. Start the service, then have the platform send again what it sent since the backup.`,
      );
    });
}

async function markHere(config: Config, at: string): Promise<Restored> {
  const store = await openStoreHere(config);
  try {
    return await markRestored(store, at);
  } finally {
    await store.close();
  }
}
