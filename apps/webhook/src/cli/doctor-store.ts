import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createSecretBox, parseEncryptionKeys } from '@vesper/outbox/secret-box';
import type { Store } from '@vesper/outbox/store';
import { StoreError } from '@vesper/outbox/store-error';
import type { Config } from '../config.ts';
import { TOKENS } from '../quickbooks-stores.ts';
import type { Check } from './doctor.ts';

const PAGE = 200;

/** Whether the store opens, takes writes, and holds tokens our key can open. A folder a running service holds is left to it. */
export async function checkStore(config: Config): Promise<Check[]> {
  if (config.mongodbUrl === undefined && !existsSync(join(config.dataDir, 'vesper.db')))
    return [
      {
        name: 'store',
        state: 'careful',
        message: `There is no data in ${config.dataDir} yet.`,
        remedy: 'Nothing to do: the first start makes it. If there should be, VESPER_DATA_DIR points elsewhere.',
      },
    ];
  let store: Store;
  try {
    store = await open(config);
  } catch (error) {
    return [explain(error, config)];
  }
  try {
    const isWritable = await store.isWritable();
    return [
      isWritable
        ? { name: 'store', state: 'ok', message: 'It opens and takes writes.' }
        : { name: 'store', state: 'bad', message: 'It opens but takes no writes.', remedy: 'Look whether the disk is full or read-only.' },
      ...(await checkKeys(store)),
    ];
  } finally {
    await store.close();
  }
}

async function open(config: Config): Promise<Store> {
  const secretBox = createSecretBox({ keys: parseEncryptionKeys(config.encryptionKey) });
  if (config.mongodbUrl !== undefined) {
    const { openMongoStore } = await import('@vesper/outbox/mongo-store');
    return openMongoStore({ url: config.mongodbUrl, secretBox, allowStandalone: config.mongodbStandalone });
  }
  const { openSqliteStore } = await import('@vesper/outbox/sqlite-store');
  return openSqliteStore({ folder: config.dataDir, secretBox });
}

function explain(error: unknown, { mongodbUrl }: Config): Check {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof StoreError && error.kind === 'locked')
    return { name: 'store', state: 'ok', message: `${message} It is left to that process.` };
  return {
    name: 'store',
    state: 'bad',
    message,
    remedy:
      mongodbUrl === undefined
        ? 'Look at the folder’s owner, rights and free space.'
        : 'Look whether MongoDB runs as a replica set at MONGODB_URL and lets this host in.',
  };
}

/** Every connection's tokens must open with a key given: a lost key is a lost connection. */
async function checkKeys(store: Store): Promise<Check[]> {
  const checks: Check[] = [];
  let opened = 0;
  for (let after: string | undefined; ;) {
    const page = await store.companies({ ...(after !== undefined && { after }), limit: PAGE });
    for (const { id, connection } of page) {
      if (connection.state !== 'connected') continue;
      try {
        const tokens = await store.getSecret(id, TOKENS);
        if (tokens) opened += 1;
        else
          checks.push({
            name: `company ${id}`,
            state: 'bad',
            message: 'It is connected but its tokens are missing.',
            remedy: `Connect it again: vesper connect ${id}`,
          });
      } catch {
        checks.push({
          name: `company ${id}`,
          state: 'bad',
          message: 'Its tokens cannot be opened with the encryption key given.',
          remedy:
            'Give the key they were sealed with as well: VESPER_ENCRYPTION_KEY="new:… old:…". If it is lost, connect the company again.',
        });
      }
    }
    if (page.length < PAGE) break;
    after = page.at(-1)?.id;
  }
  return checks.length > 0
    ? checks
    : [{ name: 'keys', state: 'ok', message: `The tokens of ${opened} connected ${opened === 1 ? 'company' : 'companies'} open.` }];
}
