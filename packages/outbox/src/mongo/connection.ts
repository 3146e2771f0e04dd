import { MongoClient, MongoError, MongoServerError } from 'mongodb';
import { StoreError } from '../store-error.ts';
import { collectionsOf, mongoIndexes } from './collections.ts';
import { watchHeartbeats } from './heartbeat-watch.ts';
import type { Db } from 'mongodb';
import type { MongoCollections } from './collections.ts';

export interface MongoConnection {
  collections: MongoCollections;
  /** The server's clock, epoch ms, as it was after the call began; this process' own where the server does not tell its time. */
  serverNow: () => Promise<number>;
  close: () => Promise<void>;
}

const connectTimeoutMs = 2_000;
const heartbeatFrequencyMs = 10_000;
const closeMs = 2_000;

/**
 * Connects with majority and journal on every write, retryable writes and primary reads, whatever the URL says, reads them back,
 * refuses a server that cannot keep that promise (`unsupported`), and creates the indexes.
 */
export async function connectMongo({ url, allowStandalone }: { url: string; allowStandalone: boolean }): Promise<MongoConnection> {
  const client = new MongoClient(withoutPromises(url), {
    appName: 'vesper',
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: 5_000 },
    readConcern: { level: 'majority' },
    readPreference: 'primary',
    retryWrites: true,
    retryReads: true,
    ignoreUndefined: true,
    maxPoolSize: 8,
    connectTimeoutMS: connectTimeoutMs,
    heartbeatFrequencyMS: heartbeatFrequencyMs,
    serverSelectionTimeoutMS: 2_000,
    waitQueueTimeoutMS: 2_000,
    // A half-open connection is given up after this; what was written on it is unknown.
    socketTimeoutMS: 5_000,
  });
  let anew: Promise<void> | undefined;
  // What is under way fails as when a connection is lost. Where nothing can be reached now, the next call connects.
  const connectAnew = async (): Promise<void> => {
    await attempt(() => client.close(), closeMs).catch(() => undefined);
    await attempt(() => client.connect()).catch(() => undefined);
    anew = undefined;
  };
  const stopWatching = watchHeartbeats(client, { connectTimeoutMs, heartbeatFrequencyMs }, () => {
    anew ??= connectAnew();
  });
  try {
    return await attempt(async () => {
      const { writeConcern, readConcern, readPreference, retryWrites, dbName } = client.options;
      if (
        writeConcern.w !== 'majority' ||
        writeConcern.journal !== true ||
        readConcern.level !== 'majority' ||
        readPreference.mode !== 'primary' ||
        !retryWrites
      )
        throw new StoreError('unsupported', 'The MongoDB client does not take majority, journal, retryable writes and primary reads.');
      await client.connect();
      const db = client.db(dbName === 'test' ? 'vesper' : dbName);
      const hello = await db.command({ hello: 1 });
      if (!allowStandalone && hello['setName'] === undefined && hello['msg'] !== 'isdbgrid')
        throw new StoreError(
          'unsupported',
          'The MongoDB server is a standalone: it cannot keep majority writes. Use a replica set, or allow it for a trial.',
        );
      const collections = collectionsOf(db);
      await createIndexes(collections);
      const close = async () => {
        stopWatching();
        await anew;
        await attempt(() => client.close(), closeMs);
      };
      return { collections, serverNow: () => serverNow(db), close };
    });
  } catch (error) {
    stopWatching();
    await client.close();
    throw error;
  }
}

/** The URL without its say in durability, which is not for a setting to weaken. */
function withoutPromises(url: string): string {
  const [place, query] = url.split('?', 2);
  if (place === undefined || query === undefined) return url;
  const promises = ['w', 'j', 'journal', 'wtimeout', 'wtimeoutms', 'readconcernlevel', 'readpreference', 'retrywrites', 'retryreads'];
  const kept = query.split('&').filter((setting) => !promises.includes((setting.split('=', 1)[0] ?? '').toLowerCase()));
  return kept.length === 0 ? place : `${place}?${kept.join('&')}`;
}

async function createIndexes(collections: MongoCollections): Promise<void> {
  await Promise.all(
    Object.entries(mongoIndexes).map(async ([name, indexes]) => {
      const collection = collections[name as keyof MongoCollections] as MongoCollections['leases'];
      if (indexes.length > 0) await collection.createIndexes([...indexes]);
    }),
  );
}

async function serverNow(db: Db): Promise<number> {
  const { localTime } = await db.command({ hello: 1 });
  // MongoDB always tells it; some servers that speak its protocol do not.
  return localTime instanceof Date ? localTime.getTime() : Date.now();
}

/**
 * Runs driver calls. A driver or server error, or no answer within `deadlineMs`, means that nobody knows whether the write went through:
 * `unavailable`, and repeating is safe. The deadline is ours because the driver has none for a call whose socket died under it.
 */
export async function attempt<Result>(work: () => Promise<Result>, deadlineMs = 10_000): Promise<Result> {
  const deadline = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => deadline.reject(new StoreError('unavailable', `MongoDB did not answer within ${deadlineMs} ms.`)),
    deadlineMs,
  );
  try {
    return await Promise.race([work(), deadline.promise]);
  } catch (error) {
    throw toStoreError(error);
  } finally {
    clearTimeout(timer);
  }
}

export const isDuplicateKey = (error: unknown): boolean => error instanceof MongoServerError && error.code === 11_000;

function toStoreError(error: unknown): unknown {
  if (isSocketError(error)) return new StoreError('unavailable', `MongoDB: ${error.message}`, { cause: error });
  if (!(error instanceof MongoError) || isDuplicateKey(error)) return error;
  const mistakes = [2, 9, 14, 40, 52, 59, 66]; // BadValue FailedToParse TypeMismatch ConflictingUpdateOperators DollarPrefixed CommandNotFound ImmutableField
  if (error instanceof MongoServerError && mistakes.includes(Number(error.code))) return error;
  return new StoreError('unavailable', `MongoDB: ${error.message}`, { cause: error });
}

/** The driver lets some errors of the socket through as Node made them: EPIPE, ECONNRESET and the like. */
const isSocketError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error &&
  !(error instanceof MongoError) &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^E[A-Z]+$/u.test(error.code);
