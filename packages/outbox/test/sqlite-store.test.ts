import { readdir, readFile, rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openSqliteConnection } from '../src/sqlite/connection.ts';
import { openSqliteStore } from '../src/sqlite-store.ts';
import { describeStore } from '../src/store-contract.ts';

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

/** The store's own thread takes its time to start: with `VESPER_FULL=1` the whole contract goes through it, else `sqlite-thread.test.ts` does. */
const ownThread = process.env['VESPER_FULL'] === '1';

describeStore('SQLite', async (options) => {
  const folder = await mkdtemp(join(tmpdir(), 'vesper-store-'));
  folders.push(folder);
  const store = await openSqliteStore({ folder, ownThread, ...options });
  return {
    store,
    async reopen() {
      await store.close();
      return openSqliteStore({ folder, ownThread, ...options });
    },
    async bytesAtRest() {
      const names = await readdir(folder);
      return Buffer.concat(await Promise.all(names.filter((name) => name !== 'vesper.lock').map((name) => readFile(join(folder, name)))));
    },
  };
});

// Without it a file on a disk that cannot keep the log would lose acknowledged webhooks in a power loss.
it('a SQLite file that cannot run with a write-ahead log is refused', () => {
  expect(() => openSqliteConnection(':memory:')).toThrow(
    expect.objectContaining({ kind: 'unsupported', message: expect.stringContaining('it has memory and 2') }),
  );
});
