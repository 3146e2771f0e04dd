import { existsSync, renameSync, rmSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import type { Command } from 'commander';
import { lockFolder } from '@vesper/outbox/sqlite/folder-lock';
import { StoreError } from '@vesper/outbox/store-error';
import type { Config } from '../config.ts';
import { markRestored } from '../restored.ts';
import { backUpMongo, isOnMongo, restoreMongo } from './backup-mongo.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { openRoom } from './command-room.ts';
import { configHere, databaseHere, openStoreHere } from './local-store.ts';

/** `vesper backup` and `vesper restore`. */
export function addBackup(program: Command, io: CliIo): void {
  program
    .command('backup <file>')
    .description('copy the store to a file, and check the copy: SQLite while the service runs, MongoDB while it is stopped')
    .action(async (file: string, _: unknown, command: Command) => {
      const config = configHere(io);
      if (existsSync(file)) throw new CliError('usage', `${file} exists already; name a new file.`);
      const copied = isOnMongo(config) ? await backUpMongo(config, file) : { pages: await copy(databaseHere(config), file) };
      openRoom(io, command).answer({ file, ...copied }, () => `${file} holds the whole store; its check found no fault.`);
    });

  program
    .command('restore [file]')
    .description(
      'put a backup in the place of the SQLite store, or into an empty MongoDB; without a file, after mongorestore, only make ready for the first evening',
    )
    .addHelpText(
      'after',
      '\nStop the service first. The SQLite store that was there is kept beside it as vesper.db.replaced. Until each company has had a whole run, its\nruns look in QuickBooks before they create anything, so that what was posted since the backup is found instead of posted again.',
    )
    .action(async (file: string | undefined, _: unknown, command: Command) => {
      const config = configHere(io);
      if (file !== undefined) {
        check(file);
        if (isOnMongo(config)) await restoreMongo(config, file);
        else await putInPlace(file, config);
      }
      const store = await openStoreHere(config);
      try {
        const marked = await markRestored(store, new Date(io.now()).toISOString());
        openRoom(io, command).answer(
          marked,
          () =>
            `${marked.companies} companies look in QuickBooks before they post, until each has had a whole run. Start the service, then have the platform send again what it sent since the backup.`,
        );
      } finally {
        await store.close();
      }
    });
}

/** SQLite's online backup: the write-ahead log included, whatever is written meanwhile. */
async function copy(from: string, to: string): Promise<number> {
  const source = new DatabaseSync(from, { readOnly: true });
  try {
    const pages = await backup(source, to);
    check(to);
    return pages;
  } finally {
    source.close();
  }
}

function check(file: string): void {
  if (!existsSync(file)) throw new CliError('usage', `There is no file ${file}.`);
  let found: unknown;
  try {
    const db = new DatabaseSync(file, { readOnly: true });
    found = db.prepare('PRAGMA integrity_check').get()?.integrity_check;
    db.close();
  } catch (error) {
    found = error instanceof Error ? error.message : error;
  }
  if (found !== 'ok') throw new CliError('failed', `${file} is no whole store: ${String(found)}. Nothing was changed.`);
}

async function putInPlace(file: string, config: Config): Promise<void> {
  const place = databaseHere(config);
  let lock: ReturnType<typeof lockFolder>;
  try {
    lock = lockFolder(config.dataDir);
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'locked')
      throw new CliError('busy', `${error.message} Stop the service first.`, { cause: error });
    throw error;
  }
  try {
    // Opened once more, the old store takes its log into itself: the log of one store beside another would be its ruin.
    const old = new DatabaseSync(place);
    old.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    old.close();
    for (const log of [`${place}-wal`, `${place}-shm`]) rmSync(log, { force: true });
    renameSync(place, `${place}.replaced`);
    await copy(file, place);
  } finally {
    lock.release();
  }
}
