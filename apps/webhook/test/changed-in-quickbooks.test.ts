import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, inspectionEvent, type Rig } from './rig.ts';

const VERIFIER = 'verifier-token-of-the-tests';
let rig: Rig;
let realmId: string;
beforeAll(async () => {
  rig = await createRig({ INTUIT_WEBHOOK_VERIFIER: VERIFIER });
  realmId = await rig.company('tern');
});
afterAll(() => rig.close());

const notify = (body: unknown, token = VERIFIER) => {
  const text = JSON.stringify(body);
  return fetch(`${rig.vesper.url}/webhooks/intuit`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'intuit-signature': createHmac('sha256', token).update(text).digest('base64') },
    body: text,
  });
};

/** A person edits an invoice in QuickBooks: straight in the emulator, by the service's own token. */
async function editInvoice(docNumber: string, { companyId = 'tern', realm = realmId } = {}): Promise<{ id: string }> {
  const invoice = (await rig.ledger(realm)).Invoice?.find(({ DocNumber }) => DocNumber === docNumber);
  const secret = await rig.vesper.room.store.getSecret(companyId, 'quickbooks_tokens');
  const { tokens } = JSON.parse(secret?.value ?? '') as { tokens: { accessToken: string } };
  const [line] = (invoice?.Line ?? []) as Record<string, unknown>[];
  const answer = await fetch(`${rig.emulator.url}/v3/company/${realm}/invoice?minorversion=75`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.accessToken}`, accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({
      Id: invoice?.Id,
      SyncToken: invoice?.SyncToken,
      sparse: true,
      Line: [{ ...line, Amount: 500, SalesItemLineDetail: { ...(line?.SalesItemLineDetail as object), UnitPrice: 500, Qty: 1 } }],
    }),
  });
  expect(answer.status).toBe(200);
  return { id: String(invoice?.Id) };
}

describe('a document a person changed in QuickBooks', () => {
  it.each([
    [
      'old',
      (id: string) => ({
        eventNotifications: [
          {
            realmId,
            dataChangeEvent: { entities: [{ name: 'Invoice', id, operation: 'Update', lastUpdated: '2026-06-01T10:00:00-0700' }] },
          },
        ],
      }),
    ],
    [
      'CloudEvents',
      (id: string) => [
        {
          specversion: '1.0',
          id: 'e1',
          source: 'intuit.x=',
          type: 'qbo.invoice.updated.v1',
          time: '2026-06-01T10:00:00Z',
          intuitentityid: id,
          intuitaccountid: realmId,
          data: {},
        },
      ],
    ],
  ])('is marked by a change notice of the %s shape and not overwritten without a decision', async (shape, notice) => {
    const inspection = shape === 'old' ? '71' : '72';
    await rig.send(`msg_${inspection}`, inspectionEvent('tern', inspection));
    await rig.api('POST', '/v1/companies/tern/runs', { wait: true });
    const { id } = await editInvoice(`sp${inspection}`);
    expect((await notify(notice(id), 'another token')).status).toBe(401);
    expect((await notify(notice(id))).status).toBe(200);
    await Promise.allSettled(rig.vesper.room.background);

    const { json } = await rig.api('GET', `/v1/companies/tern/inspections/${inspection}`);
    expect(
      (json.documents as { key: string; reason?: { code: string } }[]).find(({ key }) => key === `invoice/${inspection}`),
    ).toMatchObject({
      state: 'posted',
      reason: { code: 'changed_in_quickbooks' },
    });
    const changed = inspectionEvent('tern', inspection, { revision: 2 });
    const [line] = changed.data.inspection.lines;
    await rig.send(
      `msg_${inspection}_2`,
      inspectionEvent('tern', inspection, { revision: 2, lines: [{ ...line, unitAmountCents: 47_500 }] }),
    );
    expect((await rig.api('POST', '/v1/companies/tern/runs', { wait: true })).json).toMatchObject({
      counts: { updated: 0, held: shape === 'old' ? 1 : 2 },
    });
    const invoice = (await rig.ledger(realmId)).Invoice?.find(({ DocNumber }) => DocNumber === `sp${inspection}`);
    expect(invoice).toMatchObject({ TotalAmt: 500 });
  });

  it.each([
    ['ours', 450, 1],
    ['theirs', 500, 0],
    ['hold', 500, 0],
  ])('is, by the rule "%s", in the books with $%d after the next evening', async (onDrift, total, updated) => {
    const id = `rule-${onDrift}`;
    const realm = await rig.company(id, { onDrift });
    await rig.send(`msg_${id}`, inspectionEvent(id, '74'));
    await rig.api('POST', `/v1/companies/${id}/runs`, { wait: true });
    await editInvoice('sp74', { companyId: id, realm });
    await rig.vesper.room.drift.look(id);
    expect((await rig.api('POST', `/v1/companies/${id}/runs`, { wait: true })).json).toMatchObject({ counts: { updated, failed: 0 } });
    expect((await rig.ledger(realm)).Invoice).toMatchObject([{ TotalAmt: total }]);
    expect((await rig.api('POST', `/v1/companies/${id}/runs`, { wait: true })).json).toMatchObject({ counts: { updated: 0, posted: 0 } });
  });

  // Intuit gives up on an endpoint that does not answer within three seconds.
  it('is told of without waiting for QuickBooks to be read', async () => {
    await fetch(`${rig.emulator.url}/emulator/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ realmId, match: { operation: 'cdc' }, fault: { kind: 'delay', ms: 300 } }),
    });
    const event = { specversion: '1.0', id: 'e9', source: 'intuit.x=', type: 'qbo.invoice.updated.v1', time: '2026-06-01T10:00:00Z' };
    expect((await notify([{ ...event, intuitentityid: '1', intuitaccountid: realmId, data: {} }])).status).toBe(200);
    expect(rig.vesper.room.background.size).toBe(1);
    await Promise.allSettled(rig.vesper.room.background);
    expect(rig.vesper.room.background.size).toBe(0);
  });

  it('is found by the evening look when no notice came', async () => {
    await rig.send('msg_73', inspectionEvent('tern', '73'));
    await rig.api('POST', '/v1/companies/tern/runs', { wait: true });
    await editInvoice('sp73');
    await rig.vesper.room.drift.look('tern');
    const { json } = await rig.api('GET', '/v1/companies/tern/inspections/73');
    expect(json.documents).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ key: 'invoice/73', reason: expect.objectContaining({ code: 'changed_in_quickbooks' }) }),
      ]),
    );
  });
});
