import { openStoreService } from './store-service.ts';
import type { SqliteTables } from './tables.ts';

/** The tables behind asynchronous calls, in this thread or in one of their own. */
export interface SqliteEngine {
  call<Name extends keyof SqliteTables>(name: Name, ...args: Parameters<SqliteTables[Name]>): Promise<ReturnType<SqliteTables[Name]>>;
  close(): Promise<void>;
}

/** In this thread: each commit holds it up while the disk works. Opens at once, so it suits short-lived commands and tests. */
// oxlint-disable-next-line typescript/require-await -- what throws at once must reject
export async function openSqliteEngine({ file, now }: { file: string; now: () => number }): Promise<SqliteEngine> {
  const service = openStoreService({ file });
  return {
    call: (name, ...args) => service.answer({ name, args, nowMs: now() }) as Promise<ReturnType<SqliteTables[typeof name]>>,
    // oxlint-disable-next-line typescript/require-await -- what throws at once must reject
    close: async () => service.close(),
  };
}
