import { join } from 'node:path';
import { createAppendQueue } from './append-queue.ts';
import { assertEntryParts } from './entry-id.ts';
import { openSqliteEngine } from './sqlite/engine.ts';
import { lockFolder } from './sqlite/folder-lock.ts';
import { packEntries } from './sqlite/packed-entries.ts';
import { openThreadEngine } from './sqlite/thread-engine.ts';
import { StoreError } from './store-error.ts';
import { createTableStore } from './table-store.ts';
import { createWriteHealth } from './write-health.ts';
import type { AppendOutcome, NewEntry } from './entry.ts';
import type { SecretBox } from './secret-box.ts';
import type { SqliteEngine } from './sqlite/engine.ts';
import type { StoreCollection, StoredRows, TransferableStore } from './transferable-store.ts';
import type { SqliteTables } from './sqlite/tables.ts';
import type { TableCall, Tables } from './tables.ts';

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
  /** True, the default, keeps commits off the caller's thread; false opens faster, for short-lived commands and tests. */
  ownThread?: boolean;
}

/** Throws `StoreError`: `locked` when another process has the folder, `unsupported` when the file cannot be durable, `unavailable`, `corrupt`. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<TransferableStore> {
  const { folder, secretBox, now = Date.now, monotonicNow = () => performance.now(), queueLimit, ownThread = true } = options;
  const lock = lockFolder(folder);
  let engine: SqliteEngine;
  try {
    engine = await (ownThread ? openThreadEngine : openSqliteEngine)({ file: join(folder, 'vesper.db'), now });
  } catch (error) {
    lock.release();
    throw error;
  }

  let closing: Promise<void> | undefined;
  const call: TableCall = (name, ...args) => {
    if (closing !== undefined) return Promise.reject(new StoreError('unavailable', 'The store is closed.'));
    return engine.call(name, ...(args as Parameters<SqliteTables[typeof name]>)) as Promise<ReturnType<Tables[typeof name]>>;
  };
  const health = createWriteHealth({ now, probe: () => call('probe') });
  const queue = createAppendQueue({
    writeGroup: (entries) => health.watch(() => appendGroup(engine, entries)),
    ...(queueLimit === undefined ? {} : { limit: queueLimit }),
  });

  const store = createTableStore({
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
  const assertOpen = () => {
    if (closing !== undefined) throw new StoreError('unavailable', 'The store is closed.');
  };
  return {
    ...store,
    async exportRows<Collection extends StoreCollection>(collection: Collection, page: { after?: string; limit: number }) {
      assertOpen();
      return (await engine.call('exportRows', collection, page)) as { key: string; row: StoredRows[Collection] }[];
    },
    async importRows(collection, rows) {
      assertOpen();
      await engine.call('importRows', collection, rows);
    },
  };
}

async function appendGroup(engine: SqliteEngine, entries: readonly NewEntry[]): Promise<AppendOutcome[]> {
  const packed = packEntries(entries);
  const ids = packed.rows.map(({ id }) => id);
  const outcomes: AppendOutcome[] = ids.map((id) => ({ outcome: 'stored', id }));
  for (const { index, ...exception } of await engine.call('appendPacked', packed)) {
    const id = ids[index] ?? '';
    outcomes[index] = exception.outcome === 'conflict' ? { outcome: 'conflict', id } : { ...exception, id };
  }
  return outcomes;
}
