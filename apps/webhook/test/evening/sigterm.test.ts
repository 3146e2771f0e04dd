import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProcessRig, type ProcessRig } from '../process-rig.ts';
import { ledgerOf } from '../rig.ts';

let rig: ProcessRig;
beforeEach(async () => {
  rig = await createProcessRig();
});
afterEach(() => rig.close());

const ids = Array.from({ length: 70 }, (_, index) => String(1_000 + index));

describe('a service asked to stop in the middle of a run', () => {
  it.each([
    { while: 'batches are slow', fault: { kind: 'delay', ms: 400 }, times: 1_000 },
    { while: 'QuickBooks hangs', fault: { kind: 'commit-then-timeout', ms: 120_000 }, times: 1 },
  ])('ends by itself within 25 s while $while, and posts the rest once after it starts again', async ({ fault, times }) => {
    await rig.start();
    const realmId = await rig.company('tern');
    expect(await rig.book('tern', ids)).toEqual([202]);
    await rig.harmBatches(realmId, { after: 2, times, fault });
    await rig.run('tern', { wait: false });
    await rig.batchesArrived(realmId, 4);
    const askedAt = performance.now();
    const gone = once(rig.service.process, 'exit') as Promise<[number]>;
    rig.service.process.kill('SIGTERM');
    const [status] = await gone;
    expect(status).toBe(0);
    expect(performance.now() - askedAt).toBeLessThan(25_000);
    expect((await ledgerOf(rig.emulator.url, realmId)).Payment ?? []).not.toHaveLength(ids.length);

    await rig.start();
    await rig.runToTheEnd('tern');
    const { Invoice, Payment } = await ledgerOf(rig.emulator.url, realmId);
    expect(Invoice?.map(({ DocNumber }) => DocNumber).sort()).toEqual(ids.map((id) => `sp${id}`));
    expect(Payment?.map(({ PaymentRefNum }) => PaymentRefNum).sort()).toEqual(ids.map((id) => `spp9${id}`));
  });
});
