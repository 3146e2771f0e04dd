import { openSqliteConnection } from './connection.ts';
import { migrate } from './migrations.ts';
import { createTables } from './tables.ts';
import type { TableCall, Tables } from '../tables.ts';

export interface SqliteEngine {
  call: TableCall;
  close(): Promise<void>;
}

export function openSqliteEngine({ file, now }: { file: string; now: () => number }): SqliteEngine {
  const connection = openSqliteConnection(file);
  try {
    migrate(connection);
    // The folder's lock is ours, so whoever held a lease is dead; its fence stays and the next holder's is higher.
    connection.run('UPDATE leases SET token = NULL, expires_at_ms = 0', {});
  } catch (error) {
    connection.close();
    throw error;
  }
  const tables = createTables({ connection, now });
  return {
    // oxlint-disable-next-line typescript/require-await -- what throws at once must reject
    call: async (name, ...args) => {
      const method = tables[name] as (...args: Parameters<Tables[typeof name]>) => ReturnType<Tables[typeof name]>;
      return method(...args);
    },
    async close() {
      connection.close();
    },
  };
}
