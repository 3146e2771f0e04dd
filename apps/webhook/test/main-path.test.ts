import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, inspectionEvent, paymentEvent, type Rig } from './rig.ts';

let rig: Rig;
let realmId: string;
beforeAll(async () => {
  rig = await createRig();
  realmId = await rig.company('tern');
});
afterAll(() => rig.close());

const run = (body: Record<string, unknown> = {}) =>
  rig.api('POST', '/v1/companies/tern/runs', { wait: true, asOf: '2026-06-02T01:00:00.000Z', ...body });

describe('the main path', () => {
  it('tells a company with its defaults and its connection', async () => {
    const { json } = await rig.api('GET', '/v1/companies/tern');
    expect(json).toMatchObject({
      id: 'tern',
      eveningAt: '20:00',
      mode: 'invoice_and_payment',
      onCancel: 'void',
      connection: { state: 'connected', realmId, problems: expect.any(Array) },
    });
  });

  it('posts a confirmed inspection and its card payment, once', async () => {
    expect(await rig.send('msg_1', inspectionEvent('tern', '812'))).toBe(202);
    expect(await rig.send('msg_2', paymentEvent('tern', '9001', '812'))).toBe(202);
    const first = await run();
    expect(first).toMatchObject({
      status: 200,
      json: { state: 'done', localDate: '2026-06-01', counts: { posted: 3, failed: 0, unknown: 0 } },
    });

    const { Customer, Invoice, Payment } = await rig.ledger(realmId);
    expect(Customer).toHaveLength(1);
    expect(Invoice).toMatchObject([{ DocNumber: 'sp812', TotalAmt: 450, Balance: 0, TxnDate: '2026-06-03' }]);
    expect(Payment).toMatchObject([{ PaymentRefNum: 'spp9001', TotalAmt: 450, UnappliedAmt: 0, TxnDate: '2026-06-01' }]);

    expect((await run()).json).toMatchObject({ counts: { posted: 0, updated: 0, voided: 0 } });
  });

  it('shows the platform the document number and the last sync', async () => {
    const { json } = await rig.api('GET', '/v1/companies/tern/inspections/812');
    expect(json).toMatchObject({ inspectionId: '812', docNumber: 'sp812', lastSyncedAt: expect.stringMatching(/^\d{4}-/), inFlight: [] });
    expect((json.documents as { key: string; state: string }[]).map(({ key, state }) => `${key} ${state}`).sort()).toEqual([
      'customer/c812 posted',
      'invoice/812 posted',
      'payment/9001 posted',
    ]);
  });

  it('keeps an ACH payment out of QuickBooks until it has settled, and shows it in flight', async () => {
    await rig.send('msg_3', inspectionEvent('tern', '813'));
    await rig.send('msg_4', { ...paymentEvent('tern', '9002', '813', { method: 'ach' }), type: 'payment.initiated' });
    await run();
    expect((await rig.ledger(realmId)).Payment).toHaveLength(1);
    const { json } = await rig.api('GET', '/v1/companies/tern/inspections/813');
    expect(json.inFlight).toEqual([{ paymentId: '9002', method: 'ach', amountCents: 45_000, since: '2026-06-01T16:00:00.000Z' }]);

    await rig.send('msg_5', paymentEvent('tern', '9002', '813', { method: 'ach', revision: 2, settledAt: '2026-06-02T16:00:00.000Z' }));
    await run({ asOf: '2026-06-03T01:00:00.000Z' });
    expect((await rig.ledger(realmId)).Payment).toMatchObject([{}, { PaymentRefNum: 'spp9002', TxnDate: '2026-06-02' }]);
  });

  it('adds an add-on bought later to the invoice and voids a canceled one', async () => {
    await rig.send('msg_6', inspectionEvent('tern', '814'));
    await run();
    const [line] = inspectionEvent('tern', '814').data.inspection.lines;
    const addon = { ...line, id: '814-2', kind: 'addon', name: 'Radon Test', unitAmountCents: 15_000 };
    await rig.send('msg_7', { ...inspectionEvent('tern', '814', { revision: 2, lines: [line, addon] }), type: 'inspection.updated' });
    expect((await run()).json).toMatchObject({ counts: { updated: 1 } });
    const find = async () => (await rig.ledger(realmId)).Invoice?.find(({ DocNumber }) => DocNumber === 'sp814');
    expect(await find()).toMatchObject({ TotalAmt: 600 });
    await rig.send('msg_8', { ...inspectionEvent('tern', '814', { revision: 3, status: 'canceled' }), type: 'inspection.canceled' });
    expect((await run()).json).toMatchObject({ counts: { voided: 1 } });
    expect(await find()).toMatchObject({ TotalAmt: 0 });
  });

  it('previews a run without posting anything', async () => {
    await rig.send('msg_9', inspectionEvent('tern', '815'));
    const { json } = await run({ dryRun: true });
    expect(json.verdicts).toEqual(
      expect.arrayContaining([expect.objectContaining({ key: 'invoice/815', verdict: 'create', totalCents: 45_000 })]),
    );
    expect((await rig.ledger(realmId)).Invoice?.some(({ DocNumber }) => DocNumber === 'sp815')).toBe(false);
  });

  it('finds entries by state and by words', async () => {
    const { json } = await rig.api('GET', '/v1/outbox?company=tern&q=812');
    expect((json.entries as { subject: string; state: string }[]).map(({ subject, state }) => [subject, state])).toEqual([
      ['payment/9001', 'posted'],
      ['inspection/812', 'posted'],
    ]);
  });

  it('lets a connection state be used once', async () => {
    const { json } = await rig.api('POST', '/v1/companies/tern/connect');
    const authorize = (await fetch(String(json.url), { redirect: 'manual' })).headers.get('location') ?? '';
    expect((await fetch(String(json.url), { redirect: 'manual' })).status).toBe(410);
    const callback = (await fetch(`${authorize}&realm_id=${realmId}`, { redirect: 'manual' })).headers.get('location') ?? '';
    expect((await fetch(callback)).status).toBe(200);
    expect((await fetch(callback)).status).toBe(400);
  });
});
