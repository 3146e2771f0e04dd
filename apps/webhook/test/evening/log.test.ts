import { expect, it } from 'vitest';
import { inspectionEvent, paymentEvent } from '../rig.ts';
import { createEveningRig } from './evening-rig.ts';

/** All of a client, and an amount, that must stay out of logs and metrics, as the store keeps them out of nobody's sight. */
const CLIENT = { id: 'c812', firstName: 'Zebulon', lastName: 'Quarles', email: 'zebulon@private.example', phone: '512-555-0199' };
const ADDRESS = { line1: '99 Secret Lane', city: 'Nowhere', state: 'TX', zip: '77001' };
const PRIVATE = /zebulon|quarles|private\.example|0199|secret lane|nowhere|77001|owner@|456\.78|45678|whsec_/i;

it('a day with all its troubles leaves ids and counts in log and metrics, and nothing of people or money', async () => {
  const lines: string[] = [];
  const rig = await createEveningRig('2026-06-02T01:00:00Z', { log: (line) => void lines.push(line) });
  try {
    const realmId = await rig.company('tern', { notices: { emails: ['owner@tern.example'], webhookUrl: `${rig.receiverUrl}/tern` } });
    rig.answers.status = 500;
    await rig.send('msg_1', inspectionEvent('tern', '812', { client: CLIENT, address: ADDRESS }));
    await rig.send('msg_2', paymentEvent('tern', '9001', '812', { amountCents: 45_678 }));
    await rig.send('msg_3', inspectionEvent('tern', '813', { client: CLIENT, address: ADDRESS, lines: [] }));
    // Signed, and not what the contract says; the same id with another body; a name QuickBooks has already.
    await rig.send('msg_4', { ...inspectionEvent('tern', '814', { client: CLIENT }), timestamp: 'Zebulon' });
    await rig.send('msg_1', inspectionEvent('tern', '812', { client: { ...CLIENT, firstName: 'Zebulonia' } }));
    await fetch(`${rig.emulator.url}/emulator/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ realmId, match: { path: '/batch' }, times: 1, fault: { kind: 'commit-then-timeout', ms: 20 } }),
    });
    const { json } = await rig.api('POST', '/v1/companies/tern/runs', { wait: true });
    await rig.api('GET', '/v1/outbox?company=tern&q=Zebulon');
    await rig.api('GET', '/console/people/zebulon%40private.example');
    await rig.deliver();
    rig.pass(120_000);
    await rig.deliver();

    const log = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(log.some(({ path }) => path === '/console/people/[address]')).toBe(true);
    expect(log.find(({ msg }) => msg === 'run finished')).toMatchObject({ companyId: 'tern', runId: json.id, counts: { posted: 3 } });
    expect(log.some(({ batchId, companyId }) => typeof batchId === 'string' && companyId === 'tern')).toBe(true);
    expect(log.some(({ entryId, requestId }) => entryId === 'tern|vesper|msg_1' && typeof requestId === 'string')).toBe(true);
    expect(log.filter(({ msg }) => msg === 'message not delivered yet')).not.toHaveLength(0);
    expect(lines.filter((line) => PRIVATE.test(line))).toEqual([]);
    expect((await rig.api('GET', '/metrics')).text.split('\n').filter((line) => PRIVATE.test(line) || /\btern\b/.test(line))).toEqual([]);
  } finally {
    await rig.close();
  }
});
