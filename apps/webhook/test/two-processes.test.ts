import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { openMongoStore } from '@vesper/outbox/mongo-store';
import { createSecretBox, parseEncryptionKeys } from '@vesper/outbox/secret-box';
import { createOAuth } from '@vesper/qbo-adapter/oauth';
import { createEmulator, type Emulator } from '@vesper/qbo-emulator/emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMongoServer } from '../../../packages/outbox/test/mongo-server.ts';
import { tokenStore } from '../src/quickbooks-stores.ts';

const HOUR_MS = 3_600_000;
const READS_EACH = 15;
const encryptionKey = randomBytes(32).toString('base64');
let server: Awaited<ReturnType<typeof startMongoServer>>;
let emulator: Emulator;
beforeAll(async () => {
  server = await startMongoServer();
  emulator = await createEmulator({ port: 0 });
});
afterAll(async () => {
  await emulator.close();
  await server.stop();
});

const control = async <Answer>(path: string, body?: unknown): Promise<Answer> => {
  const sent = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return (await fetch(`${emulator.url}${path}`, sent)).json() as Promise<Answer>;
};

/** Connects the company and lets its access token end. */
async function connect(url: string): Promise<string> {
  const { realmId } = await control<{ realmId: string }>('/emulator/companies', {});
  const oauth = createOAuth({
    clientId: 'emulator',
    clientSecret: 'emulator',
    environment: 'emulator',
    emulatorUrl: emulator.url,
    redirectUri: 'http://localhost/oauth/callback',
  });
  const approved = await fetch(`${oauth.authorizeUrl('s1')}&realm_id=${realmId}`, { redirect: 'manual' });
  const exchanged = await oauth.exchange(approved.headers.get('location') ?? '');
  if (exchanged.outcome !== 'tokens') throw new Error(exchanged.reason.message);
  const secretBox = createSecretBox({ keys: parseEncryptionKeys(encryptionKey) });
  const store = await openMongoStore({ url, secretBox, now: Date.now });
  await tokenStore(store, 'tern').save({ tokens: exchanged.tokens }, 'new');
  await store.close();
  await control('/emulator/clock', { advanceMs: HOUR_MS });
  return realmId;
}

const start = (...args: string[]): ChildProcess =>
  fork(new URL('./two-processes-child.ts', import.meta.url), args, {
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
  });

describe('two processes on one store', () => {
  // A second refresh at the same moment can leave the older refresh token in the store, and the connection dies a day later; a second budget of
  // requests has QuickBooks shut the company out for a minute.
  it('refresh a token once between them, and stay together within QuickBooks’ limits', async () => {
    const url = server.url(`vesper_two_${process.pid}`);
    const realmId = await connect(url);
    const fault = { kind: 'delay', ms: 200 };
    const { id } = await control<{ id: string }>('/emulator/faults', { realmId, match: { operation: 'token' }, times: 100, fault });
    const children = [1, 2].map(() => start(url, emulator.url, encryptionKey, realmId, String(HOUR_MS), String(READS_EACH)));
    await Promise.all(children.map((child) => once(child, 'message')));
    const answers = children.map((child) => once(child, 'message'));
    for (const child of children) child.send('begin');
    expect((await Promise.all(answers)).map(([answer]) => answer as unknown)).toEqual([{ ok: READS_EACH }, { ok: READS_EACH }]);
    const { requests, faults } = await control<{
      requests: { total: number; throttled: number };
      faults: { id: string; fired: number }[];
    }>(`/emulator/companies/${realmId}/ledger`);
    expect(faults.find((one) => one.id === id)?.fired).toBe(1);
    expect(requests).toMatchObject({ total: 2 * READS_EACH, throttled: 0 });
  });
});
