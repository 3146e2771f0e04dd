import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectionEvent } from '../rig.ts';
import { firstPerson, invited, type ConsoleClient } from './console-client.ts';
import { openConsoleWorld, type ConsoleWorld } from './console-world.ts';

let world: ConsoleWorld;
let admin: ConsoleClient;
let viewer: ConsoleClient;
let support: ConsoleClient;
let other: ConsoleClient;
let runOfTern: string;
const ENTRY = encodeURIComponent('tern|vesper|msg_1');

beforeAll(async () => {
  world = await openConsoleWorld();
  await world.company('tern', { items: { services: { 'svc-1': '99999' } } });
  await world.company('wren', { name: 'Wren Inspections' });
  await world.send('msg_1', inspectionEvent('tern', '812'));
  await world.send('msg_w', inspectionEvent('wren', '55'));
  await world.run('tern');
  runOfTern = (await world.vesper.room.store.runs({ companyId: 'tern', limit: 1 }))[0]?.id ?? '';
  admin = await firstPerson(world);
  viewer = await invited(world, admin, { email: 'vera@example.com', role: 'viewer' });
  support = await invited(world, admin, { email: 'sam@example.com', role: 'support' });
  other = await invited(world, admin, { email: 'olga@example.com', role: 'admin', companies: 'wren' });
});
afterAll(() => world?.close());

/** Every page that tells of one company or of one of its things. */
const pagesOfTern = () => [
  '/console/companies/tern',
  '/console/companies/tern/setup',
  '/console/companies/tern/settings',
  '/console/companies/tern/preview',
  '/console/companies/tern/inspections/812',
  `/console/companies/tern/runs/${runOfTern}`,
  `/console/companies/tern/runs/${runOfTern}/report.csv`,
  '/console/companies/tern/undo?key=invoice%2F812',
  '/console/companies/tern/fix?kind=skip&key=invoice%2F812',
  '/console/runs?company=tern',
  '/console/reconciliation?company=tern',
  '/console/reconciliation/days.csv?company=tern',
  '/console/corrections?company=tern',
  '/console/audit?company=tern',
  `/console/entries/${ENTRY}`,
  `/console/entries/${ENTRY}/replay`,
  `/console/entries/${ENTRY}/fix`,
];
const actsOnTern = () => [
  '/console/companies/tern/run',
  '/console/companies/tern/pause',
  '/console/companies/tern/settings',
  '/console/companies/tern/setup/company',
  '/console/companies/tern/setup/connect',
  '/console/companies/tern/setup/disconnect',
  '/console/companies/tern/setup/choices',
  '/console/companies/tern/fix',
  '/console/companies/tern/undo',
  '/console/companies/tern/corrections/x/revert',
  ...['replay', 'hold', 'release', 'cancel', 'date', 'adopt'].map((verb) => `/console/entries/${ENTRY}/${verb}`),
];

describe('an admin of another company', () => {
  // One company's people must not read another's books, nor learn that it is here.
  it('is told of every page of this company that there is none', async () => {
    for (const path of pagesOfTern()) {
      const { status, text } = await other.get(path);
      expect(`${path} ${status}`).toBe(`${path} 404`);
      expect(text).not.toContain('Moreno');
    }
  });

  it('can act on nothing of it', async () => {
    for (const path of actsOnTern()) {
      const { status } = await other.post(path, {
        why: 'because I can',
        key: 'invoice/812',
        fix: '{"kind":"skip","keys":["invoice/812"]}',
      });
      expect(`${path} ${status}`).toBe(`${path} 404`);
    }
    expect(await world.vesper.room.store.listRecords('correction', { limit: 10 })).toEqual([]);
    expect((await world.vesper.room.store.company('tern'))?.connection.state).toBe('connected');
  });

  it('sees only the own company in lists, searches and counts', async () => {
    for (const path of [
      '/console',
      '/console/companies',
      '/console/outbox',
      '/console/outbox?q=moreno',
      '/console/outbox?company=tern',
      '/console/runs',
      '/console/audit',
    ]) {
      const { status, text } = await other.get(path);
      expect(status).toBe(200);
      expect(text).not.toContain('Tern Home');
      expect(text).not.toContain('Moreno 812');
      expect(text).not.toContain('ada.812');
    }
    expect((await other.get('/console/outbox')).text).toContain('Inspection 55');
  });

  it('plans no replay of it', async () => {
    const { text } = await other.post('/console/replays/plan', { company: 'tern' });
    expect(text).toContain('There is nothing to replay');
  });

  it('makes neither people nor keys nor companies', async () => {
    for (const path of ['/console/people', '/console/keys', '/console/companies/new']) expect((await other.get(path)).status).toBe(403);
    expect((await other.post('/console/keys', { name: 'mine', role: 'admin', companies: '', why: 'more' })).status).toBe(403);
  });
});

describe('a viewer', () => {
  it('sees states, amounts and codes, but no name, address or words of QuickBooks', async () => {
    const pages = [
      '/console',
      '/console/outbox',
      '/console/outbox?q=812',
      `/console/entries/${ENTRY}`,
      '/console/companies/tern/inspections/812',
      '/console/companies/tern/preview',
      `/console/companies/tern/runs/${runOfTern}`,
      '/console/reconciliation?company=tern&compare=now',
    ];
    for (const path of pages) {
      const { status, text } = await viewer.get(path);
      expect(status).toBe(200);
      for (const personal of ['Moreno', 'moreno', 'ada.812@', 'Ada ', '99999 not found'])
        expect(`${path}: ${text}`).not.toContain(personal);
    }
    const story = (await viewer.get(`/console/entries/${ENTRY}`)).text;
    expect(story).toContain('reference_inactive');
    expect(story).not.toContain('Replay…');
  });

  it('may neither act nor look at the audit', async () => {
    for (const path of actsOnTern()) expect(`${path} ${(await viewer.post(path, { why: 'trying' })).status}`).toBe(`${path} 403`);
    for (const path of [
      '/console/audit',
      '/console/corrections',
      `/console/entries/${ENTRY}/replay`,
      '/console/reconciliation/days.csv?company=tern',
      `/console/companies/tern/runs/${runOfTern}/report.csv`,
    ])
      expect(`${path} ${(await viewer.get(path)).status}`).toBe(`${path} 403`);
  });
});

describe('support', () => {
  it('sees names and acts, but changes neither settings nor connections nor people', async () => {
    expect((await support.get(`/console/entries/${ENTRY}`)).text).toContain('ada.812@example.com');
    for (const path of ['/console/companies/tern/setup', '/console/companies/tern/settings', '/console/people', '/console/keys'])
      expect(`${path} ${(await support.get(path)).status}`).toBe(`${path} 403`);
  });

  it('must say why, and the reason is in the audit before the effect', async () => {
    expect((await support.post(`/console/entries/${ENTRY}/hold`, { why: ' ' })).status).toBe(400);
    const held = await support.post(`/console/entries/${ENTRY}/hold`, { why: 'the bookkeeper asked' });
    expect(held.status).toBe(303);
    const [row] = await world.vesper.room.store.audit({ companyId: 'tern', subject: 'entry/tern|vesper|msg_1', limit: 1 });
    expect(row).toMatchObject({ actor: 'sam@example.com', action: 'entry.hold', reason: 'the bookkeeper asked' });
  });
});
