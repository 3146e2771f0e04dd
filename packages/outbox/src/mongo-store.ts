import { createAppendQueue } from './append-queue.ts';
import { assertEntryParts } from './entry-id.ts';
import { attempt, connectMongo } from './mongo/connection.ts';
import { appendGroup } from './mongo/mongo-append.ts';
import { createMongoAudit } from './mongo/mongo-audit.ts';
import { createMongoBatches } from './mongo/mongo-batches.ts';
import { createMongoCompanies } from './mongo/mongo-companies.ts';
import { createMongoEntries } from './mongo/mongo-entries.ts';
import { createMongoLeases } from './mongo/mongo-leases.ts';
import { createMongoLedger } from './mongo/mongo-ledger.ts';
import { createMongoRecords } from './mongo/mongo-records.ts';
import { createMongoRuns } from './mongo/mongo-runs.ts';
import { createMongoSecrets } from './mongo/mongo-secrets.ts';
import { createMongoTransfer } from './mongo/mongo-transfer.ts';
import { StoreError } from './store-error.ts';
import { createWriteHealth } from './write-health.ts';
import type { SecretBox } from './secret-box.ts';
import type { TransferableStore } from './transferable-store.ts';

export interface MongoStoreOptions {
  /** `mongodb://…/database`; the database is `vesper` when the URL names none. */
  url: string;
  secretBox: SecretBox;
  /** Epoch ms. */
  now?: () => number;
  /** The clock of `Lease.trustedUntilMs`. */
  monotonicNow?: () => number;
  /** Epoch ms: judges leases instead of the server's own clock; for tests and simulations. */
  leaseNow?: () => number;
  /** For a trial on one machine: a standalone server may lose acknowledged writes. */
  allowStandalone?: boolean;
  /** Entries that may wait to be written before an append is answered `full`. */
  queueLimit?: number;
}

/** The platform is to have its answer, 503 if need be, within 2.5 s. */
const appendDeadlineMs = 2_200;

/** Throws `StoreError`: `unsupported` when the server cannot keep majority writes, `unavailable` when it cannot be reached. */
export async function openMongoStore(options: MongoStoreOptions): Promise<TransferableStore> {
  const { url, secretBox, now = Date.now, monotonicNow = () => performance.now(), leaseNow, allowStandalone = false, queueLimit } = options;
  const { collections, serverNow, close } = await connectMongo({ url, allowStandalone });
  const leases = createMongoLeases({
    collections,
    monotonicNow,
    leaseNow: leaseNow === undefined ? serverNow : () => Promise.resolve(leaseNow()),
  });
  const ledger = createMongoLedger({ collections, leases });
  let closing: Promise<void> | undefined;
  const assertOpen = () => {
    if (closing !== undefined) throw new StoreError('unavailable', 'The store is closed.');
  };

  const health = createWriteHealth({
    now,
    async probe() {
      const probe = { kind: 'probe', id: 'write', version: 1, revision: String(now()), value: 'null' };
      await attempt(() => collections.records.updateOne({ _id: 'probe|write' }, { $set: probe }, { upsert: true }), appendDeadlineMs);
    },
  });
  const queue = createAppendQueue({
    writeGroup: (group) => health.watch(() => attempt(() => appendGroup(collections, group), appendDeadlineMs)),
    ...(queueLimit === undefined ? {} : { limit: queueLimit }),
  });

  return {
    ...guarded(
      {
        ...createMongoEntries({ collections, leases, now }),
        ...createMongoCompanies({ collections }),
        ...leases,
        ...ledger,
        ...createMongoBatches({ collections, leases, ledger }),
        ...createMongoRuns({ collections, leases }),
        ...createMongoAudit({ collections }),
        ...createMongoRecords({ collections, now }),
        ...createMongoSecrets({ collections, secretBox }),
        ...createMongoTransfer({ collections }),
      },
      assertOpen,
    ),
    async append(entry) {
      assertOpen();
      assertEntryParts(entry);
      return queue.append(entry);
    },
    isWritable: () => (closing === undefined && !queue.isFull ? health.isWritable() : Promise.resolve(false)),
    close() {
      closing ??= queue.drained().then(close);
      return closing;
    },
  };
}

/** The same methods, none after `close`, and what the driver throws turned into `StoreError`. */
function guarded<Methods extends object>(methods: Methods, assertOpen: () => void): Methods {
  const entries = Object.entries(methods).map(([name, method]: [string, (...args: unknown[]) => Promise<unknown>]) => [
    name,
    (...args: unknown[]) =>
      attempt(() => {
        assertOpen();
        return method(...args);
      }),
  ]);
  return Object.fromEntries(entries) as Methods;
}
