import { join } from 'node:path';
import { createAppendQueue } from './append-queue.ts';
import { assertEntryParts } from './entry-id.ts';
import { openSqliteEngine } from './sqlite/engine.ts';
import { lockFolder } from './sqlite/folder-lock.ts';
import { StoreError } from './store-error.ts';
import { createTableStore } from './table-store.ts';
import { createWriteHealth } from './write-health.ts';
import type { SecretBox } from './secret-box.ts';
import type { SqliteEngine } from './sqlite/engine.ts';
import type { Store } from './store.ts';
import type { TableCall } from './tables.ts';

export interface SqliteStoreOptions {
  /** Made when missing; holds `vesper.db`, its `-wal`, and the writer lock. Never on a network file system. */
  folder: string;
  secretBox: SecretBox;
  /** Epoch ms. */
  now?: () => number;
  /** The clock of `Lease.trustedUntilMs`. */
  monotonicNow?: () => number;
  /** Entries that may wait to be written before an append is answered `full`. */
  queueLimit?: number;
}

/** Throws `StoreError`: `locked` when another process has the folder, `unsupported` when the file cannot be durable, `unavailable`, `corrupt`. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { folder, secretBox, now = Date.now, monotonicNow = () => performance.now(), queueLimit } = options;
  const lock = lockFolder(folder);
  let engine: SqliteEngine;
  try {
    engine = openSqliteEngine({ file: join(folder, 'vesper.db'), now });
  } catch (error) {
    lock.release();
    throw error;
  }

  let closing: Promise<void> | undefined;
  const call: TableCall = (name, ...args) => {
    if (closing !== undefined) return Promise.reject(new StoreError('unavailable', 'The store is closed.'));
    return engine.call(name, ...args);
  };
  const health = createWriteHealth({ now, probe: () => call('probe') });
  const queue = createAppendQueue({
    writeGroup: (entries) => health.watch(() => engine.call('appendGroup', entries)),
    ...(queueLimit === undefined ? {} : { limit: queueLimit }),
  });

  return createTableStore({
    call,
    secretBox,
    monotonicNow,
    append(entry) {
      if (closing !== undefined) return Promise.reject(new StoreError('unavailable', 'The store is closed.'));
      assertEntryParts(entry);
      return queue.append(entry);
    },
    isWritable: () => (closing === undefined && !queue.isFull ? health.isWritable() : Promise.resolve(false)),
    close() {
      closing ??= queue
        .drained()
        .then(() => engine.close())
        .finally(() => lock.release());
      return closing;
    },
  });
}
