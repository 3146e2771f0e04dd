import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, inspectionEvent, paymentEvent, type Rig } from '../rig.ts';

let rig: Rig;
let realmId: string;
const why = 'the bookkeeper asked for it';
const entryOf = (webhookId: string) => encodeURIComponent(`tern|vesper|${webhookId}`);
const run = () => rig.api('POST', '/v1/companies/tern/runs', { wait: true });
const post = (path: string, body: Record<string, unknown> = {}) => rig.api('POST', path, { why, ...body });
const entityCount = async (entity: string) => ((await rig.ledger(realmId))[entity] ?? []).length;

beforeAll(async () => {
  rig = await createRig();
  realmId = await rig.company('tern', { items: { services: { 'svc-1': '99999' } } });
  for (const id of ['812', '813']) {
    await rig.send(`msg_i${id}`, inspectionEvent('tern', id));
    await rig.send(`msg_p${id}`, paymentEvent('tern', `9${id}`, id));
  }
  await run();
});
afterAll(() => rig.close());

describe('support fixes once and replays', () => {
  it('tells the story of an entry QuickBooks refused: attempts in QuickBooks’ words, the remedy, what it blocks', async () => {
    const { json } = await rig.api('GET', `/v1/outbox/${entryOf('msg_i812')}`);
    expect(json).toMatchObject({
      state: 'held',
      reason: { remedy: expect.stringMatching(/./), quickbooks: { code: expect.any(String) } },
      event: { type: 'inspection.confirmed' },
      inspectionId: '812',
    });
    const documents = json.documents as { key: string; state: string; attempts: Record<string, unknown>[] }[];
    expect(documents.find(({ key }) => key === 'invoice/812')).toMatchObject({
      state: 'held',
      attempts: [{ kind: 'create', sent: 'answered', outcome: 'hold', intuitTid: expect.any(String), startedAt: expect.any(String) }],
    });
    expect(json.blocks).toEqual([{ key: 'payment/9812', waitsFor: 'invoice/812', totalCents: 45_000 }]);
  });

  it('finds an entry by client name, e-mail, payment id, document number and QuickBooks id', async () => {
    const find = async (q: string) => {
      const { json } = await rig.api('GET', `/v1/outbox?company=tern&q=${encodeURIComponent(q)}`);
      return (json.entries as { subject: string }[]).map(({ subject }) => subject);
    };
    expect(await find('moreno 812')).toEqual(['inspection/812']);
    expect(await find('ada.813@example.com')).toEqual(['inspection/813']);
    expect(await find('9812')).toEqual(['payment/9812']);
    expect(await find('sp812')).toEqual(['inspection/812']);
    expect(await find('spp9813')).toEqual(['payment/9813']);
  });

  it('shows before a replay what it would do, and says the same again before the fix', async () => {
    const { json } = await rig.api('GET', `/v1/outbox/${entryOf('msg_i812')}/verdict`);
    expect(json).toMatchObject({ outcome: 'replay' });
    expect((json.verdicts as { key: string; verdict: string }[]).map(({ key, verdict }) => `${key} ${verdict}`)).toEqual([
      'customer/c812 already_there',
      'invoice/812 create',
      'payment/9812 create',
    ]);
  });

  it('shows every failure alike before a mapping is corrected, then posts them all, once', async () => {
    const item = ((await rig.ledger(realmId)).Item ?? []).find(({ Type }) => Type === 'Service')?.Id;
    const fix = { kind: 'map_item', by: 'service', of: 'svc-1', itemId: item };
    const shown = await rig.api('POST', '/v1/corrections/preview', { companyId: 'tern', fix });
    expect(shown.status).toBe(200);
    expect((shown.json.alike as { subject: string }[]).map(({ subject }) => subject).sort()).toEqual([
      'inspection/812',
      'inspection/813',
      'payment/9812',
      'payment/9813',
    ]);

    const made = await post('/v1/corrections', { companyId: 'tern', fix, replay: true });
    expect(made).toMatchObject({ status: 201, json: { correction: { madeBy: expect.stringContaining('key:admin'), why, fix } } });
    const job = await finished((made.json.replay as { id: string }).id);
    expect(job).toMatchObject({
      state: 'done',
      total: 4,
      done: 4,
      changed: { posted: 4, failed: 0 },
      entries: { posted: 4 },
      problems: [],
    });
    const { Invoice, Payment } = await rig.ledger(realmId);
    expect(Invoice?.map(({ DocNumber, Balance }) => [DocNumber, Balance])).toEqual([
      ['sp812', 0],
      ['sp813', 0],
    ]);
    expect(Payment).toHaveLength(2);
  });

  it('says of a posted entry "already there" and does nothing', async () => {
    const invoices = await entityCount('Invoice');
    const { status, json } = await post(`/v1/outbox/${entryOf('msg_i812')}/replay`);
    expect({ status, outcome: json.outcome }).toEqual({ status: 200, outcome: 'already_there' });
    expect(await entityCount('Invoice')).toBe(invoices);
    const audit = await rig.api('GET', `/v1/audit?company=tern&subject=entry/${entryOf('msg_i812')}`);
    expect(audit.json.rows).toEqual([]);
  });

  it('finds the posted entry by its QuickBooks id and by the intuit_tid of the answer', async () => {
    const id = ((await rig.ledger(realmId)).Invoice ?? []).find(({ DocNumber }) => DocNumber === 'sp813')?.Id as string;
    const { json } = await rig.api('GET', `/v1/outbox?company=tern&q=${id}`);
    expect(json.documents).toContainEqual(expect.objectContaining({ key: 'invoice/813', by: 'quickbooks_id' }));
    const story = (await rig.api('GET', `/v1/outbox/${entryOf('msg_i813')}`)).json as {
      documents: { key: string; attempts: { intuitTid: string }[] }[];
    };
    const tid = story.documents.find(({ key }) => key === 'invoice/813')?.attempts[0]?.intuitTid;
    const answered = await rig.api('GET', `/v1/outbox?q=${tid}`);
    expect((answered.json.entries as { subject: string }[]).map(({ subject }) => subject)).toContain('inspection/813');
  });

  it('posts once when five agents replay the same entry at the same moment, and tells each what happened', async () => {
    await rig.send('msg_i850', inspectionEvent('tern', '850'));
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => post(`/v1/outbox/${entryOf('msg_i850')}/replay`)));
    const words = answers.map(({ status, json }) => {
      const { outcome, error } = json as { outcome?: string; error?: { code: string } };
      return `${status} ${outcome ?? error?.code}`;
    });
    expect(words.filter((word) => word === '200 replayed')).toHaveLength(1);
    for (const word of words) expect(['200 replayed', '200 already_there', '409 under_way']).toContain(word);
    const { Invoice, Customer } = await rig.ledger(realmId);
    expect(Invoice?.filter(({ DocNumber }) => DocNumber === 'sp850')).toHaveLength(1);
    expect(Customer?.filter(({ FamilyName }) => FamilyName === 'Moreno 850')).toHaveLength(1);
  });

  it('takes a whole run back, deposits and payments before the invoices they stand on, and says what stays', async () => {
    await rig.send('msg_i900', inspectionEvent('tern', '900'));
    await rig.send('msg_p900', paymentEvent('tern', '9900', '900'));
    const { id: runId } = (await run()).json as { id: string };
    const undone = await post('/v1/companies/tern/undo', { runId });
    expect(undone).toMatchObject({
      status: 200,
      json: { message: '2 of 2 taken back from QuickBooks.', stays: [{ key: 'customer/c900' }] },
    });
    const { Invoice, Payment } = await rig.ledger(realmId);
    expect(Invoice?.find(({ DocNumber }) => DocNumber === 'sp900')).toMatchObject({ TotalAmt: 0 });
    expect(Payment?.find(({ PaymentRefNum }) => PaymentRefNum === 'spp9900')).toMatchObject({ TotalAmt: 0 });
    expect((await post('/v1/companies/tern/undo', { runId })).json).toMatchObject({ error: { code: 'nothing_to_undo' } });
  });

  // A bookkeeper's reconciliation would not add up any more; and whoever undid the run must know what is left of it.
  it('undoes a run but for what QuickBooks has reconciled, and says so', async () => {
    await rig.send('msg_i910', inspectionEvent('tern', '910'));
    await rig.send('msg_p910', paymentEvent('tern', '9910', '910'));
    const { id: runId } = (await run()).json as { id: string };
    const refusal = { code: '6480', Message: 'm', Detail: 'This transaction is matched to a downloaded transaction.' };
    await fetch(`${rig.emulator.url}/emulator/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        realmId,
        match: { path: '/batch', entity: 'Payment' },
        fault: {
          kind: 'status',
          status: 200,
          body: { BatchItemResponse: [{ bId: 'b1', Fault: { type: 'ValidationFault', Error: [refusal] } }] },
        },
      }),
    });
    const undone = await post('/v1/companies/tern/undo', { runId });
    const { message, stays } = undone.json as { message: string; stays: { key: string; reason: { code: string } }[] };
    expect(message).toMatch(/^0 of 2 taken back from QuickBooks\. .*payment\/9910 stays: /);
    expect(stays).toEqual(
      expect.arrayContaining([
        {
          key: 'payment/9910',
          reason: expect.objectContaining({ code: 'deposited', quickbooks: expect.objectContaining({ code: '6480' }) }),
        },
        { key: 'invoice/910', reason: expect.objectContaining({ code: 'waits_for_document' }) },
      ]),
    );
    const { Payment, Invoice } = await rig.ledger(realmId);
    expect(Payment?.find(({ PaymentRefNum }) => PaymentRefNum === 'spp9910')).toMatchObject({ TotalAmt: 450 });
    expect(Invoice?.find(({ DocNumber }) => DocNumber === 'sp910')).toMatchObject({ TotalAmt: 450, Balance: 0 });
    expect((await run()).json).toMatchObject({ counts: { voided: 0, updated: 0, posted: 0, failed: 0 } });
  });

  it('takes an invoice and its payment back, keeps them out, and posts them anew once that is reverted', async () => {
    const plan = await post('/v1/companies/tern/undo', { keys: ['invoice/813'], dryRun: true });
    expect(plan.json).toMatchObject({ takeBack: [], dependents: ['payment/9813'], stays: [{ key: 'invoice/813' }] });
    const undone = await post('/v1/companies/tern/undo', { keys: ['invoice/813'], withDependents: true });
    expect(undone).toMatchObject({ status: 200, json: { message: '2 of 2 taken back from QuickBooks.' } });
    const { Invoice } = await rig.ledger(realmId);
    expect(Invoice?.find(({ DocNumber }) => DocNumber === 'sp813')).toMatchObject({ TotalAmt: 0 });
    expect((await run()).json).toMatchObject({ counts: { posted: 0, updated: 0, voided: 0 } });
    expect((await rig.api('GET', `/v1/outbox/${entryOf('msg_i813')}`)).json).toMatchObject({
      state: 'ignored',
      reason: { code: 'taken_back_by_person' },
    });

    const { id } = undone.json.correction as { id: string };
    expect((await post(`/v1/corrections/${id}/revert`, { companyId: 'tern' })).status).toBe(200);
    const replayed = await post(`/v1/outbox/${entryOf('msg_i813')}/replay`);
    expect(replayed.json).toMatchObject({ outcome: 'replayed', state: 'posted' });
    const after = await rig.ledger(realmId);
    expect(after.Invoice?.filter(({ TotalAmt }) => TotalAmt === 450).map(({ DocNumber }) => DocNumber)).toEqual([
      'sp812',
      'sp850',
      'sp910',
      'sp813',
    ]);
  });
});

async function finished(id: string) {
  for (;;) {
    const { json } = await rig.api('GET', `/v1/replays/${id}`);
    if (json.state !== 'running') return json;
  }
}
