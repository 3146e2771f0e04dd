import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openMongoStore } from '@vesper/outbox/mongo-store';
import { moveStore, type MoveOutcome } from '@vesper/outbox/move-store';
import { createSecretBox, parseEncryptionKeys } from '@vesper/outbox/secret-box';
import { openSqliteStore } from '@vesper/outbox/sqlite-store';
import type { TransferableStore } from '@vesper/outbox/transferable-store';
import type { Config } from '../config.ts';
import { CliError } from './cli-error.ts';

export type MongoConfig = Config & { mongodbUrl: string };
export const isOnMongo = (config: Config): config is MongoConfig => config.mongodbUrl !== undefined;

/**
 * Copies a MongoDB store into one file, that of a SQLite store, and compares both by counts and hashes. Nobody may use the store meanwhile;
 * who does is noticed, and the file is not made.
 */
export async function backUpMongo(config: MongoConfig, file: string): Promise<{ rows: number }> {
  return withFolder(file, async (folder) => {
    const moved = await between(config, folder, (mongo, sqlite) => moveStore({ from: mongo, to: sqlite }));
    if (moved.outcome !== 'moved')
      throw new CliError(
        'busy',
        'The store changed while it was copied, so the copy was thrown away. Stop every replica, then back up again.',
      );
    renameSync(join(folder, 'vesper.db'), file);
    return { rows: rowsOf(moved) };
  });
}

/** Brings such a file, or the backup of a SQLite store, into an empty MongoDB database. */
export async function restoreMongo(config: MongoConfig, file: string): Promise<{ rows: number }> {
  return withFolder(file, async (folder) => {
    copyFileSync(file, join(folder, 'vesper.db'));
    const moved = await between(config, folder, (mongo, sqlite) => moveStore({ from: sqlite, to: mongo }));
    switch (moved.outcome) {
      case 'moved':
        return { rows: rowsOf(moved) };
      case 'target_not_empty':
        throw new CliError(
          'failed',
          `The MongoDB database already holds ${moved.collection}; nothing was changed. Drop it, or name an empty one in MONGODB_URL.`,
        );
      case 'different':
        throw new CliError(
          'failed',
          `${moved.collection} differ after the copy: ${moved.from.rows} in the backup, ${moved.to.rows} in MongoDB. Stop every replica, drop the database, restore again.`,
        );
    }
  });
}

async function withFolder<Result>(file: string, work: (folder: string) => Promise<Result>): Promise<Result> {
  const beside = dirname(file);
  if (!existsSync(beside)) mkdirSync(beside, { recursive: true });
  const folder = mkdtempSync(join(beside, '.vesper-backup-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function between<Result>(
  config: MongoConfig,
  folder: string,
  work: (mongo: TransferableStore, sqlite: TransferableStore) => Promise<Result>,
): Promise<Result> {
  const secretBox = createSecretBox({ keys: parseEncryptionKeys(config.encryptionKey) });
  const mongo = await openMongoStore({ url: config.mongodbUrl, secretBox, allowStandalone: config.mongodbStandalone });
  try {
    const sqlite = await openSqliteStore({ folder, secretBox });
    try {
      return await work(mongo, sqlite);
    } finally {
      await sqlite.close();
    }
  } finally {
    await mongo.close();
  }
}

const rowsOf = ({ collections }: Extract<MoveOutcome, { outcome: 'moved' }>): number =>
  Object.values(collections).reduce((sum, { rows }) => sum + rows, 0);
