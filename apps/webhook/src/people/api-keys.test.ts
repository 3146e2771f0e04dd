import { createMemoryStore } from '@vesper/outbox/memory-store';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { ApiError } from '../api-error.ts';
import { createKeyCheck, requireRole, type Caller } from '../routes/api-key.ts';
import { createApiKeys } from './api-keys.ts';

function setUp() {
  const time = { ms: Date.parse('2026-11-02T18:00:00Z') };
  const clock = { now: () => time.ms };
  const store = createMemoryStore(clock);
  const keys = createApiKeys({ store, clock });
  const app = new Hono<{ Variables: { caller: Caller } }>();
  app.onError((error, context) =>
    context.text(error instanceof ApiError ? error.code : 'broken', error instanceof ApiError ? error.status : 500),
  );
  app.get('/v1/companies/:id', requireRole(createKeyCheck([], keys), 'support'), (context) => context.text('here you are'));
  const ask = (company: string, key: string) => app.request(`/v1/companies/${company}`, { headers: { authorization: `Bearer ${key}` } });
  return { time, store, keys, ask };
}

test('a key made by a person opens the API, and the store holds only its digest', async () => {
  const { keys, ask, store } = setUp();
  const { key } = await keys.create({ name: 'platform', role: 'support' }, 'ines@example.com');
  expect((await ask('tern', key)).status).toBe(200);
  expect(JSON.stringify(await store.listRecords('api_key', { limit: 10 }))).not.toContain(key);
});

// One company's key must not read another company's books, nor learn that it is here.
test('a key limited to one company finds no other', async () => {
  const { keys, ask } = setUp();
  const { key } = await keys.create({ name: 'tern only', role: 'admin', companies: ['tern'] }, 'ines@example.com');
  expect((await ask('tern', key)).status).toBe(200);
  for (const other of ['wren', '%77ren', 'tern%2F..%2Fwren']) expect((await ask(other, key)).status).toBe(404);
});

test('a role that is too low is refused', async () => {
  const { keys, ask } = setUp();
  const { key } = await keys.create({ name: 'reader', role: 'viewer' }, 'ines@example.com');
  expect((await ask('tern', key)).status).toBe(403);
});

test('a revoked key opens nothing', async () => {
  const { keys, ask } = setUp();
  const { key, record } = await keys.create({ name: 'old', role: 'admin' }, 'ines@example.com');
  await keys.revoke(record.id);
  expect((await ask('tern', key)).status).toBe(401);
});

test('says when a key was last used, to five minutes', async () => {
  const { keys, ask, time } = setUp();
  const { key } = await keys.create({ name: 'platform', role: 'support' }, 'ines@example.com');
  await ask('tern', key);
  time.ms += 4 * 60_000;
  await ask('tern', key);
  expect((await keys.all())[0]?.lastUsedAt).toBe('2026-11-02T18:00:00.000Z');
  time.ms += 2 * 60_000;
  await ask('tern', key);
  expect((await keys.all())[0]?.lastUsedAt).toBe('2026-11-02T18:06:00.000Z');
});
