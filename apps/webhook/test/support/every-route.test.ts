import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiDocument } from '../../src/api-document.ts';
import { createPages } from '../../src/app.ts';
import { systemClock } from '../../src/clock.ts';
import type { Role } from '../../src/config.ts';
import { createApiKeys } from '../../src/people/api-keys.ts';
import { exampleOf, type Schema } from '../../src/routes/schema-shape.ts';
import { createRig, inspectionEvent, type Rig } from '../rig.ts';

/**
 * What holds for every route of the API, asked of each one in the OpenAPI document with a request made from its own schemas: a route that is
 * added later is asked too.
 */
interface Operation {
  method: string;
  path: string;
  parameters: { name: string; in: string; required?: boolean; schema: Schema }[];
  body: Schema | undefined;
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
  isOpen: boolean;
}

let rig: Rig;
let operations: Operation[];
let schemas: Record<string, Schema>;
let things: Record<string, string>;
const why = 'asked by the client';

beforeAll(async () => {
  rig = await createRig();
  await rig.company('tern');
  await rig.company('heron', { name: 'Heron Inspections' });
  await rig.send('m1', inspectionEvent('tern', '812'));
  await rig.send('m2', inspectionEvent('tern', '813'));
  // Waits, with the client's name in the reason.
  await rig.send('m4', inspectionEvent('tern', '820', { status: 'unconfirmed', confirmedAt: undefined }));
  const run = await rig.api('POST', '/v1/companies/tern/runs', { wait: true });
  await rig.send('m3', inspectionEvent('tern', '815'));
  const plan = await rig.api('POST', '/v1/replays', { company: 'tern' });
  const kept = await rig.api('POST', '/v1/corrections', { companyId: 'tern', why, fix: { kind: 'skip', keys: ['invoice/813'] } });
  things = {
    '/v1/companies/{id}': 'tern',
    '/inspections/{inspectionId}': '812',
    '/runs/{runId}': String(run.json.id),
    '/v1/outbox/{id}': 'tern|vesper|m1',
    '/v1/replays/{id}': String(plan.json.token),
    '/v1/corrections/{id}': (kept.json.correction as { id: string }).id,
  };
  const document = (await (await fetch(`${rig.vesper.url}/openapi.json`)).json()) as ApiDocument;
  schemas = document.components?.schemas as Record<string, Schema>;
  operations = operationsOf(document);
});
afterAll(() => rig.close());

function operationsOf({ paths = {} }: ApiDocument): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Record<string, unknown>>).map(([method, told]) => ({
      method: method.toUpperCase(),
      path,
      parameters: (told.parameters ?? []) as Operation['parameters'],
      body: (told.requestBody as { content?: Record<string, { schema: Schema }> } | undefined)?.content?.['application/json']?.schema,
      responses: told.responses as Operation['responses'],
      isOpen: Array.isArray(told.security) && told.security.length === 0,
    })),
  );
}

/** The route's address with tern's own things in it. */
function addressOf({ path, parameters }: Operation): string {
  let address = path;
  for (const [place, id] of Object.entries(things)) address = address.replace(place, place.replace(/\{\w+\}/, encodeURIComponent(id)));
  if (address.includes('{')) throw new Error(`Say in this test which of tern's things ${path} is about.`);
  const query = new URLSearchParams();
  for (const { name, in: where, required, schema } of parameters) {
    if (where !== 'query') continue;
    if (name === 'company') query.set(name, 'tern');
    else if (required === true) query.set(name, String(exampleOf(schema, schemas)));
  }
  return query.size > 0 ? `${address}?${query.toString()}` : address;
}

const withQuery = (address: string, query: string) => `${address}${address.includes('?') ? '&' : '?'}${query}`;

/** A body its schema takes, about tern. */
function bodyOf({ path, body }: Operation): unknown {
  if (!body) return undefined;
  const example = exampleOf(body, schemas) as Record<string, unknown>;
  if (path === '/v1/replays') return { company: 'tern' };
  if (path === '/v1/companies/{id}') return { name: 'Tern', timezone: 'America/Chicago' };
  if ('companyId' in example) example.companyId = 'tern';
  if ('why' in example) example.why = why;
  if ('fix' in example) example.fix = { kind: 'skip', keys: ['invoice/812'] };
  if ('key' in example) example.key = 'invoice/812';
  if (path.endsWith('/undo')) Object.assign(example, { keys: ['invoice/812'] });
  if (path.endsWith('/imports')) example.events = [inspectionEvent('tern', '814')];
  return example;
}

async function keyFor(role: Role, companies?: string[]): Promise<string> {
  const keys = createApiKeys({ store: rig.vesper.room.store, clock: systemClock });
  return (await keys.create({ name: `test ${role}`, role, ...(companies && { companies }) }, 'test')).key;
}

async function ask(operation: Operation, key: string | undefined, body: string | undefined = JSON.stringify(bodyOf(operation))) {
  const answer = await fetch(`${rig.vesper.url}${addressOf(operation)}`, {
    method: operation.method,
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && operation.method !== 'GET' && { body }),
  });
  return { status: answer.status, text: await answer.text() };
}

