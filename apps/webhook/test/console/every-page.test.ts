import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConsoleRoom } from '../../src/console/open-console-room.ts';
import { consoleRoute } from '../../src/routes/console.ts';
import { inspectionEvent } from '../rig.ts';
import { createConsoleClient, firstPerson, invited, type ConsoleClient } from './console-client.ts';
import { openConsoleWorld, type ConsoleWorld } from './console-world.ts';

/** What holds for every page and form of the console, asked of each one it has: one that is added later is asked too. */
let world: ConsoleWorld;
let admin: ConsoleClient;
let pages: { method: string; path: string; address: string }[];
const why = 'asked by the client';
/** Before anybody is signed in, and what everybody does to themselves only. */
const OPEN = /^\/console\/(assets\/|sign-in|first$|invitation\/)/;
const OWN = /^\/console\/(account|sign-out)/;

beforeAll(async () => {
  world = await openConsoleWorld();
  await world.company('tern', { items: { services: { 'svc-1': '99999' } } });
  await world.company('wren', { name: 'Wren Inspections' });
  await world.send('m1', inspectionEvent('tern', '812'));
  await world.send('m2', inspectionEvent('wren', '55'));
  // Waits, with the client's name in the reason.
  await world.send('m3', inspectionEvent('tern', '820', { status: 'unconfirmed', confirmedAt: undefined }));
  await world.run('tern');
  admin = await firstPerson(world);
  pages = pagesOf(await thingsOfTern());
});
afterAll(() => world?.close());

async function thingsOfTern(): Promise<Record<string, string>> {
  const run = await world.api('GET', '/v1/companies/tern/runs');
  const plan = await world.api('POST', '/v1/replays', { company: 'tern' });
  const kept = await world.api('POST', '/v1/corrections', { companyId: 'tern', why, fix: { kind: 'skip', keys: ['invoice/813'] } });
  await admin.post('/console/keys', { name: 'reader', role: 'viewer', companies: 'tern', why });
  const [key] = await world.vesper.room.store.listRecords('api_key', { limit: 1 });
  return {
    '/companies/:id': 'tern',
    '/inspections/:inspection': '812',
    '/runs/:run': (run.json.runs as { id: string }[])[0]?.id ?? '',
    '/corrections/:correction': (kept.json.correction as { id: string }).id,
    '/entries/:id': 'tern|vesper|m1',
    '/console/replays/:id': String(plan.json.token),
    '/people/:email': 'ines@example.com',
    '/keys/:id': key?.id ?? '',
    '/reconciliation/:file{days.csv|undeposited.csv}': 'days.csv',
    '/invitation/:ticket': 'of-nobody',
  };
}

function pagesOf(things: Record<string, string>): typeof pages {
  const { room } = world.vesper;
  const { routes } = consoleRoute(
    openConsoleRoom({
      room,
      config: { apiKeys: [], intuit: { environment: 'emulator', clientId: '', clientSecret: '', limits: 'off' } },
      desk: room,
      publicUrl: () => world.url,
    }),
  );
  return routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => {
      let address = path;
      for (const [place, id] of Object.entries(things)) address = address.replace(place, place.replace(/:.*$/, encodeURIComponent(id)));
      if (address.includes(':')) throw new Error(`Say in this test which of tern's things ${path} is about.`);
      return { method, path, address };
    });
}

/** Asked about tern in every way a page can be: in its path, its query, its form. */
async function ask(client: ConsoleClient, { method, path, address }: (typeof pages)[number]) {
  const about = { company: 'tern', key: 'invoice/812', why };
  if (method === 'GET')
    return client.get(`${address}?${new URLSearchParams(path.includes('/fix') ? { ...about, kind: 'skip' } : about).toString()}`);
  return client.post(address, {
    ...about,
    q: 'moreno',
    fix: '{"kind":"skip","keys":["invoice/812"]}',
    name: 'Tern',
    timezone: 'America/Chicago',
  });
}

const named = ({ method, path }: (typeof pages)[number]) => `${method} ${path}`;
const inside = () => pages.filter(({ path }) => !OPEN.test(path));

describe('every page and form', { timeout: 120_000 }, () => {
  it('sends a stranger to sign in', async () => {
    const stranger = createConsoleClient(world.url);
    for (const page of inside()) {
      const { status, location, text } = await (page.method === 'GET'
        ? stranger.get(page.address)
        : stranger.post(page.address, { form_token: 'x' }));
      expect([named(page), status, location?.split('?')[0], text]).toEqual([named(page), 303, '/console/sign-in', '']);
    }
  });

  // One company's people must not read another's books, nor learn that it is here, nor change anything of it.
  it('tells an admin of another company nothing of this one, and does nothing to it', async () => {
    const other = await invited(world, admin, { email: 'olga@example.com', role: 'admin', companies: 'wren' });
    const before = await world.vesper.room.store.audit({ companyId: 'tern', limit: 100 });
    const shown: string[] = [];
    for (const page of inside().filter(({ path }) => !OWN.test(path))) {
      const { status, text } = await ask(other, page);
      expect(text, named(page)).not.toMatch(/Moreno|ada\.812|Tern Home|9130350000000001/);
      if (status !== 404 && status !== 403) shown.push(`${named(page)} ${status}`);
    }
    // Lists, counts and searches: of what they reach.
    expect(shown.toSorted()).toEqual([
      'GET /console 200',
      'GET /console/companies 200',
      'GET /console/outbox 200',
      'POST /console/replays 303',
      'POST /console/replays/plan 200',
    ]);
    expect(await world.vesper.room.store.audit({ companyId: 'tern', limit: 100 })).toEqual(before);
  });

  it('lets a viewer change nothing but their own account, and shows them no name, address or word of QuickBooks', async () => {
    const viewer = await invited(world, admin, { email: 'vera@example.com', role: 'viewer' });
    for (const page of inside().filter(({ path }) => !OWN.test(path))) {
      const { status, text } = await ask(viewer, page);
      expect(text, named(page)).not.toMatch(/Moreno|ada\.812|99999 not found/);
      if (page.method !== 'GET') expect([named(page), status]).toEqual([named(page), 403]);
    }
  });

  it('lets support act, but change neither settings nor connections nor people nor keys', async () => {
    const support = await invited(world, admin, { email: 'sam@example.com', role: 'support' });
    for (const page of inside().filter(({ path }) =>
      /\/(setup|settings|people|keys)\b|companies\/new$|^\/console\/companies$/.test(path),
    )) {
      if (named(page) === 'GET /console/companies') continue;
      expect([named(page), (await ask(support, page)).status]).toEqual([named(page), 403]);
    }
  });

  // What the others were refused above is there.
  it('answers an admin of everything', async () => {
    const refused: string[] = [];
    for (const page of inside().filter(({ method, path }) => method === 'GET' && path !== '/console/replays/:id')) {
      const { status } = await ask(admin, page);
      if (status !== 200 && status !== 303) refused.push(`${named(page)} ${status}`);
    }
    expect(refused).toEqual([]);
  });
});
