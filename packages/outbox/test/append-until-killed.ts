/**
 * Appends entries as fast as it can and writes each acknowledged webhook id to standard output, until somebody kills it.
 * Arguments: `sqlite <folder>` or `mongodb <url>`, then the number of the round, which makes its ids its own.
 */
import { newEntry, utf8 } from '../src/contract/subject.ts';
import { openMongoStore } from '../src/mongo-store.ts';
import { createSecretBox } from '../src/secret-box.ts';
import { openSqliteStore } from '../src/sqlite-store.ts';

const [kind, place = '', round = '0'] = process.argv.slice(2);
const secretBox = createSecretBox({ keys: [{ id: 'test', key: new Uint8Array(32) }] });
const store = await (kind === 'mongodb' ? openMongoStore({ url: place, secretBox }) : openSqliteStore({ folder: place, secretBox }));
let sent = 0;

async function appendOn(): Promise<void> {
  for (;;) {
    sent += 1;
    const webhookId = `round${round}-${sent}`;
    const { outcome } = await store.append(newEntry({ webhookId, body: utf8(`body of ${webhookId} `.repeat(20)) }));
    process.stdout.write(`${webhookId} ${outcome}\n`);
  }
}

await Promise.all(Array.from({ length: 32 }, appendOn));
