import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCompany } from '../src/company.ts';
import { connectCompany, createCompany } from '../src/sample-company.ts';
import { createRig, inspectionEvent, paymentEvent, quickbooksCompany, type Rig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.close());

interface Connection {
  state: string;
  realmId: string;
  problems: { code: string; remedy: string }[];
  choices: { kind: string; role: string; how: string; name: string; id?: string }[];
  formerRealms?: { realmId: string; until: string }[];
}
const connectionOf = async (id: string) => (await rig.api('GET', `/v1/companies/${id}`)).json.connection as Connection;
const run = async (id: string) =>
  (await rig.api('POST', `/v1/companies/${id}/runs`, { wait: true })).json as { counts: Record<string, number> };
const control = (path: string, body: unknown) =>
  fetch(`${rig.emulator.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const settings = { name: 'Tern Home Inspections', timezone: 'America/Chicago' };

/** An account made in QuickBooks by hand. */
async function makeAccount(companyId: string, realmId: string, record: object): Promise<string> {
  const secret = await rig.vesper.room.store.getSecret(companyId, 'quickbooks_tokens');
  const { tokens } = JSON.parse(secret?.value ?? '') as { tokens: { accessToken: string } };
  const answer = await fetch(`${rig.emulator.url}/v3/company/${realmId}/account?minorversion=75`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.accessToken}`, accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(record),
  });
  return ((await answer.json()) as { Account: { Id: string } }).Account.Id;
}

/** Goes through OAuth by hand and returns the page it ends at. */
async function connectTo(id: string, realmId: string, body?: unknown): Promise<{ status: number; page: string }> {
  const { json } = await rig.api('POST', `/v1/companies/${id}/connect`, body);
  const started = await fetch(String(json.url), { redirect: 'manual' });
  const cookie = started.headers.get('set-cookie')?.split(';')[0] ?? '';
  const approved = await fetch(`${started.headers.get('location')}&realm_id=${realmId}`, { redirect: 'manual' });
  const ended = await fetch(approved.headers.get('location') ?? '', { headers: { cookie } });
  return { status: ended.status, page: await ended.text() };
}

const payoutEvent = (companyId: string, id: string, paymentId: string) => ({
  type: 'payout.paid',
  timestamp: '2026-06-02T16:00:00.000Z',
  data: {
    companyId,
    payout: { id, arrivedAt: '2026-06-02T16:00:00.000Z', netCents: 45_000, items: [{ kind: 'payment', paymentId, amountCents: 45_000 }] },
  },
});

