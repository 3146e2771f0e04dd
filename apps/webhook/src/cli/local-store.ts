import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createSecretBox, parseEncryptionKeys } from '@vesper/outbox/secret-box';
import type { Store } from '@vesper/outbox/store';
import { StoreError } from '@vesper/outbox/store-error';
import { ConfigError, parseConfig, type Config } from '../config.ts';
import { developmentSecrets } from '../development-secrets.ts';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';

/** The configuration the service would have here. */
export function configHere({ env }: CliIo): Config {
  try {
    return parseConfig(env, () => developmentSecrets(env.VESPER_DATA_DIR || './data'));
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError('usage', error.message, { cause: error });
    throw error;
  }
}

/** The SQLite file of the data folder. */
export function databaseHere(config: Config): string {
  const file = join(config.dataDir, 'vesper.db');
  if (!existsSync(file)) throw new CliError('usage', `There is no store in ${config.dataDir}; VESPER_DATA_DIR names its folder.`);
  return file;
}

/** The store itself, for what is done while the service is stopped. */
export async function openStoreHere(config: Config): Promise<Store> {
  const secretBox = createSecretBox({ keys: parseEncryptionKeys(config.encryptionKey) });
  try {
    if (config.mongodbUrl !== undefined) {
      const { openMongoStore } = await import('@vesper/outbox/mongo-store');
      return await openMongoStore({ url: config.mongodbUrl, secretBox, allowStandalone: config.mongodbStandalone });
    }
    const { openSqliteStore } = await import('@vesper/outbox/sqlite-store');
    return await openSqliteStore({ folder: config.dataDir, secretBox });
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'locked')
      throw new CliError('busy', `${error.message} Stop the service first.`, { cause: error });
    throw error;
  }
}
