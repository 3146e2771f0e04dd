import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../src/emulator.ts';
import { createEmulator } from '../src/emulator.ts';
import { Books, control, idOf } from './books.ts';

type Received = { body: string; signature: string | undefined };
const received: Received[] = [];
let status = 200;
let emulator: Emulator;

/** The application's own endpoint. */
const endpoint = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    received.push({ body: Buffer.concat(chunks).toString(), signature: String(request.headers['intuit-signature']) });
    response.writeHead(status).end();
  });
});

beforeAll(async () => {
  emulator = await createEmulator();
  const { promise, resolve } = Promise.withResolvers<void>();
  endpoint.listen(0, '127.0.0.1', resolve);
  await promise;
});
afterAll(async () => {
  await emulator.close();
  endpoint.close();
});
afterEach(() => {
  received.length = 0;
  status = 200;
});

async function told(webhooks: object): Promise<Books> {
  const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/intuit`;
  return Books.open(emulator, { settings: { webhooks: { url, verifierToken: 'secret', ...webhooks } } });
}

describe('change webhooks', () => {
  it('come in the old shape, signed over the raw body', async () => {
    const books = await told({});
    const customer = await books.customer();
    const invoice = await books.invoice(customer);
    await books.post('/invoice', idOf(invoice), { operation: 'void' });
    await emulator.webhooksSent();
    const entities = received.flatMap(({ body }) =>
      (
        JSON.parse(body) as { eventNotifications: { realmId: string; dataChangeEvent: { entities: object[] } }[] }
      ).eventNotifications.flatMap(({ dataChangeEvent }) => dataChangeEvent.entities),
    );
    expect(entities).toMatchObject([
      { name: 'Customer', id: customer.Id, operation: 'Create', lastUpdated: expect.stringMatching(/\+0000$/) },
      { name: 'Invoice', id: invoice.Id, operation: 'Create' },
      { name: 'Invoice', id: invoice.Id, operation: 'Void' },
    ]);
    const [first] = received;
    expect(first?.signature).toBe(
      createHmac('sha256', 'secret')
        .update(first?.body ?? '')
        .digest('base64'),
    );
  });

  it('come as CloudEvents, a merge with the Id that is gone', async () => {
    const books = await told({ shape: 'cloudevents' });
    const [survivor, loser] = [await books.customer(), await books.customer()];
    await emulator.webhooksSent();
    received.length = 0;
    await control(emulator, `companies/${books.realmId}/merge`, { entity: 'Customer', survivor: survivor.Id, loser: loser.Id });
    await emulator.webhooksSent();
    expect(received.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      [
        {
          specversion: '1.0',
          id: expect.any(String),
          source: expect.stringMatching(/^intuit\./),
          type: 'qbo.customer.merged.v1',
          datacontenttype: 'application/json',
          time: expect.stringMatching(/Z$/),
          intuitentityid: survivor.Id,
          intuitaccountid: books.realmId,
          data: { deletedid: loser.Id },
        },
      ],
    ]);
  });

  it('come twice, and the latest change first, where the company is set so', async () => {
    const books = await told({ doubled: true, outOfOrder: true });
    await books.batch(['1', '2'].map((bId) => ({ bId, operation: 'create', Vendor: { DisplayName: bId } })));
    await emulator.webhooksSent();
    expect(received).toHaveLength(2);
    expect(received[0]).toEqual(received[1]);
    expect([...(received[0]?.body ?? '').matchAll(/"id":"(\d+)"/g)].map(([, id]) => id)).toEqual(['2', '1']);
  });

  it('are tried again after 20, 30 and 50 minutes of the emulator’s clock, then dropped', async () => {
    status = 503;
    const books = await told({});
    await books.customer();
    await emulator.webhooksSent();
    const tries = [received.length];
    for (const minutes of [20, 30, 50, 600]) {
      await control(emulator, 'clock', { advanceMs: minutes * 60_000 });
      await expect.poll(() => received.length).toBeGreaterThanOrEqual(Math.min(tries.length + 1, 4));
      tries.push(received.length);
    }
    expect(tries).toEqual([1, 2, 3, 4, 4]);
  });

  it('are not sent for reads, refusals, tax codes, or a company without an address', async () => {
    const books = await told({});
    await books.get('/preferences');
    await books.post('/customer', {});
    await (await Books.open(emulator)).customer();
    await emulator.webhooksSent();
    expect(received).toEqual([]);
  });
});
