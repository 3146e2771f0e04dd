import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLimiter, createMemoryLimiterStore } from '../src/limiter.ts';
import { createQboClient } from '../src/qbo-client.ts';
import { createHttpClient } from '../src/http-client.ts';
import { customer, invoice } from './documents-fixture.ts';
import { creates, type EmulatorDesk, newId, openCompany, openEmulator, post } from './emulated-company.ts';

let desk: EmulatorDesk;

beforeAll(async () => {
  desk = await openEmulator();
});
afterAll(() => desk.close());

// Throttling costs a minute each time and can refuse an evening's work.
test('sends 100 batches and reads of one company without ever being throttled', async () => {
  const company = await openCompany(desk);
  await post(company, company.openBooks(), creates(customer()));
  const startedAt = desk.clock.now();
  const one = new TextEncoder().encode(JSON.stringify({ BatchItemRequest: [{ bId: 'b1', Query: 'select * from Term' }] }));
  const results = await Promise.all([
    ...Array.from({ length: 85 }, () => company.client.sendBatch({ requestId: newId(), body: one })),
    ...Array.from({ length: 40 }, () => company.client.query('Term')),
  ]);
  expect(results.every(({ outcome }) => outcome === 'ok')).toBe(true);
  const { throttled, batches } = await company.requests();
  expect({ throttled, batches }).toEqual({ throttled: 0, batches: 86 });
  const minutes = (desk.clock.now() - startedAt) / 60_000;
  expect(minutes).toBeGreaterThan(2);
  expect(minutes).toBeLessThan(2.3);
});

test('keeps two processes that share a store within one budget', async () => {
  const company = await openCompany(desk);
  const store = createMemoryLimiterStore();
  const token = { access: () => company.token(), renew: () => company.token() };
  const clients = [1, 2].map(() =>
    createQboClient({
      realmId: company.realmId,
      http: createHttpClient({ environment: 'emulator', emulatorUrl: desk.emulator.url, fetch: desk.fetch }),
      tokens: token,
      limiter: createLimiter({ store, clock: desk.clock, newId }),
      clock: desk.clock,
    }),
  );
  await desk.clock.sleep(61_000);
  const reads = await Promise.all(Array.from({ length: 60 }, (_, index) => clients[index % 2]!.query('Term')));
  expect(reads.every(({ outcome }) => outcome === 'ok')).toBe(true);
  expect((await company.requests()).throttled).toBe(0);
});

test.each([
  ['XML', { kind: 'throttle-xml' }],
  ['JSON', { kind: 'throttle-json' }],
  ['XML with status 403', { kind: 'throttle-xml', status: 403 }],
])('rests a minute after throttling told in %s, then sends the same bytes', async (_, fault) => {
  const company = await openCompany(desk);
  const books = company.openBooks();
  await post(company, books, creates(customer()));
  const operations = creates(invoice());
  const [prepared] = await books.prepare(operations, company.ledger);
  if (prepared?.outcome !== 'send') throw new Error('not ready');
  const items = [{ bId: 'b1', key: operations[0]!.key, operation: operations[0]!, payload: prepared.payload }];
  const batch = { requestId: newId(), body: books.assemble(items), items };
  await desk.control('/emulator/faults', { realmId: company.realmId, match: { path: '/batch' }, fault });
  const first = await books.send(batch);
  expect(first).toMatchObject({ outcome: 'later', afterMs: 60_000, reason: { code: 'throttled' } });
  const before = desk.clock.now();
  const second = await books.send(batch);
  expect(second.outcome === 'answered' && second.items.get('b1')?.outcome).toBe('posted');
  expect(desk.clock.now() - before).toBeGreaterThan(59_000);
});
