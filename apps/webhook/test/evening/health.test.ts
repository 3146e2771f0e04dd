import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Evenings } from '../../src/evening.ts';
import { inspectionEvent } from '../rig.ts';
import { createEveningRig, type EveningRig } from './evening-rig.ts';

const HOUR = 3_600_000;
let rig: EveningRig;
let evenings: Evenings;
let realmId: string;

beforeAll(async () => {
  // 14:30 in Chicago: half an hour before the pre-flight, and five and a half before the evening.
  rig = await createEveningRig('2026-06-01T19:30:00Z');
  realmId = await rig.company('tern', { notices: { emails: ['books@tern.example'] } });
  await rig.company('auk', { name: 'Auk Property Checks' });
  const started = rig.vesper.room.evening.start(rig.vesper.room);
  evenings = started.evenings;
  await started.caughtUp;
});
afterAll(async () => {
  await rig.vesper.room.evening.stop();
  await rig.close();
});

const ready = async () => {
  const { status, json } = await rig.api('GET', '/readyz');
  return { status, ...(json.checks as Record<string, unknown>) };
};
const beats = () => rig.received.filter(({ path }) => path === '/heartbeat').length;
const subjects = () => rig.mails.map((mail) => /^Subject: (.*(?:\r\n .*)*)/m.exec(mail)?.[1]?.replaceAll('\r\n', ''));
const lookAfter = async (ms: number) => {
  rig.pass(ms);
  await evenings.catchUp();
  await rig.deliver();
};

it('a service with nothing to complain of is ready and beats for its monitor', async () => {
  expect(await ready()).toMatchObject({ status: 200, store: true, schedule: true, connections: { connected: 2 }, overdue: 0 });
  expect((await rig.api('GET', '/healthz/evening')).status).toBe(200);
  expect(beats()).toBe(1);
});

it('a connection that was ended is told in the afternoon, counted, and stops nobody else’s evening', async () => {
  await rig.send('msg_1', inspectionEvent('tern', '812'));
  await rig.send('msg_2', inspectionEvent('auk', '813'));
  const { value } = (await rig.vesper.room.store.getSecret('tern', 'quickbooks_tokens')) ?? { value: '{}' };
  await fetch(`${rig.emulator.url}/v2/oauth2/tokens/revoke`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('emulator:emulator').toString('base64')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ token: (JSON.parse(value) as { tokens: { refreshToken: string } }).tokens.refreshToken }),
  });
  await lookAfter(2 * HOUR);
  expect(subjects()).toEqual(['Tern Home Inspections: something needs you before the evening']);

  await lookAfter(4 * HOUR);
  await lookAfter(0);
  expect(await ready()).toMatchObject({ status: 200, connections: { connected: 1, reconnect: 1 }, overdue: 0 });
  const evening = async (id: string) =>
    (await rig.api('GET', `/v1/companies/${id}/runs`)).json.runs as { state: string; counts: { posted: number } }[];
  expect(await evening('auk')).toMatchObject([{ state: 'done', counts: { posted: 2 } }]);
  expect(await evening('tern')).toMatchObject([{ state: 'stopped', counts: { posted: 0 } }]);
  // The evening has nothing to add to what the afternoon told.
  expect(subjects()).toHaveLength(1);
});

it('its recovery is told once, and what waited is posted', async () => {
  await rig.connect('tern', realmId);
  await lookAfter(20 * HOUR);
  await lookAfter(4 * HOUR);
  expect(await ready()).toMatchObject({ status: 200, connections: { connected: 2 } });
  expect((await rig.ledger(realmId)).Invoice).toMatchObject([{ DocNumber: 'sp812' }]);
  expect(subjects()).toEqual([
    'Tern Home Inspections: something needs you before the evening',
    'Tern Home Inspections: what stood in the way is settled',
  ]);
});

it('silence of the schedule is no readiness until it looks again', async () => {
  rig.pass(HOUR);
  expect(await ready()).toMatchObject({ status: 503, store: true, schedule: false });
  expect((await rig.api('GET', '/healthz/evening')).json).toMatchObject({ status: 'silent' });
  const before = beats();
  await evenings.catchUp();
  expect(beats()).toBe(before + 1);
  expect(await ready()).toMatchObject({ status: 200, schedule: true });
});
