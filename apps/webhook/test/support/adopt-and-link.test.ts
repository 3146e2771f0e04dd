import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, enterInQuickbooks, inspectionEvent, paymentEvent, type Rig } from '../rig.ts';

let rig: Rig;
let realmId: string;
const why = 'entered by hand before Vesper came';
const post = (path: string, body: Record<string, unknown> = {}) => rig.api('POST', path, { why, ...body });
const run = () => rig.api('POST', '/v1/companies/tern/runs', { wait: true });
const records = async (entity: string) => (await rig.ledger(realmId))[entity] ?? [];

beforeAll(async () => {
  rig = await createRig();
  realmId = await rig.company('tern');
});
afterAll(() => rig.close());

const enter = (entity: string, record: Record<string, unknown>) => enterInQuickbooks(rig, 'tern', entity, record);

describe('records a person entered', () => {
  it('links a client to an existing customer once, and posts to that one', async () => {
    const customer = await enter('Customer', { DisplayName: 'The Morenos' });
    await rig.send('m1', inspectionEvent('tern', '812'));
    const fix = { kind: 'customer_link', clientId: 'c812', quickbooksId: customer.Id };
    const first = await post('/v1/corrections', { companyId: 'tern', fix });
    expect(first).toMatchObject({ status: 409, json: { error: { code: 'differs', message: expect.stringContaining('Moreno') } } });
    expect(await post('/v1/corrections', { companyId: 'tern', fix, accept: true })).toMatchObject({ status: 201 });
    await run();
    expect(await records('Customer')).toHaveLength(1);
    expect(await records('Invoice')).toMatchObject([{ DocNumber: 'sp812', CustomerRef: { value: customer.Id } }]);
  });

  it('refuses to give one QuickBooks customer to two clients', async () => {
    await rig.send('m2', inspectionEvent('tern', '813'));
    const [customer] = await records('Customer');
    const fix = { kind: 'customer_link', clientId: 'c813', quickbooksId: customer?.Id };
    const refused = await post('/v1/corrections', { companyId: 'tern', fix, accept: true });
    expect(refused).toMatchObject({
      status: 409,
      json: { error: { code: 'refused', message: expect.stringContaining('customer/c812 already') } },
    });
    await run();
    expect(await records('Customer')).toHaveLength(2);
  });

  it('adopts an invoice that is there after comparing it, and applies the payment to it', async () => {
    const [invoice] = (await records('Invoice')).filter(({ DocNumber }) => DocNumber === 'sp813');
    const byHand = await enter('Invoice', {
      CustomerRef: invoice?.CustomerRef,
      DocNumber: 'H-814',
      TxnDate: '2026-06-03',
      Line: [{ Amount: 400, DetailType: 'SalesItemLineDetail', SalesItemLineDetail: { ItemRef: { value: '1' }, Qty: 1, UnitPrice: 400 } }],
    });
    const client = { id: 'c813', firstName: 'Ada', lastName: 'Moreno 813', email: 'ada.813@example.com' };
    await rig.send('m3', inspectionEvent('tern', '814', { client }));
    await rig.send('p3', paymentEvent('tern', '9814', '814', { amountCents: 40_000 }));
    const adopt = (more: Record<string, unknown>) =>
      post('/v1/companies/tern/documents/adopt', { key: 'invoice/814', quickbooksId: byHand.Id, ...more });

    const compared = await adopt({});
    expect(compared).toMatchObject({ status: 409, json: { error: { code: 'differs', issues: expect.any(Array) } } });
    const differences = (compared.json.error as { issues: { message: string }[] }).issues.map(({ message }) => message).join('; ');
    expect(differences).toContain('450');
    const adopted = await adopt({ accept: true });
    expect(adopted).toMatchObject({ status: 200, json: { quickbooksId: byHand.Id } });
    await run();
    expect((await records('Invoice')).filter(({ DocNumber }) => DocNumber === 'sp814')).toEqual([]);
    expect((await records('Invoice')).find(({ Id }) => Id === byHand.Id)).toMatchObject({ TotalAmt: 400, Balance: 0 });
    const status = await rig.api('GET', '/v1/companies/tern/inspections/814');
    expect(status.json).toMatchObject({ docNumber: 'H-814' });
  });

  // Without the look before it creates, a replay after a lost ledger would book the income twice.
  it('links a document that stands in QuickBooks although the ledger lost it, and says so before', async () => {
    await rig.send('m6', inspectionEvent('tern', '816'));
    await run();
    const { store } = rig.vesper.room;
    const claim = await store.claimLease({ companyId: 'tern', holder: 'a restored backup', ttlMs: 60_000 });
    if (claim.outcome !== 'claimed') throw new Error('the lease was busy');
    await store.putLedger(claim.lease, [{ key: 'invoice/816', type: 'invoice', state: 'planned', inspectionId: '816', attempts: 0 }]);
    await store.releaseLease(claim.lease);

    const entry = encodeURIComponent('tern|vesper|m6');
    const invoice = (await records('Invoice')).find(({ DocNumber }) => DocNumber === 'sp816');
    const verdict = await rig.api('GET', `/v1/outbox/${entry}/verdict?ask=true`);
    expect(verdict.json.verdicts).toContainEqual(
      expect.objectContaining({
        key: 'invoice/816',
        verdict: 'link',
        quickbooksId: invoice?.Id,
        message: expect.stringContaining('sp816'),
      }),
    );
    expect((await post(`/v1/outbox/${entry}/replay`)).json).toMatchObject({
      outcome: 'replayed',
      changed: [{ key: 'invoice/816', after: 'posted' }],
    });
    expect((await records('Invoice')).filter(({ DocNumber }) => DocNumber === 'sp816')).toHaveLength(1);
  });

  it('refuses to adopt for what is posted, what is another document’s, and what is not there', async () => {
    const id = async (number: string) => (await records('Invoice')).find(({ DocNumber }) => DocNumber === number)?.Id;
    await rig.send('m5', inspectionEvent('tern', '815'));
    const adopt = (key: string, quickbooksId: unknown) => post('/v1/companies/tern/documents/adopt', { key, quickbooksId, accept: true });
    expect(await adopt('invoice/813', await id('sp812'))).toMatchObject({
      status: 409,
      json: { error: { message: expect.stringContaining('posted already') } },
    });
    await enterCustomerOf815();
    expect(await adopt('invoice/815', await id('sp812'))).toMatchObject({
      status: 409,
      json: { error: { message: expect.stringContaining('invoice/812 already') } },
    });
    expect(await adopt('invoice/815', '424242')).toMatchObject({
      status: 409,
      json: { error: { message: expect.stringContaining('has no Invoice') } },
    });
    expect(await adopt('invoice/999', '1')).toMatchObject({ status: 404 });
  });
});

/** An invoice can be compared only once its customer is known. */
async function enterCustomerOf815(): Promise<void> {
  const customer = await enter('Customer', { DisplayName: 'Somebody Else' });
  const fix = { kind: 'customer_link', clientId: 'c815', quickbooksId: customer.Id };
  expect(await post('/v1/corrections', { companyId: 'tern', fix, accept: true })).toMatchObject({ status: 201 });
}