describe('what is posted to in QuickBooks', () => {
  // A bookkeeper who sees the accounts only in the books has to move every record by hand.
  it('is shown where connecting ends, in the API and in the console’s data, before anything is posted', async () => {
    const realmId = await quickbooksCompany(rig.emulator.url, 'Plover');
    await createCompany(rig.client, 'plover', settings);
    const { page } = await connectTo('plover', realmId);
    expect(page).toContain('service: product or service “Home Inspection Services”, made');
    const { choices } = await connectionOf('plover');
    expect(choices).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ role: 'service', how: 'made', name: 'Home Inspection Services', id: expect.any(String) }),
        expect.objectContaining({ role: 'processing_fees', how: 'made', name: 'Payment Processing Fees', id: expect.any(String) }),
        expect.objectContaining({ role: 'bank', how: 'found', id: expect.any(String) }),
        expect.objectContaining({ role: 'undeposited_funds', how: 'found' }),
      ]),
    );
    const { Invoice, Customer, Payment } = await rig.ledger(realmId);
    expect([Invoice ?? [], Customer ?? [], Payment ?? []]).toEqual([[], [], []]);
  });

  it('is chosen anew when the settings choose another account, without connecting again', async () => {
    const realmId = await rig.company('tern');
    const second = await makeAccount('tern', realmId, { Name: 'Second Bank', AccountType: 'Bank', AccountSubType: 'Checking' });
    const saved = await rig.api('PUT', '/v1/companies/tern', { ...settings, accounts: { bank: second } });
    expect((saved.json.connection as Connection).choices).toContainEqual({
      kind: 'account',
      role: 'bank',
      how: 'chosen',
      name: 'Second Bank',
      id: second,
    });
    await rig.send('msg_1', inspectionEvent('tern', '812'));
    await rig.send('msg_2', paymentEvent('tern', '9001', '812'));
    await rig.send('msg_3', payoutEvent('tern', 'po1', '9001'));
    await run('tern');
    expect((await rig.ledger(realmId)).Deposit).toMatchObject([{ DepositToAccountRef: { value: second }, TotalAmt: 450 }]);
  });

  // Such a company used to wait for ever: connected, and with nothing to post to.
  it('is looked for again in the afternoon when QuickBooks could not be read at connecting', async () => {
    const realmId = await quickbooksCompany(rig.emulator.url, 'Dunlin');
    await createCompany(rig.client, 'dunlin', settings);
    await control('/emulator/faults', { realmId, match: { operation: 'query' }, fault: { kind: 'status', status: 400, body: 'no' } });
    await connectCompany(rig.client, 'dunlin', realmId);
    expect((await connectionOf('dunlin')).choices).toBeUndefined();
    const company = await loadCompany(rig.vesper.room.store, 'dunlin');
    if (!company) throw new Error('no company');
    await rig.vesper.room.evening.preflight.check(company);
    expect((await connectionOf('dunlin')).choices.map(({ role }) => role)).toContain('service');
    await rig.send('msg_d1', inspectionEvent('dunlin', '812'));
    expect((await run('dunlin')).counts).toMatchObject({ posted: 2 });
  });

  it('follows QuickBooks’ own settings as the afternoon finds them', async () => {
    const realmId = await rig.company('knot');
    await control('/emulator/companies', { realmId, preferences: { AccountingInfoPrefs: { ClassTrackingPerTxnLine: true } } });
    const before = await loadCompany(rig.vesper.room.store, 'knot');
    if (!before) throw new Error('no company');
    await rig.vesper.room.evening.preflight.check(before);
    expect((await loadCompany(rig.vesper.room.store, 'knot'))?.connection.chart).toMatchObject({ classes: 'line' });
  });
});

