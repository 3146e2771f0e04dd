/**
 * Appends entries, some at once, and writes the webhook id of each to the file `acknowledged` as soon as the store has kept it.
 * Arguments: folder, number of entries, `FULL` or `NORMAL` for `PRAGMA synchronous`, which the store itself would refuse.
 */
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { newEntry, utf8 } from '../src/contract/subject.ts';
import { createSecretBox } from '../src/secret-box.ts';
import { openSqliteStore } from '../src/sqlite-store.ts';

const [folder = '', count = '0', synchronous = 'FULL'] = process.argv.slice(2);
if (synchronous === 'NORMAL') {
  loosen('exec', (sql) => sql.replace('synchronous = FULL', 'synchronous = NORMAL'));
  loosen('prepare', (sql) => (sql === 'PRAGMA synchronous' ? 'SELECT 2 AS synchronous' : sql));
}

const acknowledged = openSync(join(folder, 'acknowledged'), 'a');
const secretBox = createSecretBox({ keys: [{ id: 'test', key: new Uint8Array(32) }] });
const store = await openSqliteStore({ folder: join(folder, 'data'), secretBox, ownThread: synchronous === 'FULL' });
let sent = 0;
const appendOn = async (): Promise<void> => {
  while (sent < Number(count)) {
    sent += 1;
    const webhookId = `msg_${sent}`;
    await store.append(newEntry({ webhookId, body: utf8(`body of ${webhookId} `.repeat(40)) }));
    writeSync(acknowledged, `${webhookId}\n`);
  }
};
await Promise.all(Array.from({ length: 4 }, appendOn));
// Closing would copy and sync everything: the power is to be lost before.
process.kill(process.pid, 'SIGKILL');

function loosen(method: 'exec' | 'prepare', change: (sql: string) => string): void {
  const { prototype } = DatabaseSync;
  const original = prototype[method];
  Object.assign(prototype, {
    [method](this: DatabaseSync, sql: string) {
      return original.call(this, change(sql));
    },
  });
}
