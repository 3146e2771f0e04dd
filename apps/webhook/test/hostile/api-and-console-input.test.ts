import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstPerson, type ConsoleClient } from '../console/console-client.ts';
import { openConsoleWorld, type ConsoleWorld } from '../console/console-world.ts';
import { nastyText } from './mutate-bytes.ts';

const RUNS_EACH = 12;
const MOST_PAGES = 80;

let world: ConsoleWorld;
let admin: ConsoleClient;
beforeAll(async () => {
  world = await openConsoleWorld();
  await world.company('tern');
  await world.demoDay('tern');
  await world.run('tern');
  admin = await firstPerson(world);
});
afterAll(() => world?.close());

interface Operation {
  method: string;
  path: string;
  query: string[];
  fields: string[];
}

/** Every route the service itself says it has, but those that answer 503 to tell of its health. */
async function operations(): Promise<Operation[]> {
  const spec = (await (await fetch(`${world.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { parameters?: { in: string; name: string }[]; requestBody?: unknown }>>;
  };
  const paths = Object.entries(spec.paths).filter(([path]) => !/^\/(?:healthz|readyz)/.test(path));
  return paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      query: parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
      fields: [...JSON.stringify(requestBody ?? {}).matchAll(/"(\w+)":\{"type"/g)].map(([, name = '']) => name),
    })),
  );
}

const nastyValue: fc.Arbitrary<unknown> = fc.oneof(nastyText, fc.jsonValue(), fc.constantFrom(null, true, -1, 1e308, [], {}));
const objectOf = (names: readonly string[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.dictionary(names.length > 0 ? fc.oneof(fc.constantFrom(...names), nastyText) : nastyText, nastyValue, {
    maxKeys: 6,
    noNullPrototype: true,
  });

function requestOf({ method, path, query, fields }: Operation): fc.Arbitrary<{ url: string; init: RequestInit }> {
  const places = path
    .split('/')
    .map((part) => (part.startsWith('{') ? fc.oneof(fc.constant('tern'), nastyText.map(safelyEncoded)) : fc.constant(part)));
  return fc
    .record({
      parts: fc.tuple(...places),
      query: objectOf(query),
      body: fc.oneof(
        objectOf(fields).map((body) => JSON.stringify(body)),
        nastyText,
      ),
    })
    .map(({ parts, query, body }) => ({
      url: `${world.url}${parts.join('/')}?${new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, typeof value === 'string' ? value.toWellFormed() : JSON.stringify(value)])).toString()}`,
      init: {
        method,
        redirect: 'manual',
        headers: { authorization: `Bearer ${world.client.key}`, 'content-type': 'application/json' },
        ...(method !== 'GET' && { body: new TextEncoder().encode(body) }),
      },
    }));
}

/** A lone surrogate cannot be written in an address. */
function safelyEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()) || '%20';
}

describe('every route of the API', () => {
  it('answers whatever it is asked without an error of ours', async () => {
    const all = await operations();
    expect(all.length).toBeGreaterThan(20);
    for (const operation of all) {
      await fc.assert(
        fc.asyncProperty(requestOf(operation), async ({ url, init }) => {
          const answer = await fetch(url, init);
          const text = await answer.text();
          expect(answer.status < 500, `${init.method} ${url} was answered ${answer.status}: ${text.slice(0, 300)}`).toBe(true);
        }),
        { numRuns: RUNS_EACH },
      );
    }
    expect((await fetch(`${world.url}/readyz`)).status).toBe(200);
  }, 120_000);

  it('takes no authorization that is none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async (key) => {
        const authorization = key.replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '');
        const answer = await fetch(`${world.url}/v1/companies/tern`, { headers: { authorization } });
        expect(answer.status).toBe(401);
      }),
      { numRuns: 100 },
    );
  });
});

interface Form {
  action: string;
  method: string;
  names: string[];
}

/** All the pages a signed-in admin can come to by links, and the forms on them, each kind once. */
async function formsOfTheConsole(): Promise<{ pages: number; forms: Form[] }> {
  const seen = new Set(['/console']);
  const forms = new Map<string, Form>();
  for (const path of seen) {
    if (seen.size > MOST_PAGES) break;
    const { text, headers } = await admin.get(path);
    if (!headers.get('content-type')?.startsWith('text/html')) continue;
    for (const [, href = ''] of text.matchAll(/href="(\/console[^"#]*)"/g))
      if (!href.includes('/assets/')) seen.add(href.replaceAll('&amp;', '&'));
    for (const [, attributes = '', inside = ''] of text.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)) {
      const action = /action="([^"]*)"/.exec(attributes)?.[1] ?? path;
      // Signing out would end the session all this is asked with.
      if (action === '/console/sign-out') continue;
      const names = [...new Set([...inside.matchAll(/name="([^"]+)"/g)].map(([, name = '']) => name))].filter(
        (name) => name !== 'form_token',
      );
      const method = /method="post"/.test(attributes) ? 'POST' : 'GET';
      forms.set(`${method} ${action.replaceAll(/tern%7C[^/]*|[0-9a-f-]{36}/g, '*')}`, { action, method, names });
    }
  }
  return { pages: seen.size, forms: [...forms.values()] };
}

describe('every form of the console', () => {
  it('takes whatever is written into it without an error of ours', async () => {
    const { pages, forms } = await formsOfTheConsole();
    expect(pages).toBeGreaterThan(20);
    expect(forms.length).toBeGreaterThan(10);
    for (const { action, method, names } of forms) {
      const fields = fc.dictionary(fc.constantFrom('x', ...names), nastyText, { maxKeys: names.length + 1, noNullPrototype: true });
      await fc.assert(
        fc.asyncProperty(fields, async (written) => {
          const sane = Object.fromEntries(Object.entries(written).map(([name, text]) => [name, text.toWellFormed()]));
          const { status, text } =
            method === 'POST' ? await admin.post(action, sane) : await admin.get(`${action}?${new URLSearchParams(sane).toString()}`);
          expect(status < 500, `${method} ${action} with ${JSON.stringify(sane)} was answered ${status}: ${text.slice(0, 300)}`).toBe(true);
        }),
        { numRuns: RUNS_EACH },
      );
    }
    expect((await fetch(`${world.url}/readyz`)).status).toBe(200);
  }, 180_000);
});