describe('books that are moved to another QuickBooks company', () => {
  let first: string;
  let second: string;
  beforeAll(async () => {
    first = await rig.company('heron');
    second = await quickbooksCompany(rig.emulator.url, 'Heron, new books');
    // As many records as there are ids in use in the first one: an id of one must not be taken for one of the other.
    await rig.send('msg_h1', inspectionEvent('heron', '812'));
    await rig.send('msg_h2', paymentEvent('heron', '9001', '812'));
    await rig.send('msg_h3', inspectionEvent('heron', '813'));
    await run('heron');
  });

  // Two sets of books mixed by a wrong click cannot be told apart again.
  it('are refused unless an administrator said so', async () => {
    expect((await connectTo('heron', second)).status).toBe(409);
    expect(await connectionOf('heron')).toMatchObject({ state: 'connected', realmId: first });
    expect((await rig.api('POST', '/v1/companies/heron/connect', { move: {} })).status).toBe(400);
  });

  it('are moved with the reason in the audit, and the choices of accounts left behind', async () => {
    await rig.api('PUT', '/v1/companies/heron', { ...settings, items: { services: { 'svc-1': '1' } } });
    expect((await connectTo('heron', second, { move: { why: 'new books since the merger' } })).status).toBe(200);
    expect((await rig.api('GET', '/v1/companies/heron')).json).toMatchObject({
      items: { services: {} },
      connection: { state: 'connected', realmId: second, formerRealms: [{ realmId: first }] },
    });
    const { json } = await rig.api('GET', '/v1/audit?company=heron');
    expect(json.rows).toContainEqual(
      expect.objectContaining({ action: 'company.move_books', before: first, after: second, reason: 'new books since the merger' }),
    );
  });

  it('keep what stands in the former company there: not posted again, not changed, said so', async () => {
    const before = await rig.ledger(first);
    await rig.send('msg_h4', inspectionEvent('heron', '812', { revision: 2 }));
    await rig.send(
      'msg_h5',
      inspectionEvent('heron', '813', {
        revision: 2,
        lines: [{ id: '813-1', kind: 'service', name: 'General Home Inspection', quantity: 1, unitAmountCents: 60_000, taxable: false }],
      }),
    );
    await rig.send('msg_h6', paymentEvent('heron', '9002', '813', { amountCents: 60_000 }));
    await rig.send('msg_h7', inspectionEvent('heron', '814', { client: inspectionEvent('heron', '812').data.inspection.client }));
    expect((await run('heron')).counts).toMatchObject({ posted: 2, updated: 0, voided: 0, failed: 0 });
    expect(await rig.ledger(first)).toEqual(before);
    const { Invoice, Customer, Payment } = await rig.ledger(second);
    expect(Invoice).toMatchObject([{ DocNumber: 'sp814' }]);
    expect([Customer?.length, Payment?.length ?? 0]).toEqual([1, 0]);
    const { json } = await rig.api('GET', '/v1/outbox?company=heron');
    const reasons = new Map(
      (json.entries as { id: string; state: string; reason?: { code: string } }[]).map(({ id, state, reason }) => [
        id.split('|').at(-1),
        [state, reason?.code],
      ]),
    );
    expect(Object.fromEntries(reasons)).toMatchObject({
      msg_h4: ['ignored', 'in_former_books'],
      msg_h5: ['held', 'change_in_former_books'],
      msg_h6: ['held', 'belongs_to_former_books'],
      msg_h7: ['posted', undefined],
    });
  });

  it('show each document where it stands', async () => {
    const { json } = await rig.api('GET', '/v1/companies/heron/inspections/812');
    const invoice = (json.documents as { key: string }[]).find(({ key }) => key === 'invoice/812');
    expect(invoice).toMatchObject({
      state: 'held',
      reason: { code: 'in_former_books', message: expect.stringContaining(`Invoice sp812 in the former QuickBooks company ${first}`) },
    });
  });

  // Sent to one company's books and perhaps there: posting it to the other ones by itself would double it.
  it('leave to a person what the former company never answered about', async () => {
    const [one, other] = [await rig.company('stilt'), await quickbooksCompany(rig.emulator.url, 'Stilt, new books')];
    await control('/emulator/faults', {
      realmId: one,
      match: { path: '/batch', entity: 'Invoice' },
      times: 4,
      fault: { kind: 'status', status: 504 },
    });
    await rig.send('msg_s1', inspectionEvent('stilt', '820'));
    expect((await run('stilt')).counts).toMatchObject({ unknown: 1 });
    await connectTo('stilt', other, { move: { why: 'new books' } });
    // The customer, whom the new books do not know.
    expect((await run('stilt')).counts).toMatchObject({ posted: 1, failed: 1 });
    const { json } = await rig.api('GET', '/v1/outbox?company=stilt');
    expect(json.entries).toMatchObject([{ state: 'failed', reason: { code: 'unknown_in_former_books' } }]);
    expect((await rig.ledger(other)).Invoice ?? []).toEqual([]);
    await rig.api('POST', '/v1/outbox/stilt%7Cvesper%7Cmsg_s1/replay', { why: 'it is not in the old books' });
    expect((await rig.ledger(other)).Invoice).toMatchObject([{ DocNumber: 'sp820' }]);
  });

  it('can be moved back, and then know every record again', async () => {
    expect((await connectTo('heron', first, { move: { why: 'the merger was called off' } })).status).toBe(200);
    expect((await run('heron')).counts).toMatchObject({ posted: 1, updated: 1, failed: 0 });
    const { Invoice, Payment } = await rig.ledger(first);
    expect(Invoice?.map(({ DocNumber, TotalAmt }) => [DocNumber, TotalAmt])).toEqual([
      ['sp812', 450],
      ['sp813', 600],
    ]);
    expect(Payment?.map(({ PaymentRefNum }) => PaymentRefNum)).toEqual(['spp9001', 'spp9002']);
    expect((await rig.ledger(second)).Invoice).toHaveLength(1);
  });
});
