import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMongoServer } from '../../../packages/outbox/test/mongo-server.ts';
import { createRig, inspectionEvent, paymentEvent, type Rig } from './rig.ts';

let server: Awaited<ReturnType<typeof startMongoServer>>;
let rig: Rig;
beforeAll(async () => {
  server = await startMongoServer();
  rig = await createRig({ MONGODB_URL: server.url(`vesper_${process.pid}`) });
});
afterAll(async () => {
  await rig.close();
  await server.stop();
});

describe('the service on MongoDB', () => {
  it('stores, posts once and tells the status, as on SQLite', async () => {
    const realmId = await rig.company('tern');
    expect(await rig.send('msg_1', inspectionEvent('tern', '812'))).toBe(202);
    expect(await rig.send('msg_1', inspectionEvent('tern', '812'))).toBe(200);
    expect(await rig.send('msg_1', inspectionEvent('tern', '813'))).toBe(409);
    expect(await rig.send('msg_2', paymentEvent('tern', '9001', '812'))).toBe(202);
    const run = () => rig.api('POST', '/v1/companies/tern/runs', { wait: true });
    expect(await run()).toMatchObject({ status: 200, json: { state: 'done', counts: { posted: 3, failed: 0, unknown: 0 } } });
    expect(await run()).toMatchObject({ json: { counts: { posted: 0, updated: 0 } } });
    expect((await rig.ledger(realmId)).Invoice).toMatchObject([{ DocNumber: 'sp812', Balance: 0 }]);
    expect((await rig.api('GET', '/v1/companies/tern/inspections/812')).json).toMatchObject({ docNumber: 'sp812' });
    expect((await rig.api('GET', '/v1/outbox?company=tern&q=812')).json.entries).toHaveLength(2);
  });
});
