import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, inspectionEvent, paymentEvent, type Rig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.close());

const IDS = ['1', '2', '3', '4', '5'];
let companies = 0;

/** A company with five paid inspections waiting, and one scripted fault in front of its QuickBooks. */
async function companyWithFault(match: Record<string, string>, fault: Record<string, unknown>, times = 1) {
  companies += 1;
  const id = `co${companies}`;
  const realmId = await rig.company(id);
  for (const inspection of IDS) {
    await rig.send(`msg_${id}_${inspection}`, inspectionEvent(id, inspection));
    await rig.send(`msg_${id}_p${inspection}`, paymentEvent(id, `9${inspection}`, inspection));
  }
  await fetch(`${rig.emulator.url}/emulator/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ realmId, match, times, fault }),
  });
  const run = async () =>
    (await rig.api('POST', `/v1/companies/${id}/runs`, { wait: true })).json as { state: string; counts: Record<string, number> };
  return { id, realmId, run };
}

async function requestLog(realmId: string) {
  const answer = await fetch(`${rig.emulator.url}/emulator/companies/${realmId}/ledger`);
  const { requests, faults } = (await answer.json()) as {
    requests: { log: { path: string; requestid: string | null; bodySha256: string | null }[] };
    faults: { fired: number }[];
  };
  return { log: requests.log, fired: faults.reduce((sum, fault) => sum + fault.fired, 0) };
}

async function expectEachOnce(realmId: string): Promise<void> {
  const { Customer, Invoice, Payment } = await rig.ledger(realmId);
  expect(Customer).toHaveLength(IDS.length);
  expect(Invoice?.map(({ DocNumber }) => DocNumber).sort()).toEqual(IDS.map((id) => `sp${id}`));
  expect(Payment?.map(({ PaymentRefNum }) => PaymentRefNum).sort()).toEqual(IDS.map((id) => `spp9${id}`));
  expect(Invoice?.every(({ Balance }) => Balance === 0)).toBe(true);
}

describe('an evening with QuickBooks in trouble', () => {
  it.each([
    ['commit-then-reset', { kind: 'commit-then-reset' }],
    ['reset', { kind: 'reset' }],
    ['truncate', { kind: 'truncate' }],
    ['a 502 of a gateway', { kind: 'status', status: 502, body: '<html>Bad Gateway</html>', contentType: 'text/html' }],
    ['a 500 after the effect', { kind: 'status', status: 500, commit: true }],
    ['commit-then-timeout', { kind: 'commit-then-timeout', ms: 300 }],
    ['missing-bid', { kind: 'missing-bid', bIds: ['b2', 'b4'] }],
    ['doubled-bid', { kind: 'doubled-bid', bIds: ['b1'] }],
    ['shuffled-bids', { kind: 'shuffled-bids' }],
    ['an expired token', { kind: 'status', status: 401 }],
  ])('posts every document once through %s, resending the same bytes', async (_, fault) => {
    for (const entity of ['Customer', 'Invoice', 'Payment']) {
      const { realmId, run } = await companyWithFault({ path: '/batch', entity }, fault);
      const first = await run();
      expect(first).toMatchObject({ state: 'done', counts: { failed: 0, unknown: 0, posted: 15 } });
      const { log, fired } = await requestLog(realmId);
      expect(fired).toBe(1);
      const sent = new Map<string, Set<string | null>>();
      for (const { requestid, bodySha256 } of log) if (requestid) sent.set(requestid, (sent.get(requestid) ?? new Set()).add(bodySha256));
      expect([...sent.values()].every((bodies) => bodies.size === 1)).toBe(true);
      await expectEachOnce(realmId);
      expect((await run()).counts).toMatchObject({ posted: 0, updated: 0 });
    }
  });

  it('splits a batch that is refused as a whole and posts all but the one to blame', async () => {
    const { realmId, run } = await companyWithFault(
      { path: '/batch', entity: 'Invoice' },
      {
        kind: 'status',
        status: 400,
        body: { Fault: { Error: [{ Message: 'Batch size exceeds allowed limit', code: '1040' }], type: 'ValidationFault' } },
      },
    );
    expect(await run()).toMatchObject({ state: 'done', counts: { posted: 15, failed: 0 } });
    await expectEachOnce(realmId);
  });

  it('says what QuickBooks refused, to which document, and what to do', async () => {
    const { id, realmId, run } = await companyWithFault({ path: '/nothing' }, { kind: 'reset' });
    await rig.send(`msg_${id}_bad`, inspectionEvent(id, '6', { client: { id: 'c6', firstName: 'Ina', lastName: 'Active' } }));
    await run();
    const { Item } = await rig.ledger(realmId);
    await rig.send(`msg_${id}_worse`, inspectionEvent(id, '7'));
    for (const item of Item ?? []) {
      await fetch(`${rig.emulator.url}/emulator/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          realmId,
          match: { path: '/batch', entity: 'Invoice' },
          fault: {
            kind: 'status',
            status: 200,
            body: {
              BatchItemResponse: [
                {
                  bId: 'b1',
                  Fault: {
                    type: 'ValidationFault',
                    Error: [
                      {
                        code: '6000',
                        Message: 'A business validation error has occurred',
                        Detail: `Business Validation Error: item ${String(item.Id)}`,
                      },
                    ],
                  },
                },
              ],
              time: '2026-06-01T00:00:00Z',
            },
          },
        }),
      });
      break;
    }
    expect(await run()).toMatchObject({ counts: { failed: 1 } });
    const { json } = await rig.api('GET', `/v1/outbox?company=${id}&state=failed`);
    expect(json.entries).toMatchObject([
      {
        subject: 'inspection/7',
        reason: {
          message: expect.any(String),
          remedy: expect.any(String),
          quickbooks: { code: '6000', detail: expect.stringContaining('Business Validation Error') },
        },
      },
    ]);
  });

  it('stops and asks to reconnect when the connection is ended, keeping everything', async () => {
    const { id, realmId, run } = await companyWithFault({ path: '/nothing' }, { kind: 'reset' });
    const { value } = (await rig.vesper.room.store.getSecret(id, 'quickbooks_tokens')) ?? { value: '{}' };
    const { tokens } = JSON.parse(value) as { tokens: { refreshToken: string } };
    await fetch(`${rig.emulator.url}/v2/oauth2/tokens/revoke`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('emulator:emulator').toString('base64')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ token: tokens.refreshToken }),
    });
    expect((await run()).state).toBe('stopped');
    const { json } = await rig.api('GET', `/v1/companies/${id}`);
    expect(json.connection).toMatchObject({ state: 'reconnect', realmId, problems: [{ remedy: expect.stringContaining('connect') }] });
    expect((await rig.ledger(realmId)).Invoice ?? []).toHaveLength(0);

    await rig.company(id).catch(() => undefined);
    const { json: begun } = await rig.api('POST', `/v1/companies/${id}/connect`);
    const authorize = (await fetch(String(begun.url), { redirect: 'manual' })).headers.get('location') ?? '';
    expect((await fetch(`${authorize}&realm_id=${realmId}`)).status).toBe(200);
    expect(await run()).toMatchObject({ state: 'done', counts: { posted: 15 } });
    await expectEachOnce(realmId);
  });
});
