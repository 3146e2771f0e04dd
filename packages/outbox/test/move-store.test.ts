import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { at, batchItem, claimed, ledgerRecord, newBatch, newEntry, newRun, utf8 } from '../src/contract/subject.ts';
import { openMongoStore } from '../src/mongo-store.ts';
import { moveStore } from '../src/move-store.ts';
import { createSecretBox } from '../src/secret-box.ts';
import { openSqliteStore } from '../src/sqlite-store.ts';
import type { Store } from '../src/store.ts';
import type { TransferableStore } from '../src/transferable-store.ts';
import { startMongoServer } from './mongo-server.ts';

const secretBox = createSecretBox({ keys: [{ id: 'test', key: new Uint8Array(32).fill(3) }] });

describe('moving a store', () => {
  let server: Awaited<ReturnType<typeof startMongoServer>>;
  let folder: string;
  let sqlite: TransferableStore;
  let mongo: TransferableStore;
  beforeAll(async () => {
    server = await startMongoServer();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vesper-move-'));
    sqlite = await openSqliteStore({ folder: join(folder, 'from'), secretBox, ownThread: false });
    mongo = await openMongoStore({ url: server.url(`vesper_move_${randomUUID().slice(0, 8)}`), secretBox });
  });
  afterEach(async () => {
    await Promise.all([sqlite.close(), mongo.close()]);
    await rm(folder, { recursive: true });
  });

  it('brings everything from SQLite to MongoDB, where work goes on', async () => {
    await fill(sqlite);
    const before = await contentsOf(sqlite);
    expect(await moveStore({ from: sqlite, to: mongo, pageSize: 2 })).toMatchObject({
      outcome: 'moved',
      collections: { entries: { rows: 5 }, conflicts: { rows: 1 }, documents: { rows: 2 }, batches: { rows: 1 }, secrets: { rows: 2 } },
    });
    expect(await contentsOf(mongo)).toEqual(before);

    expect(await mongo.append(newEntry({ webhookId: 'm1', body: utf8('body m1') }))).toMatchObject({
      outcome: 'duplicate',
      state: 'posted',
    });
    const lease = await claimed(mongo, { holder: 'after the move' });
    expect(lease.fence).toBe(2);
    expect((await mongo.liveBatches(lease)).map(({ id, state }) => [id, state])).toEqual([['b1', 'sealed']]);
    expect(await mongo.putLedger(lease, [ledgerRecord({ key: 'invoice/1', state: 'held' })])).toEqual({ refused: ['invoice/1'] });
    expect(await mongo.putSecret('zenith', 'token', 'late', 1)).toBe(false);
  });

  // Without it a session that ends meanwhile would make a good copy look like a bad one, evening after evening.
  it.each(['to MongoDB', 'to SQLite'])('does not mind what ends by itself meanwhile (%s)', async (where) => {
    await fill(sqlite);
    if (where === 'to SQLite') await moveStore({ from: sqlite, to: mongo });
    const [from, to] =
      where === 'to SQLite'
        ? [mongo, await openSqliteStore({ folder: join(folder, 'back'), secretBox, ownThread: false })]
        : [sqlite, mongo];
    for (const id of ['1', '2', '3'])
      await from.putRecord('session', id, { id }, { expectedVersion: 'any', expiresAt: '2026-01-01T00:00:00.000Z' });
    expect(await moveStore({ from, to, pageSize: 1 })).toMatchObject({ outcome: 'moved' });
    if (where === 'to SQLite') await to.close();
  });

  it('brings it back to SQLite, into an empty folder', async () => {
    await fill(sqlite);
    await moveStore({ from: sqlite, to: mongo });
    const back = await openSqliteStore({ folder: join(folder, 'back'), secretBox, ownThread: false });
    expect(await moveStore({ from: mongo, to: back })).toMatchObject({ outcome: 'moved' });
    expect(await contentsOf(back)).toEqual(await contentsOf(sqlite));
    await back.close();
  });

  // Without it a move stopped half-way would have to be cleaned up by hand, or leave a store that looks whole.
  it('goes on where it was stopped', async () => {
    await fill(sqlite);
    let steps = 0;
    const stopping: TransferableStore = {
      ...mongo,
      importRows(collection, rows) {
        steps += 1;
        if (steps === 5) return Promise.reject(new Error('the power went'));
        return mongo.importRows(collection, rows);
      },
    };
    await expect(moveStore({ from: sqlite, to: stopping, pageSize: 2 })).rejects.toThrow('the power went');
    const copied: string[] = [];
    const again = await moveStore({
      from: sqlite,
      to: mongo,
      pageSize: 2,
      onProgress: ({ step, collection }) => void (step === 'copy' && copied.push(collection)),
    });
    expect(again).toMatchObject({ outcome: 'moved' });
    expect(copied).not.toContain('leases');
    expect(await contentsOf(mongo)).toEqual(await contentsOf(sqlite));
  });

  it('leaves a target alone that holds something else', async () => {
    await fill(sqlite);
    await mongo.append(newEntry({ companyId: 'other' }));
    expect(await moveStore({ from: sqlite, to: mongo })).toEqual({ outcome: 'target_not_empty', collection: 'entries' });
    expect(await mongo.counts()).toMatchObject({ pending: 1, posted: 0 });
  });

  it('sees a row that did not arrive as it left', async () => {
    await fill(sqlite);
    const changing: TransferableStore = {
      ...mongo,
      importRows: (collection, rows) =>
        mongo.importRows(
          collection,
          rows.map((row) => ('sealed' in row ? { ...row, version: 99 } : row)),
        ),
    };
    expect(await moveStore({ from: sqlite, to: changing })).toMatchObject({ outcome: 'different', collection: 'secrets' });
  });
});

