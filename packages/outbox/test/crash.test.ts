import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collect, newEntry, sha256, utf8 } from '../src/contract/subject.ts';
import { openMongoStore } from '../src/mongo-store.ts';
import { createSecretBox } from '../src/secret-box.ts';
import { openSqliteStore } from '../src/sqlite-store.ts';
import type { Store } from '../src/store.ts';
import { killUnderLoad } from './kill-under-load.ts';
import { startMongoServer } from './mongo-server.ts';

const rounds = process.env['VESPER_FULL'] === '1' ? 100 : 12;
const secretBox = createSecretBox({ keys: [{ id: 'test', key: new Uint8Array(32) }] });

// Without these an answer of 202 could be a lie: the webhook is never sent again, and the invoice never booked.
describe(`after ${rounds} rounds of SIGKILL under load`, { timeout: 600_000 }, () => {
  it('SQLite has every acknowledged entry, none twice', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vesper-crash-'));
    const seen = await killRounds({
      store: 'sqlite',
      place: folder,
      mostEntries: 300,
      first: 0,
      count: rounds,
      open: () => openSqliteStore({ folder, secretBox, ownThread: false }),
    });
    report('SQLite', [seen]);
    await rm(folder, { recursive: true });
  });

  it('MongoDB has every acknowledged entry, none twice', async () => {
    const server = await startMongoServer();
    const seen: Seen[] = [];
    // A new database now and then: the packaged test server is slow with many documents.
    for (let first = 0; first < rounds; first += 10) {
      const place = server.url(`vesper_crash_${randomUUID().slice(0, 8)}`);
      const count = Math.min(10, rounds - first);
      seen.push(
        await killRounds({ store: 'mongodb', place, mostEntries: 60, first, count, open: () => openMongoStore({ url: place, secretBox }) }),
      );
    }
    report('MongoDB', seen);
    await server.stop();
  });
});

interface Seen {
  acknowledged: number;
  found: number;
}

async function killRounds(options: {
  store: 'sqlite' | 'mongodb';
  place: string;
  mostEntries: number;
  first: number;
  count: number;
  open: () => Promise<Store>;
}): Promise<Seen> {
  const { store: kind, place, mostEntries, first, count, open } = options;
  const acknowledged: string[] = [];
  for (let round = first; round < first + count; round += 1) {
    const ids = await killUnderLoad({ store: kind, place, round, killAfter: 1 + ((round * 37) % mostEntries) });
    acknowledged.push(...ids);
    const store = await open();
    // The platform, which may not have got the answer, sends the last ones again.
    for (const webhookId of ids.slice(-3))
      expect(await store.append(newEntry({ webhookId, body: bodyOf(webhookId) }))).toMatchObject({ outcome: 'duplicate' });
    await store.close();
  }

  const store = await open();
  const found = await collect(
    (after) => store.entriesByState('acme', ['pending'], { limit: 5_000, ...(after === undefined ? {} : { after }) }),
    ({ id }) => id,
  );
  const hashes = new Map(found.map(({ webhookId, bodySha256 }) => [webhookId, bodySha256]));
  expect(hashes.size).toBe(found.length);
  expect((await store.counts()).pending).toBe(found.length);
  expect(acknowledged.length).toBeGreaterThanOrEqual(count);
  expect(acknowledged.filter((webhookId) => hashes.get(webhookId) !== sha256(bodyOf(webhookId)))).toEqual([]);
  await store.close();
  return { acknowledged: acknowledged.length, found: found.length };
}

function report(name: string, seen: readonly Seen[]): void {
  const acknowledged = seen.reduce((sum, part) => sum + part.acknowledged, 0);
  const found = seen.reduce((sum, part) => sum + part.found, 0);
  process.stderr.write(
    `${name}: ${rounds} kills, ${acknowledged} acknowledged, all found; ${found - acknowledged} stored without an answer\n`,
  );
}

const bodyOf = (webhookId: string): Uint8Array => utf8(`body of ${webhookId} `.repeat(20));
