import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectionEvent, paymentEvent } from '../rig.ts';
import { createEveningRig, type EveningRig } from './evening-rig.ts';

const HOUR = 3_600_000;
let rig: EveningRig;
beforeAll(async () => {
  rig = await createEveningRig('2026-06-01T15:00:00Z');
});
afterAll(() => rig.close());

const run = async (id: string) =>
  (await rig.api('POST', `/v1/companies/${id}/runs`, { wait: true })).json as { counts: Record<string, number> };
const strike = (realmId: string, order: Record<string, unknown>) =>
  fetch(`${rig.emulator.url}/emulator/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ realmId, ...order }),
  });

/** Something done in QuickBooks by hand, with the service's own token. */
async function byHand(companyId: string, realmId: string, path: string, body: unknown): Promise<void> {
  const secret = await rig.vesper.room.store.getSecret(companyId, 'quickbooks_tokens');
  const { tokens } = JSON.parse(secret?.value ?? '') as { tokens: { accessToken: string } };
  const answer = await fetch(`${rig.emulator.url}/v3/company/${realmId}${path}?minorversion=75`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.accessToken}`, accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (answer.status !== 200) throw new Error(await answer.text());
}

/** A batch that is carried out, whose every answer is lost. */
const lost = (entity: string) => ({ match: { path: '/batch', entity }, times: 4, fault: { kind: 'status', status: 504, commit: true } });
const liveOf = async (realmId: string, entity: string) =>
  ((await rig.ledger(realmId))[entity] ?? []).filter(({ TotalAmt }) => TotalAmt !== 0);
const stateOf = async (id: string, inspectionId: string, key: string) =>
  ((await rig.api('GET', `/v1/companies/${id}/inspections/${inspectionId}`)).json.documents as { key: string }[]).find(
    (document) => document.key === key,
  );

describe('a document QuickBooks never answered about', () => {
  // Whoever changed it there would otherwise find it a second time in the books.
  it('is failed, not posted again, when what is found a day later is not provably it', async () => {
    const realmId = await rig.company('tern');
    await strike(realmId, lost('Invoice'));
    await rig.send('msg_1', inspectionEvent('tern', '812'));
    await rig.send('msg_2', paymentEvent('tern', '9001', '812'));
    expect((await run('tern')).counts).toMatchObject({ unknown: 1 });
    const [invoice] = await liveOf(realmId, 'Invoice');
    await byHand('tern', realmId, '/invoice', { Id: invoice?.Id, SyncToken: invoice?.SyncToken, sparse: true, TxnDate: '2026-06-02' });
    rig.pass(13 * HOUR);
    expect((await run('tern')).counts).toMatchObject({ posted: 0, failed: 1 });
    expect(await stateOf('tern', '812', 'invoice/812')).toMatchObject({ state: 'failed', reason: { code: 'not_provably_ours' } });
    expect(await liveOf(realmId, 'Invoice')).toHaveLength(1);
  });

  it('is not posted again by a later event or a replay either, and is adopted once it agrees', async () => {
    const [realmId] = [(await rig.api('GET', '/v1/companies/tern')).json.connection as { realmId: string }].map((one) => one.realmId);
    await rig.send('msg_3', inspectionEvent('tern', '812', { revision: 2 }));
    expect((await run('tern')).counts).toMatchObject({ posted: 0, failed: 1 });
    await rig.api('POST', '/v1/outbox/tern%7Cvesper%7Cmsg_1/replay', { why: 'look again' });
    expect(await liveOf(realmId ?? '', 'Invoice')).toHaveLength(1);
    const [invoice] = await liveOf(realmId ?? '', 'Invoice');
    await byHand('tern', realmId ?? '', '/invoice', {
      Id: invoice?.Id,
      SyncToken: invoice?.SyncToken,
      sparse: true,
      TxnDate: '2026-06-03',
    });
    await rig.api('POST', '/v1/outbox/tern%7Cvesper%7Cmsg_1/replay', { why: 'its date is put right' });
    expect(await stateOf('tern', '812', 'invoice/812')).toMatchObject({ state: 'posted', quickbooksId: invoice?.Id });
    expect(await liveOf(realmId ?? '', 'Invoice')).toHaveLength(1);
  });

  it('is posted once when it landed hours after the last resend', async () => {
    const realmId = await rig.company('heron');
    await strike(realmId, { match: { path: '/batch', entity: 'Invoice' }, times: 4, fault: { kind: 'late-landing', afterMs: 4 * HOUR } });
    await rig.send('msg_1', inspectionEvent('heron', '812'));
    expect((await run('heron')).counts).toMatchObject({ unknown: 1 });
    rig.pass(4 * HOUR);
    await fetch(`${rig.emulator.url}/emulator/clock`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    rig.pass(20 * HOUR);
    expect((await run('heron')).counts).toMatchObject({ posted: 1, unknown: 0 });
    expect(await liveOf(realmId, 'Invoice')).toHaveLength(1);
  });

  // A write that lands after all looks have said "not there" is in nobody's books but QuickBooks'.
  it('is named by the control totals when it landed although it had been posted anew', async () => {
    const realmId = await rig.company('wren');
    await strike(realmId, { match: { path: '/batch', entity: 'Invoice' }, times: 4, fault: { kind: 'late-landing', afterMs: 30 * HOUR } });
    await rig.send('msg_1', inspectionEvent('wren', '812'));
    expect((await run('wren')).counts).toMatchObject({ unknown: 1 });
    rig.pass(13 * HOUR);
    expect((await run('wren')).counts).toMatchObject({ posted: 1 });
    rig.pass(24 * HOUR);
    const later = (await run('wren')) as unknown as { controlTotals: { differences: string[]; earlier: { differences: string[] }[] } };
    expect(await liveOf(realmId, 'Invoice')).toHaveLength(2);
    const { differences, earlier } = later.controlTotals;
    expect([...differences, ...earlier.flatMap((day) => day.differences)].join(' ')).toMatch(/invoice\/812|sp812/);
  });

  // In French nothing tells the refusal after which the record may be saved from any other business rule.
  it('is looked for before a payment refused in words nobody can read is tried again', async () => {
    const realmId = await rig.company('martin');
    await rig.send('msg_1', inspectionEvent('martin', '812'));
    await run('martin');
    await strike(realmId, {
      match: { path: '/batch', entity: 'Payment' },
      fault: {
        kind: 'status',
        status: 200,
        commit: true,
        body: {
          BatchItemResponse: [
            {
              bId: 'b1',
              Fault: {
                type: 'ValidationFault',
                Error: [{ code: '6000', Message: 'Une erreur de validation', Detail: 'Une erreur inattendue est survenue. Réessayez.' }],
              },
            },
          ],
          time: '2026-06-01T00:00:00Z',
        },
      },
    });
    await rig.send('msg_2', paymentEvent('martin', '9001', '812'));
    expect((await run('martin')).counts).toMatchObject({ posted: 1 });
    expect(await liveOf(realmId, 'Payment')).toHaveLength(1);
  });
});
