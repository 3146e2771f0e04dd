import { randomUUID } from 'node:crypto';
import { newEntry } from '@vesper/outbox/contract/subject';
import { openMongoStore } from '@vesper/outbox/mongo-store';
import { createSecretBox } from '@vesper/outbox/secret-box';
import type { Store } from '@vesper/outbox/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMongoServer } from '../../../packages/outbox/test/mongo-server.ts';
import { createTcpProxy, type TcpProxy } from '../chaos/tcp-proxy.ts';

let server: Awaited<ReturnType<typeof startMongoServer>>;
let proxy: TcpProxy;
let store: Store;
beforeEach(async () => {
  // A standalone: a replica set tells its own address, past the proxy.
  server = await startMongoServer({ standalone: true });
  const url = new URL(server.url(`vesper_${randomUUID().slice(0, 8)}`));
  proxy = await createTcpProxy(Number(url.port));
  url.port = String(proxy.port);
  store = await openMongoStore({
    url: url.href,
    secretBox: createSecretBox({ keys: [{ id: 'test', key: new Uint8Array(32) }] }),
    allowStandalone: true,
  });
});
afterEach(async () => {
  await store.close().catch(() => undefined);
  await proxy.close();
  await server.stop();
});

describe('a connection to MongoDB that swallows what is sent', () => {
  // Waiting on it for minutes would keep the platform waiting, and its retries with it.
  it('is noticed: the append is refused, not left hanging, and the store takes up again by itself', async () => {
    expect(await store.append(newEntry({ webhookId: 'msg_1' }))).toMatchObject({ outcome: 'stored' });
    proxy.turn('hole');
    await expect(store.append(newEntry({ webhookId: 'msg_2' }))).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    expect(await store.isWritable()).toBe(false);
    expect(proxy.harm()).toBeGreaterThan(0);
    proxy.turn('pass');
    let outcome = 'unavailable';
    while (outcome === 'unavailable')
      outcome = await store.append(newEntry({ webhookId: 'msg_2' })).then(
        (appended) => appended.outcome,
        (error: { kind?: string }) => error.kind ?? 'another error',
      );
    expect(['stored', 'duplicate']).toContain(outcome);
    expect(await store.entry('acme|vesper|msg_1')).toBeDefined();
    expect(await store.entry('acme|vesper|msg_2')).toBeDefined();
  });
});
