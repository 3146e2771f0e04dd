import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dropOldBodies } from '../../src/retention.ts';
import { createLogger } from '../../src/logger.ts';
import { createRig, inspectionEvent, paymentEvent, type Rig } from '../rig.ts';

const YEAR_AND_MORE = 400;
const DAY_MS = 86_400_000;

let rig: Rig;
let realmId: string;
beforeAll(async () => {
  rig = await createRig();
  realmId = await rig.company('tern');
});
afterAll(() => rig.close());

const run = () => rig.api('POST', '/v1/companies/tern/runs', { wait: true });
const room = (daysLater: number) => ({
  store: rig.vesper.room.store,
  clock: { now: () => Date.now() + daysLater * DAY_MS },
  logger: createLogger('silent'),
  days: YEAR_AND_MORE,
});

describe('bodies dropped by age', () => {
  it('are those of settled entries only, and only once they are old enough', async () => {
    await rig.send('msg_1', inspectionEvent('tern', '812'));
    await rig.send('msg_2', paymentEvent('tern', '9001', '812'));
    await run();
    await rig.send('msg_3', inspectionEvent('tern', '813'));
    expect(await dropOldBodies(room(YEAR_AND_MORE - 1))).toBe(0);
    expect(await dropOldBodies(room(YEAR_AND_MORE + 1))).toBe(2);
    expect(await dropOldBodies(room(YEAR_AND_MORE + 1))).toBe(0);
    const { store } = rig.vesper.room;
    expect((await store.entry('tern|vesper|msg_1'))?.body).toBeUndefined();
    expect((await store.entry('tern|vesper|msg_3'))?.body).toBeDefined();
  });

  it('leave a webhook sent again a duplicate, and what was posted where it is', async () => {
    const before = await rig.ledger(realmId);
    expect(await rig.send('msg_1', inspectionEvent('tern', '812'))).toBe(200);
    expect(await rig.send('msg_1', inspectionEvent('tern', '899'))).toBe(409);
    expect((await rig.api('GET', '/v1/companies/tern/inspections/812')).json).toMatchObject({ docNumber: 'sp812' });
    expect((await rig.ledger(realmId)).Invoice).toEqual(before.Invoice);
  });

  // The fold has only what is still known: it must not take the missing rest for things that no longer exist.
  it('do not make a late event undo the documents they led to', async () => {
    await rig.send('msg_4', paymentEvent('tern', '9002', '812', { amountCents: 5_000 }));
    await run();
    const { Invoice = [], Payment = [] } = await rig.ledger(realmId);
    expect(Invoice.find(({ DocNumber }) => DocNumber === 'sp812')).toMatchObject({ TotalAmt: 450 });
    expect(Payment.map(({ TotalAmt }) => TotalAmt)).toEqual([450]);
    const { json } = await rig.api('GET', '/v1/outbox?company=tern&q=9002');
    expect(json.entries).toMatchObject([{ state: 'held', reason: { code: 'inspection_unknown' } }]);
  });
});
