import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMongoServer } from '../../../packages/outbox/test/mongo-server.ts';
import { vesper as callVesper } from './command-line.ts';
import { createRig, inspectionEvent, paymentEvent, type Rig } from './rig.ts';

let server: Awaited<ReturnType<typeof startMongoServer>>;
let onSqlite: Rig;
let mongodbUrl: string;
beforeAll(async () => {
  server = await startMongoServer();
  mongodbUrl = server.url(`vesper_moved_${process.pid}`);
  onSqlite = await createRig();
});
afterAll(async () => {
  await onSqlite.close();
  await server.stop();
});

const vesper = (env: Record<string, string>, ...args: string[]) => callVesper({ VESPER_DATA_DIR: onSqlite.dataDir, ...env }, args);

describe('vesper move-store', () => {
  it('asks where to, and leaves a folder alone that a service has', async () => {
    expect(await vesper({}, 'move-store')).toMatchObject({ status: 2, err: expect.stringContaining('MONGODB_URL') as string });
    expect(await vesper({ MONGODB_URL: mongodbUrl }, 'move-store')).toMatchObject({
      status: 4,
      err: expect.stringContaining('Stop the service') as string,
    });
  });

  it('brings everything over: the service on MongoDB knows what is posted and posts only what is new', async () => {
    const realmId = await onSqlite.company('tern');
    for (const [webhookId, event] of [
      ['msg_1', inspectionEvent('tern', '812')],
      ['msg_2', paymentEvent('tern', '9001', '812')],
    ] as const)
      expect(await onSqlite.send(webhookId, event)).toBe(202);
    const run = (rig: Rig) => rig.api('POST', '/v1/companies/tern/runs', { wait: true });
    expect(await run(onSqlite)).toMatchObject({ json: { counts: { posted: 3 } } });
    await onSqlite.vesper.close();

    const moved = await vesper({ MONGODB_URL: mongodbUrl }, 'move-store', '--json');
    expect(moved.status).toBe(0);
    expect(JSON.parse(moved.out)).toMatchObject({
      outcome: 'moved',
      collections: { companies: { rows: 1 }, entries: { rows: 2 }, documents: { rows: 3 } },
    });
    expect(moved.err).toContain('compared entries: 2');

    const onMongo = await createRig({
      MONGODB_URL: mongodbUrl,
      VESPER_EMULATOR_URL: onSqlite.emulator.url,
      // Tokens move sealed: they open with the key they were sealed with.
      VESPER_ENCRYPTION_KEY: onSqlite.encryptionKey,
    });
    try {
      expect((await onMongo.api('GET', '/v1/companies/tern/inspections/812')).json).toMatchObject({ docNumber: 'sp812' });
      expect(await run(onMongo)).toMatchObject({ json: { state: 'done', counts: { posted: 0, updated: 0, failed: 0 } } });
      expect(await onMongo.send('msg_1', inspectionEvent('tern', '812'))).toBe(200);
      expect(await onMongo.send('msg_3', inspectionEvent('tern', '813'))).toBe(202);
      expect(await run(onMongo)).toMatchObject({ json: { state: 'done', counts: { posted: 2, failed: 0 } } });
      const { Invoice = [] } = await onSqlite.ledger(realmId);
      expect(Invoice.map(({ DocNumber }) => String(DocNumber)).toSorted((a, b) => a.localeCompare(b))).toEqual(['sp812', 'sp813']);
    } finally {
      await onMongo.close();
    }
  });

  it('changes nothing in a database that is in use', async () => {
    expect(await vesper({ MONGODB_URL: mongodbUrl }, 'move-store')).toMatchObject({
      status: 1,
      err: expect.stringContaining('already holds') as string,
    });
  });
});