async function fill(store: Store): Promise<void> {
  for (const webhookId of ['m1', 'm2', 'm3', 'm4'])
    await store.append(newEntry({ webhookId, body: utf8(`body ${webhookId}`), words: ['jane'] }));
  await store.append(newEntry({ companyId: 'zenith', refs: ['inspection/812', 'payment/7'] }));
  await store.append(newEntry({ webhookId: 'm1', body: utf8('another') }));
  await store.append(newEntry({ webhookId: 'm1', body: utf8('body m1') }));
  await store.putCompany(
    {
      id: 'acme',
      version: 1,
      settings: { 'a.b': { $c: 1 } },
      connection: { state: 'none', problems: [] },
      createdAt: at(0),
      updatedAt: at(0),
    },
    'new',
  );
  const lease = await claimed(store);
  const reason = { code: 'x', message: 'm', remedy: 'r', amountCents: 5 };
  await store.settleEntries(lease, [
    { id: 'acme|vesper|m1', state: 'posted', runId: 'run-1', at: at(1) },
    { id: 'acme|vesper|m2', state: 'held', reason, runId: 'run-1', at: at(1) },
  ]);
  await store.redactBodies(at(30), 10);
  await store.putLedger(lease, [ledgerRecord({ key: 'invoice/1' }), ledgerRecord({ key: 'invoice/2', state: 'posted', attempts: 3 })]);
  await store.reserveBatch(lease, newBatch('b1', ['invoice/1']));
  await store.sealBatch(lease, 'b1', { items: [batchItem('invoice/1')], body: utf8('bytes'), bodySha256: 'hash' });
  await store.startSend(lease, 'b1', { startedAt: at(2) });
  await store.startRun(lease, newRun());
  await store.appendAudit({ id: 'a1', at: at(1), actor: 'jane', action: 'replay', subject: 'invoice/1', after: { state: 'pending' } });
  await store.putRecord('user', 'jane', { role: 'admin' }, { expectedVersion: 'new', expiresAt: '2999-01-01T00:00:00.000Z' });
  await store.putSecret('acme', 'token', 'refresh', 'new');
  await store.putSecret('zenith', 'token', 'gone', 'new');
  await store.deleteSecret('zenith', 'token');
  await store.releaseLease(lease);
}

async function contentsOf(store: Store): Promise<unknown> {
  const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);
  const entries = await Promise.all((await store.search({ limit: 50 })).entries.map(({ id }) => store.entry(id)));
  return {
    entries: entries.map((entry) => ({ ...entry, body: text(entry?.body) })).sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1)),
    found: (await store.search({ companyIds: ['acme'], q: 'jane', limit: 50 })).entries.length,
    byRef: (await store.entriesByRefs('zenith', ['payment/7'])).length,
    counts: await store.counts(),
    conflicts: (await store.conflicts('acme|vesper|m1')).map(({ bodySha256 }) => bodySha256),
    company: await store.company('acme'),
    ledger: [...(await store.ledger('acme', ['invoice/1', 'invoice/2'])).entries()],
    batches: (await store.batchesOf('acme', 'invoice/1')).map((batch) => ({ ...batch, body: text(batch.body) })),
    runs: await store.runs({ limit: 9 }),
    audit: await store.audit({ limit: 9 }),
    user: await store.getRecord('user', 'jane'),
    secrets: [await store.getSecret('acme', 'token'), await store.getSecret('zenith', 'token')],
  };
}
