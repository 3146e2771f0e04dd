import { openMongoStore } from '@vesper/outbox/mongo-store';
import { createSecretBox, parseEncryptionKeys } from '@vesper/outbox/secret-box';
import { openSqliteStore } from '@vesper/outbox/sqlite-store';
import { StoreError } from '@vesper/outbox/store-error';
import type { TransferableStore } from '@vesper/outbox/transferable-store';
import type { Config } from '../config.ts';
import { CliError } from './cli-error.ts';

export type MongoConfig = Config & { mongodbUrl: string };
export const isOnMongo = (config: Config): config is MongoConfig => config.mongodbUrl !== undefined;

/** Opens the SQLite store in a folder and the MongoDB store, and closes both whatever becomes of the work. */
export async function withBothStores<Result>(
  config: MongoConfig,
  folder: string,
  work: (stores: { sqlite: TransferableStore; mongo: TransferableStore }) => Promise<Result>,
): Promise<Result> {
  const secretBox = createSecretBox({ keys: parseEncryptionKeys(config.encryptionKey) });
  const sqlite = await openSqliteStore({ folder, secretBox }).catch((error: unknown) => {
    if (error instanceof StoreError && error.kind === 'locked')
      throw new CliError('busy', `${error.message} Stop the service first.`, { cause: error });
    throw error;
  });
  try {
    const mongo = await openMongoStore({ url: config.mongodbUrl, secretBox, allowStandalone: config.mongodbStandalone });
    try {
      return await work({ sqlite, mongo });
    } finally {
      await mongo.close();
    }
  } finally {
    await sqlite.close();
  }
}