const named = ({ method, path }: Operation) => `${method} ${path}`;
const behindKeys = () => operations.filter(({ isOpen }) => !isOpen);
const expectErrorShape = (text: string, of: string) =>
  expect(JSON.parse(text), of).toEqual({
    error: {
      code: expect.any(String),
      message: expect.any(String),
      requestId: expect.any(String),
      ...(text.includes('"issues"') && { issues: expect.any(Array) }),
    },
  });

describe('the OpenAPI document', () => {
  it('has every route the service answers', () => {
    const { routes } = createPages(rig.vesper.room, undefined);
    const served = new Set(
      routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`),
    );
    const told = new Set(operations.map(named));
    // A browser goes through these to connect; the last two are the document itself.
    const pages = ['GET /oauth/start', 'GET /oauth/callback', 'GET /openapi.json', 'GET /reference'];
    expect([...served].filter((route) => !told.has(route)).toSorted()).toEqual(pages.toSorted());
    expect([...told].filter((route) => !served.has(route))).toEqual(['POST /webhooks/{source}', 'POST /webhooks/intuit']);
  });

  it('tells of every refusal in the one shape, and of an idempotency key on every POST', () => {
    for (const operation of operations) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (Number(status) < 400 || operation.path.startsWith('/healthz') || operation.path === '/readyz') continue;
        expect(content?.['application/json']?.schema, `${named(operation)} ${status}`).toEqual({ $ref: '#/components/schemas/Error' });
      }
      if (operation.method === 'POST' && !operation.isOpen)
        expect(
          operation.parameters.map(({ name }) => name),
          named(operation),
        ).toContain('idempotency-key');
    }
  });

  it('is shown to people with every operation and every shape, without a script', async () => {
    const answer = await fetch(`${rig.vesper.url}/reference`);
    const page = await answer.text();
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const { method, path } of operations) expect(page).toContain(`<span class="method">${method}</span> <code>${path}</code>`);
    for (const name of Object.keys(schemas)) expect(page).toContain(`id="schema-${name}"`);
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  });
});

describe('every route', { timeout: 120_000 }, () => {
  it('answers 401 without a key, and with one nobody made', async () => {
    for (const operation of behindKeys())
      for (const key of [undefined, 'nobody-made-this-key']) {
        const { status, text } = await ask(operation, key);
        expect(status, named(operation)).toBe(401);
        expectErrorShape(text, named(operation));
      }
  });

  // One company's books in another company's hands would end this product.
  it('tells a key of another company nothing of this one, and does nothing to it', async () => {
    const stranger = await keyFor('admin', ['heron']);
    const before = await rig.vesper.room.store.audit({ companyId: 'tern', limit: 100 });
    const answered: string[] = [];
    for (const operation of behindKeys()) {
      const { status, text } = await ask(operation, stranger);
      if (status === 404) expectErrorShape(text, named(operation));
      else {
        answered.push(`${named(operation)} ${status}`);
        expect(text, named(operation)).not.toMatch(/\btern\b|\bsp81/i);
      }
      expect(text, named(operation)).not.toContain('Moreno');
    }
    // These look through what the key reaches, and so find nothing.
    expect(answered.toSorted()).toEqual(['GET /v1/companies 200', 'GET /v1/outbox 200', 'GET /v1/replays 200', 'POST /v1/replays 201']);
    expect(await rig.vesper.room.store.audit({ companyId: 'tern', limit: 100 })).toEqual(before);
  });

  it('lets a viewer change nothing, and shows it no name, address or word of QuickBooks', async () => {
    const viewer = await keyFor('viewer', ['tern']);
    for (const operation of behindKeys()) {
      const { status, text } = await ask(operation, viewer);
      expect(text, named(operation)).not.toMatch(/Moreno|example\.com/);
      for (const format of operation.parameters.find(({ name }) => name === 'format')?.schema.enum?.map(String) ?? []) {
        const answer = await fetch(`${rig.vesper.url}${withQuery(addressOf(operation), `format=${format}`)}`, {
          headers: { authorization: `Bearer ${viewer}` },
        });
        expect(await answer.text(), `${named(operation)} ${format}`).not.toMatch(/Moreno|example\.com/);
      }
      if (operation.method !== 'GET') expect([named(operation), status]).toEqual([named(operation), 403]);
    }
  });

  it('refuses what is no JSON, and what is too much, in the one shape', async () => {
    for (const operation of behindKeys().filter(({ body }) => body)) {
      const { status, text } = await ask(operation, rig.client.key, '{"why":');
      expect([named(operation), status]).toEqual([named(operation), 400]);
      expectErrorShape(text, named(operation));
    }
    const [imports] = behindKeys().filter(({ path }) => path.endsWith('/imports'));
    const { status, text } = await ask(imports as Operation, rig.client.key, ' '.repeat(17 * 1024 * 1024));
    expect(status).toBe(413);
    expectErrorShape(text, 'too much');
  });

  // What strangers and viewers were refused above was a real request.
  it('takes the same request from an admin of the company', async () => {
    const admin = await keyFor('admin', ['tern']);
    const refused: string[] = [];
    for (const operation of behindKeys()) {
      const { status, text } = await ask(operation, admin);
      if ([400, 401, 403, 404, 500].includes(status)) refused.push(`${named(operation)} ${status} ${text}`);
    }
    expect(refused).toEqual([]);
  });
});
