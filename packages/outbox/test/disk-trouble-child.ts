/**
 * Run in a mount namespace of its own with a small disk at the folder it is given. Makes the disk full, then free again, and writes what it
 * saw as one JSON object to standard output. Arguments: the scenario, the folder.
 */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { newEntry, utf8 } from '../src/contract/subject.ts';
import { createSecretBox } from '../src/secret-box.ts';
import { openSqliteStore } from '../src/sqlite-store.ts';
import { StoreError } from '../src/store-error.ts';
import type { Store } from '../src/store.ts';

const [scenario = '', folder = ''] = process.argv.slice(2);
const secretBox = createSecretBox({ keys: [{ id: 'test', key: new Uint8Array(32) }] });
const open = () => openSqliteStore({ folder: join(folder, 'data'), secretBox });
const acknowledged: string[] = [];
let sent = 0;

async function append(store: Store): Promise<string> {
  sent += 1;
  const webhookId = `msg_${sent}`;
  try {
    const { outcome } = await store.append(newEntry({ webhookId, body: utf8('x'.repeat(2_000)) }));
    acknowledged.push(webhookId);
    return outcome;
  } catch (error) {
    return error instanceof StoreError ? error.kind : String(error);
  }
}

async function appendUntilRefused(store: Store): Promise<string> {
  for (;;) {
    const answers = await Promise.all(Array.from({ length: 16 }, () => append(store)));
    const refused = answers.find((answer) => answer !== 'stored');
    if (refused !== undefined) return refused;
  }
}

async function missing(store: Store): Promise<string[]> {
  const lost: string[] = [];
  for (const webhookId of acknowledged) if ((await store.entry(`acme|vesper|${webhookId}`)) === undefined) lost.push(webhookId);
  return lost;
}

function integrity(): unknown {
  const db = new DatabaseSync(join(folder, 'data', 'vesper.db'), { readOnly: true });
  const [row] = db.prepare('PRAGMA integrity_check').all();
  db.close();
  return row?.['integrity_check'];
}

async function trouble(begin: () => void, end: () => void): Promise<object> {
  const store = await open();
  begin();
  const refusal = await appendUntilRefused(store);
  const writableThen = await store.isWritable();
  end();
  const recovered: string[] = [];
  for (let index = 0; index < 20; index += 1) recovered.push(await append(store));
  const lost = await missing(store);
  const { pending } = await store.counts();
  const writableNow = await store.isWritable();
  await store.close();
  return {
    refusal,
    writableThen,
    recovered: [...new Set(recovered)],
    lost,
    stored: pending - acknowledged.length,
    writableNow,
    integrity: integrity(),
  };
}

async function readOnlyAtStart(): Promise<object> {
  execFileSync('mount', ['-o', 'remount,ro', folder]);
  const refusal = await open().then(
    () => 'opened',
    (error: unknown) => (error instanceof StoreError ? error.kind : String(error)),
  );
  execFileSync('mount', ['-o', 'remount,rw', folder]);
  const store = await open();
  const recovered = await append(store);
  await store.close();
  return { refusal, recovered };
}

const limitFiles = (bytes: string) => execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`]);
const ballast = join(folder, 'ballast');

const scenarios: Record<string, () => Promise<object>> = {
  full: () =>
    trouble(
      () => writeFileSync(ballast, new Uint8Array(30_000_000)),
      () => rmSync(ballast),
    ),
  failing: () =>
    trouble(
      () => limitFiles('2000000'),
      () => limitFiles('unlimited'),
    ),
  'read-only': readOnlyAtStart,
};
process.stdout.write(JSON.stringify(await scenarios[scenario]?.()));
