/**
 * What old entries cost: append, claim and the console's searches with `--entries` old ones (default 5,000,000) against 10,000, on the same
 * disk in the same minutes, in turn. `--json` prints one object. SQLite always; MongoDB only where `MONGODB_URL` names a real server.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomUUID } from 'node:crypto';
import { createSecretBox } from '../src/secret-box.ts';
import { openMongoStore } from '../src/mongo-store.ts';
import { openSqliteStore } from '../src/sqlite-store.ts';
import { growMongo } from './grow-mongo.ts';
import { companies, growSqlite } from './grow-sqlite.ts';
import { measureStore } from './measure-store.ts';
import type { Measured } from './measure-store.ts';
import type { Store } from '../src/store.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, entries: { type: 'string', default: '5000000' }, rounds: { type: 'string', default: '7' } },
});
const sizes = { old: Number(values.entries), young: 10_000 };
const rounds = Number(values.rounds);
const secretBox = createSecretBox({ keys: [{ id: 'bench', key: new Uint8Array(32) }] });
const say = (text: string) => process.stderr.write(`${text}\n`);

interface Growth {
  growthRatio: Record<keyof Measured, number>;
  microseconds: { young: Measured; old: Measured };
  /** Sustained, indexes included, with the old entries. */
  appendsPerSecond: number;
}

async function compare(stores: { young: Store; old: Store }): Promise<Growth> {
  const seen: { young: Measured; old: Measured }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const young = await measureStore(stores.young, { round, entries: sizes.young, companies });
    const old = await measureStore(stores.old, { round, entries: sizes.old, companies });
    // The first round warms up code and caches.
    if (round > 0) seen.push({ young, old });
  }
  // The best of the rounds: what the work costs when nothing else has the machine.
  const best = (size: 'young' | 'old', what: keyof Measured) => Math.min(...seen.map((round) => round[size][what]));
  const of = (size: 'young' | 'old'): Measured => ({
    append: best(size, 'append'),
    index: best(size, 'index'),
    claim: best(size, 'claim'),
    search: best(size, 'search'),
  });
  const microseconds = { young: of('young'), old: of('old') };
  const ratio = (what: keyof Measured) => Math.round((microseconds.old[what] / microseconds.young[what]) * 100) / 100;
  return {
    growthRatio: { append: ratio('append'), index: ratio('index'), claim: ratio('claim'), search: ratio('search') },
    microseconds,
    appendsPerSecond: Math.round(1e6 / (microseconds.old.append + microseconds.old.index)),
  };
}

async function sqlite(): Promise<Growth> {
  const folder = await mkdtemp(join(tmpdir(), 'vesper-bench-'));
  try {
    for (const size of ['young', 'old'] as const) {
      const startedMs = performance.now();
      await growSqlite(join(folder, size), sizes[size]);
      say(`SQLite with ${sizes[size]} entries built in ${Math.round((performance.now() - startedMs) / 1000)} s`);
    }
    const open = (size: string) => openSqliteStore({ folder: join(folder, size), secretBox });
    const stores = { young: await open('young'), old: await open('old') };
    const growth = await compare(stores);
    await Promise.all([stores.young.close(), stores.old.close()]);
    return growth;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function mongodb(url: string): Promise<Growth> {
  const run = randomUUID().slice(0, 8);
  const urlOf = (size: string) => url.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?/u, `$1/vesper_bench_${run}_${size}`);
  const stores = {
    young: await openMongoStore({ url: urlOf('young'), secretBox }),
    old: await openMongoStore({ url: urlOf('old'), secretBox }),
  };
  const dropYoung = await growMongo(urlOf('young'), sizes.young);
  const dropOld = await growMongo(urlOf('old'), sizes.old);
  try {
    return await compare(stores);
  } finally {
    await Promise.all([stores.young.close(), stores.old.close()]);
    await dropYoung();
    await dropOld();
  }
}

const mongoUrl = process.env['MONGODB_URL'];
const result = {
  oldEntries: sizes.old,
  sqlite: await sqlite(),
  mongodb: mongoUrl === undefined || mongoUrl === '' ? 'not run: MONGODB_URL names no server' : await mongodb(mongoUrl),
};
if (values.json === true) process.stdout.write(`${JSON.stringify({ growthRatio: result.sqlite.growthRatio, ...result })}\n`);
else say(JSON.stringify(result, undefined, 2));
