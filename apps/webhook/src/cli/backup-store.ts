import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { moveStore } from '@vesper/outbox/move-store';
import type { Config } from '../config.ts';
import { isOnMongo, withBothStores } from './both-stores.ts';
import { CliError } from './cli-error.ts';
import { databaseHere } from './local-store.ts';

/**
 * Copies the store into one file, that of a SQLite store, and checks it. SQLite by its online backup, whatever is written meanwhile; MongoDB row
 * by row, compared by counts and hashes: nobody may write to it meanwhile.
 */
export async function backUpStore(config: Config, file: string): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  if (!isOnMongo(config)) {
    await copyStoreFile(databaseHere(config), file);
    return;
  }
  const folder = mkdtempSync(join(dirname(file), '.vesper-backup-'));
  try {
    const moved = await withBothStores(config, folder, ({ sqlite, mongo }) => moveStore({ from: mongo, to: sqlite }));
    if (moved.outcome !== 'moved')
      throw new CliError(
        'busy',
        'The store changed while it was copied, so the copy was thrown away. Stop every replica, then back up again.',
      );
    checkStoreFile(join(folder, 'vesper.db'));
    renameSync(join(folder, 'vesper.db'), file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The write-ahead log is included. */
export async function copyStoreFile(from: string, to: string): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true });
  try {
    await backup(source, to);
  } finally {
    source.close();
  }
  checkStoreFile(to);
}

/** Throws unless the file is a whole SQLite database that holds a store. */
export function checkStoreFile(file: string): void {
  let found: unknown;
  try {
    const db = new DatabaseSync(file, { readOnly: true });
    found = db.prepare('PRAGMA integrity_check').get()?.integrity_check;
    const hasCompanies = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'companies'`).get() !== undefined;
    if (found === 'ok' && !hasCompanies) found = 'it has no companies';
    db.close();
  } catch (error) {
    found = error instanceof Error ? error.message : error;
  }
  if (found !== 'ok') throw new CliError('failed', `${file} is no whole store: ${String(found)}. Nothing was changed.`);
}
