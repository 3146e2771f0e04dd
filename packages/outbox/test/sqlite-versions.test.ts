import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, claimed, newEntry } from '../src/contract/subject.ts';
import { createSecretBox } from '../src/secret-box.ts';
import { openSqliteConnection } from '../src/sqlite/connection.ts';
import { migrations } from '../src/sqlite/migrations.ts';
import { openSqliteStore } from '../src/sqlite-store.ts';

const secretBox = createSecretBox({ keys: [{ id: 'test', key: new Uint8Array(32) }] });

describe('a data file of an older version', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vesper-version-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each(migrations.map((_, index) => index + 1))('of version %i opens, is whole, and works on', async (version) => {
    await copyFile(join(import.meta.dirname, 'versions', `v${version}.db`), join(folder, 'vesper.db'));
    const store = await openSqliteStore({ folder, secretBox, ownThread: false, now: () => Date.parse(at(5)) });
    expect((await store.search({ limit: 5 })).entries.map(({ webhookId, state }) => [webhookId, state])).toEqual([
      ['msg_3', 'pending'],
      ['msg_2', 'pending'],
      ['msg_1', 'posted'],
    ]);
    expect((await store.search({ q: 'late', limit: 5 })).entries).toHaveLength(1);
    expect(await store.append(newEntry({ webhookId: 'msg_2' }))).toMatchObject({ outcome: 'duplicate' });
    expect(await store.append(newEntry({ webhookId: 'msg_4' }))).toMatchObject({ outcome: 'stored' });
    const lease = await claimed(store, { holder: 'second' });
    expect(lease.fence).toBe(2);
    expect((await store.liveBatches(lease)).map(({ id, state }) => [id, state])).toEqual([['b1', 'sealed']]);
    expect((await store.ledgerByState('acme', ['posted'], { limit: 5 })).map(({ key }) => key)).toEqual(['invoice/2']);
    expect(await store.run('acme', 'run-1')).toMatchObject({ localDate: '2026-06-01' });
    expect(await store.audit({ limit: 5 })).toHaveLength(1);
    expect(await store.getRecord('user', 'jane')).toEqual({ value: { role: 'admin' }, version: 1 });
    await store.close();

    const connection = openSqliteConnection(join(folder, 'vesper.db'));
    expect(connection.get('PRAGMA user_version')).toEqual({ user_version: migrations.length });
    expect(connection.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' });
    connection.close();
  });

  // Without it an older Vesper would write into a file it does not understand.
  it('of a newer Vesper is refused and left as it was', async () => {
    const connection = openSqliteConnection(join(folder, 'vesper.db'));
    connection.exec(`PRAGMA user_version = ${migrations.length + 1}`);
    connection.close();
    await expect(openSqliteStore({ folder, secretBox })).rejects.toMatchObject({ kind: 'unsupported' });
    const after = openSqliteConnection(join(folder, 'vesper.db'));
    expect(after.get('PRAGMA user_version')).toEqual({ user_version: migrations.length + 1 });
    after.close();
  });
});
