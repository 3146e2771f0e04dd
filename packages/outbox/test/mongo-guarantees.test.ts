import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mongoIndexes } from '../src/mongo/collections.ts';
import { at, batchItem, claimed, ledgerRecord, newBatch, newEntry, newRun, utf8 } from '../src/contract/subject.ts';
import { createSecretBox } from '../src/secret-box.ts';
import { openMongoStore } from '../src/mongo-store.ts';
import { startMongoServer } from './mongo-server.ts';

const secretBox = createSecretBox({ keys: [{ id: 'test', key: new Uint8Array(32) }] });
let server: Awaited<ReturnType<typeof startMongoServer>>;
const freshUrl = () => server.url(`vesper_test_${randomUUID().slice(0, 8)}`);

beforeAll(async () => {
  server = await startMongoServer();
});
afterAll(() => server.stop());

describe('the MongoDB store', () => {
  // Without it an acknowledged webhook could be rolled back by an election.
  it('refuses a standalone server, and takes it for a trial', async () => {
    const standalone = await startMongoServer({ standalone: true });
    try {
      const url = standalone.url('vesper_trial');
      await expect(openMongoStore({ url, secretBox })).rejects.toMatchObject({ kind: 'unsupported' });
      const store = await openMongoStore({ url, secretBox, allowStandalone: true });
      expect(await store.append(newEntry())).toMatchObject({ outcome: 'stored' });
      await store.close();
    } finally {
      await standalone.stop();
    }
  });

  it('creates the indexes it declares', async () => {
    const url = freshUrl();
    const store = await openMongoStore({ url, secretBox });
    await store.close();
    const client = await MongoClient.connect(url);
    const there = await client.db().collection('outbox').indexes();
    await client.close();
    expect(there.map(({ key }) => key as unknown)).toEqual(expect.arrayContaining(mongoIndexes.entries.map(({ key }) => key)));
  });

  // Without it a collection could not be sharded by company, or a key would be unique only within each shard.
  it('gives every document its company, and lets every _id start with it', async () => {
    const url = freshUrl();
    const store = await openMongoStore({ url, secretBox });
    await store.append(newEntry());
    await store.append(newEntry({ body: new Uint8Array([1]) }));
    await store.putCompany(
      { id: 'acme', version: 1, settings: {}, connection: { state: 'none', problems: [] }, createdAt: '', updatedAt: '' },
      'new',
    );
    const lease = await claimed(store);
    await store.putLedger(lease, [ledgerRecord({ key: 'invoice/1' })]);
    await store.reserveBatch(lease, newBatch('b1', ['invoice/1']));
    await store.startRun(lease, newRun());
    await store.putSecret('acme', 'token', 'x', 'new');
    await store.close();

    const client = await MongoClient.connect(url);
    for (const name of ['outbox', 'conflicts', 'companies', 'leases', 'documents', 'batches', 'runs', 'secrets']) {
      const documents = await client.db().collection<{ _id: string; companyId: string }>(name).find().toArray();
      expect(documents.map(({ companyId }) => `${name}: ${companyId}`)).toEqual([`${name}: acme`]);
      expect(documents.map(({ _id }) => _id.split('|')[0])).toEqual(['acme']);
    }
    await client.close();
  });

  // Without it an upgrade one replica at a time, or a step back, would strip documents of what the newer version has added.
  it('changes of a document only what it knows, and leaves what a newer version has added', async () => {
    const url = freshUrl();
    const store = await openMongoStore({ url, secretBox });
    const company = {
      id: 'acme',
      version: 1,
      settings: {},
      connection: { state: 'none', problems: [] },
      createdAt: '',
      updatedAt: '',
    } as const;
    const record = ledgerRecord({ key: 'invoice/1' });
    await store.append(newEntry());
    await store.putCompany({ ...company, connection: { state: 'none', problems: [] } }, 'new');
    const lease = await claimed(store);
    await store.putLedger(lease, [record]);
    await store.reserveBatch(lease, newBatch('b1', ['invoice/1']));
    await store.startRun(lease, newRun());
    await store.putSecret('acme', 'token', 'x', 'new');
    await store.putRecord('deliveries', '1', { state: 'due' }, { expectedVersion: 'new', expiresAt: at(1_000_000_000) });

    const client = await MongoClient.connect(url);
    const all = ['outbox', 'companies', 'leases', 'documents', 'batches', 'runs', 'secrets', 'records'];
    for (const name of all)
      await client
        .db()
        .collection(name)
        .updateMany({}, { $set: { later: { kept: true } } });

    await store.putCompany({ ...company, version: 2, connection: { state: 'reconnect', problems: [] } }, 1);
    const items = [batchItem('invoice/1')];
    await store.sealBatch(lease, 'b1', { items, body: utf8('bytes'), bodySha256: 'hash' });
    await store.startSend(lease, 'b1', { startedAt: at(1) });
    const posted = { ...record, state: 'posted' as const, quickbooks: { entity: 'Invoice', id: '7', syncToken: '0' }, inspectionId: '812' };
    await store.settleBatch(lease, 'b1', { state: 'settled', items, records: [posted] });
    const { inspectionId: _, ...without } = posted;
    await store.putLedger(lease, [without]);
    await store.settleEntries(lease, [{ id: 'acme|vesper|msg_1', state: 'posted', runId: 'run-1', at: at(2) }]);
    await store.putRun(lease, newRun({ state: 'done', finishedAt: at(2) }));
    await store.putSecret('acme', 'token', 'y', 1);
    await store.putRecord('deliveries', '1', { state: 'done' }, { expectedVersion: 1 });
    await store.renewLease(lease, 60_000);
    expect((await store.ledger('acme', ['invoice/1'])).get('invoice/1')).toEqual(without);
    expect(await store.ledgerByInspection('acme', '812')).toEqual([]);
    expect(await store.getRecord('deliveries', '1')).toEqual({ value: { state: 'done' }, version: 2 });
    expect((await client.db().collection('records').findOne({ kind: 'deliveries' }))?.['expiresAt']).toBeUndefined();
    await store.close();

    for (const name of all) {
      const documents = await client
        .db()
        .collection(name)
        .find({ later: { kept: true } })
        .toArray();
      expect({ name, kept: documents.length > 0 }).toEqual({ name, kept: true });
    }
    await client.close();
  });

  it('judges leases by the clock of the server, not by its own', async () => {
    const url = freshUrl();
    const [slow, fast] = await Promise.all([
      openMongoStore({ url, secretBox, now: () => 0 }),
      openMongoStore({ url, secretBox, now: () => Date.now() + 3_600_000 }),
    ]);
    const lease = await claimed(slow, { ttlMs: 30_000 });
    expect(await fast.claimLease({ companyId: 'acme', holder: 'fast', ttlMs: 30_000 })).toEqual({ outcome: 'busy', holder: 'first' });
    expect(await slow.renewLease(lease, 1)).toBe(true);
    let again = await fast.claimLease({ companyId: 'acme', holder: 'fast', ttlMs: 30_000 });
    while (again.outcome === 'busy') again = await fast.claimLease({ companyId: 'acme', holder: 'fast', ttlMs: 30_000 });
    expect(again.lease.fence).toBe(lease.fence + 1);
    await Promise.all([slow.close(), fast.close()]);
  });

  it('says it cannot be reached, rather than hanging', async () => {
    const port = await freePort();
    const startedMs = performance.now();
    await expect(openMongoStore({ url: `mongodb://127.0.0.1:${port}/vesper`, secretBox })).rejects.toMatchObject({ kind: 'unavailable' });
    expect(performance.now() - startedMs).toBeLessThan(6_000);
  });

  it('answers unavailable while the server is gone, and is not writable', async () => {
    const own = await startMongoServer({ standalone: true });
    const store = await openMongoStore({ url: own.url('vesper_gone'), secretBox, allowStandalone: true });
    await store.append(newEntry());
    await own.stop();
    await expect(store.append(newEntry({ webhookId: 'msg_2' }))).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    expect(await store.isWritable()).toBe(false);
    await store.close();
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
