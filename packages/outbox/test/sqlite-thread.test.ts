import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimed, ledgerRecord, newEntry, utf8 } from '../src/contract/subject.ts';
import { createSecretBox } from '../src/secret-box.ts';
import { openSqliteStore } from '../src/sqlite-store.ts';
import type { Store } from '../src/store.ts';

const secretBox = createSecretBox({ keys: [{ id: 'test', key: new Uint8Array(32) }] });

describe('the SQLite store in a thread of its own', () => {
  let folder: string;
  let store: Store;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vesper-thread-'));
    store = await openSqliteStore({ folder, secretBox });
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  it('keeps each of many bodies that crossed together', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => `many_${index}`);
    const outcomes = await Promise.all(ids.map((webhookId) => store.append(newEntry({ webhookId, body: utf8(`body of ${webhookId}`) }))));
    expect(outcomes.every(({ outcome }) => outcome === 'stored')).toBe(true);
    for (const webhookId of ids)
      expect(new TextDecoder().decode((await store.entry(`acme|vesper|${webhookId}`))?.body)).toBe(`body of ${webhookId}`);
  });

  it('leaves the caller its bytes', async () => {
    const body = utf8('still mine');
    await store.append(newEntry({ webhookId: 'mine', body }));
    expect(new TextDecoder().decode(body)).toBe('still mine');
  });

  it('tells duplicates and conflicts by their place in the group', async () => {
    const outcomes = await Promise.all(
      ['a', 'b', 'a', 'b'].map((webhookId, index) => store.append(newEntry({ webhookId, body: utf8(index === 3 ? 'other' : webhookId) }))),
    );
    expect(outcomes.map(({ outcome, id }: { outcome: string; id?: string }) => [outcome, id])).toEqual([
      ['stored', 'acme|vesper|a'],
      ['stored', 'acme|vesper|b'],
      ['duplicate', 'acme|vesper|a'],
      ['conflict', 'acme|vesper|b'],
    ]);
  });

  it('throws what the tables throw, by its kind', async () => {
    const lease = await claimed(store);
    await expect(store.putLedger({ ...lease, token: 'lost' }, [ledgerRecord({ key: 'invoice/1' })])).rejects.toMatchObject({
      name: 'StoreError',
      kind: 'stale_fence',
    });
    await expect(store.startSend(lease, 'nobody', { startedAt: '' })).rejects.toThrow('Batch nobody is not there');
    await expect(store.search({ cursor: 'made up', limit: 1 })).rejects.toThrow(RangeError);
    await store.putLedger(lease, [ledgerRecord({ key: 'invoice/1' })]);
    expect((await store.ledger('acme', ['invoice/1'])).get('invoice/1')).toEqual(ledgerRecord({ key: 'invoice/1' }));
  });

  it('refuses a second store on the folder, naming the process that has it', async () => {
    await expect(openSqliteStore({ folder, secretBox })).rejects.toMatchObject({
      kind: 'locked',
      message: expect.stringContaining(String(process.pid)),
    });
  });

  it('answers nothing once it is closed', async () => {
    const other = await mkdtemp(join(tmpdir(), 'vesper-thread-'));
    const closed = await openSqliteStore({ folder: other, secretBox });
    const last = closed.append(newEntry());
    await closed.close();
    expect(await last).toMatchObject({ outcome: 'stored' });
    await expect(closed.append(newEntry())).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(closed.entry('acme|vesper|msg_1')).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await closed.isWritable()).toBe(false);
    const again = await openSqliteStore({ folder: other, secretBox });
    expect(await again.entry('acme|vesper|msg_1')).toMatchObject({ webhookId: 'msg_1' });
    await again.close();
    await rm(other, { recursive: true });
  });
});
