import { openSqliteConnection } from './connection.ts';
import { createFolding } from './folding.ts';
import { migrate } from './migrations.ts';
import { createTables } from './tables.ts';
import type { SqliteConnection } from './connection.ts';
import type { SqliteTables } from './tables.ts';

/** One call of a table method, as it may cross to another thread. */
export interface ServiceCall {
  name: keyof SqliteTables;
  args: readonly unknown[];
  /** The caller's clock, epoch ms. */
  nowMs: number;
}

/** The open file: answers calls, folds the inbox in between and before whatever reads entries. */
export interface StoreService {
  answer(call: ServiceCall): Promise<unknown>;
  close(): void;
}

/** With another thread copying the log into the file, the writer copies the rest, and begins the log anew, when it has grown this long: 16 MiB. */
const longLogPages = 4_096;

export function openStoreService({ file, isLogCopied = false }: { file: string; isLogCopied?: boolean }): StoreService {
  let nowMs = 0;
  const connection = openMigrated(file);
  if (isLogCopied) connection.exec(`PRAGMA wal_autocheckpoint = ${longLogPages}`);
  const tables = createTables({ connection, now: () => nowMs });
  const folding = createFolding(tables);

  return {
    async answer({ name, args, nowMs: calledAtMs }) {
      if (folding.isNeededFor(name)) await folding.catchUp();
      nowMs = calledAtMs;
      const method = tables[name] as (...args: readonly unknown[]) => unknown;
      const result = method(...args);
      if (name === 'appendPacked') folding.appended((args as Parameters<SqliteTables['appendPacked']>)[0].rows.length);
      return result;
    },
    close() {
      folding.stop();
      connection.close();
    },
  };
}

function openMigrated(file: string): SqliteConnection {
  const connection = openSqliteConnection(file);
  try {
    migrate(connection);
    // The folder's lock is ours, so whoever held a lease is dead; its fence stays and the next holder's is higher.
    connection.run('UPDATE leases SET token = NULL, expires_at_ms = 0', {});
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
