import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProcessRig, type ProcessRig } from './process-rig.ts';
import { ledgerOf } from './rig.ts';

let rig: ProcessRig;
beforeEach(async () => {
  rig = await createProcessRig();
});
afterEach(() => rig.close());

const ids = Array.from({ length: 90 }, (_, index) => String(1_000 + index));

describe('a service that is killed', () => {
  // Without sealed batches, the documents on the wire at that moment would be posted twice or never.
  it.each([1, 4, 7])('completes the evening it was killed in with batch %d on the wire, every document once', async (batch) => {
    await rig.start();
    const realmId = await rig.company('tern');
    expect(await rig.book('tern', ids)).toEqual([202]);
    await rig.harmBatches(realmId, { times: 1_000, fault: { kind: 'delay', ms: 250 } });
    await rig.run('tern', { wait: false });
    await rig.batchesArrived(realmId, batch);
    await rig.service.kill('SIGKILL');
    const before = await ledgerOf(rig.emulator.url, realmId);

    await rig.start();
    await rig.runToTheEnd('tern');
    const { Customer, Invoice, Payment } = await ledgerOf(rig.emulator.url, realmId);
    const numbers = (records: Record<string, unknown>[] | undefined, field: string) => records?.map((record) => record[field]).sort();
    expect((before.Payment ?? []).length).toBeLessThan(ids.length);
    expect(Customer).toHaveLength(ids.length);
    expect(numbers(Invoice, 'DocNumber')).toEqual(ids.map((id) => `sp${id}`));
    expect(numbers(Payment, 'PaymentRefNum')).toEqual(ids.map((id) => `spp9${id}`));
    expect(Invoice?.every(({ Balance }) => Balance === 0)).toBe(true);
  });
});
