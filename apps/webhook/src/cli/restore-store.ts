import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { moveStore } from '@vesper/outbox/move-store';
import { createSecretBox, parseEncryptionKeys } from '@vesper/outbox/secret-box';
import { lockFolder } from '@vesper/outbox/sqlite/folder-lock';
import { openSqliteStore } from '@vesper/outbox/sqlite-store';
import { StoreError } from '@vesper/outbox/store-error';
import type { Config } from '../config.ts';
import { markRestored } from '../restored.ts';
import { checkStoreFile, copyStoreFile } from './backup-store.ts';
import { isOnMongo, withBothStores, type MongoConfig } from './both-stores.ts';
import { CliError } from './cli-error.ts';

export interface Restored {
  companies: number;
}

/**
 * Puts a backup in the place of the SQLite store, or into an empty MongoDB database; either takes the backup of either. The copy is marked as
 * restored before it is anybody's store: a service that starts too early must not post again what was posted since the backup.
 */
export async function restoreStore(config: Config, file: string, at: string): Promise<Restored> {
  if (!existsSync(file)) throw new CliError('usage', `There is no file ${file}.`);
  checkStoreFile(file);
  mkdirSync(config.dataDir, { recursive: true });
  const folder = mkdtempSync(join(config.dataDir, '.restoring-'));
  try {
    await copyStoreFile(file, join(folder, 'vesper.db'));
    const marked = await mark(config, folder, at);
    if (isOnMongo(config)) await intoMongo(config, folder);
    else putInPlace(config, join(folder, 'vesper.db'));
    return marked;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function mark(config: Config, folder: string, at: string): Promise<Restored> {
  const store = await openSqliteStore({ folder, secretBox: createSecretBox({ keys: parseEncryptionKeys(config.encryptionKey) }) });
  try {
    return await markRestored(store, at);
  } finally {
    await store.close();
  }
}

async function intoMongo(config: MongoConfig, folder: string): Promise<void> {
  const moved = await withBothStores(config, folder, ({ sqlite, mongo }) => moveStore({ from: sqlite, to: mongo }));
  switch (moved.outcome) {
    case 'moved':
      return;
    case 'target_not_empty':
      throw new CliError(
        'failed',
        `The MongoDB database already holds ${moved.collection}; nothing was changed. Name an empty database in MONGODB_URL.`,
      );
    case 'different':
      throw new CliError(
        'failed',
        `${moved.collection} differ after the copy: ${moved.from.rows} in the backup, ${moved.to.rows} in MongoDB, or not the same rows. See that nobody else writes to the database, drop it, and restore again.`,
      );
  }
}

function putInPlace({ dataDir }: Config, restored: string): void {
  const place = join(dataDir, 'vesper.db');
  let lock: ReturnType<typeof lockFolder>;
  try {
    lock = lockFolder(dataDir);
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'locked')
      throw new CliError('busy', `${error.message} Stop the service first.`, { cause: error });
    throw error;
  }
  try {
    if (existsSync(place)) {
      // Opened once more, the old store takes its log into itself: the log of one store beside another would be its ruin.
      const old = new DatabaseSync(place);
      old.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      old.close();
      renameSync(place, `${place}.replaced`);
    }
    for (const log of [`${place}-wal`, `${place}-shm`]) rmSync(log, { force: true });
    renameSync(restored, place);
  } finally {
    lock.release();
  }
}
