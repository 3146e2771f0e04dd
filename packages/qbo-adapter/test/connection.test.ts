import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createOAuth, type OAuth, type Tokens } from '../src/oauth.ts';
import { createTokenKeeper, type TokenStore } from '../src/token-keeper.ts';
import { type EmulatorDesk, newId, openCompany, openEmulator } from './emulated-company.ts';
import { createMemoryTokenStore } from '../src/memory-token-store.ts';

let desk: EmulatorDesk;
let oauth: OAuth;
let store: TokenStore;
let tokens: Tokens;

beforeAll(async () => {
  desk = await openEmulator();
});
afterAll(() => desk.close());

const oauthOf = (clientSecret = 'emulator') =>
  createOAuth({
    clientId: 'emulator',
    clientSecret,
    environment: 'emulator',
    emulatorUrl: desk.emulator.url,
    redirectUri: 'http://localhost/oauth/callback',
    now: () => desk.clock.now(),
    timeoutMs: 2_000,
  });
const keeperOf = () => createTokenKeeper({ oauth, store, clock: desk.clock, newId });
const approve = async (realmId: string) =>
  (await fetch(`${oauth.authorizeUrl('s1')}&realm_id=${realmId}`, { redirect: 'manual' })).headers.get('location') ?? '';

async function connect(): Promise<string> {
  const { realmId } = await desk.control<{ realmId: string }>('/emulator/companies', {});
  const exchanged = await oauth.exchange(await approve(realmId));
  if (exchanged.outcome !== 'tokens') throw new Error(exchanged.reason.message);
  ({ tokens } = exchanged);
  await keeperOf().connect(tokens);
  return realmId;
}

beforeEach(() => {
  oauth = oauthOf();
  store = createMemoryTokenStore();
});

const tokenCalls = async (realmId: string) => {
  const fault = await desk.control<{ id: string }>('/emulator/faults', {
    realmId,
    match: { operation: 'token' },
    times: 100,
    fault: { kind: 'delay', ms: 30 },
  });
  return async () => {
    const { faults } = await desk.control<{ faults: { id: string; fired: number }[] }>(`/emulator/companies/${realmId}/ledger`);
    return faults.find(({ id }) => id === fault.id)?.fired;
  };
};

// Two refreshes at once can leave the store with the older refresh token, and the connection dies a day later.
test('refreshes once, however many processes find the token expired', async () => {
  const realmId = await connect();
  await desk.clock.sleep(3_600_000);
  const count = await tokenCalls(realmId);
  const answers = await Promise.all([keeperOf(), keeperOf(), keeperOf()].map((keeper) => keeper.access()));
  expect(new Set(answers.map((answer) => answer.outcome === 'token' && answer.token)).size).toBe(1);
  expect(await count()).toBe(1);
});

test('keeps the newest refresh token when Intuit rotates it', async () => {
  await connect();
  await desk.clock.sleep(25 * 3_600_000);
  expect((await keeperOf().access()).outcome).toBe('token');
  const kept = await store.load();
  expect(kept?.kept.tokens.refreshToken).not.toBe(tokens.refreshToken);
  expect(kept?.kept.refreshing).toBeUndefined();
});

test('reads the store again before it calls a connection ended', async () => {
  await connect();
  await desk.clock.sleep(25 * 3_600_000);
  const newer = await oauth.refresh(tokens);
  if (newer.outcome !== 'tokens') throw new Error('no tokens');
  await desk.clock.sleep(25 * 3_600_000);
  // This process still believes in the first token; another one stores the newer just before Intuit refuses the first.
  const late = createTokenKeeper({
    oauth: {
      ...oauth,
      refresh: async (old) => {
        if (old.refreshToken === tokens.refreshToken) await store.save({ tokens: newer.tokens }, 'any');
        return oauth.refresh(old);
      },
    },
    store,
    clock: desk.clock,
    newId,
  });
  expect((await late.access()).outcome).toBe('token');
  expect((await late.state()).state).toBe('connected');
});

test('asks for a reconnect, with reason and who must act, once the connection is revoked', async () => {
  await connect();
  expect(await oauth.revoke(tokens.refreshToken)).toBe(true);
  await desk.clock.sleep(3_600_000);
  const keeper = keeperOf();
  expect(await keeper.access()).toMatchObject({ outcome: 'reconnect', reason: { code: 'connection_ended' } });
  expect(await keeper.state()).toMatchObject({ state: 'reconnect', reason: { remedy: expect.stringContaining('administrator') } });
});

test('tells wrong client keys from an ended connection', async () => {
  await connect();
  oauth = oauthOf('wrong');
  await desk.clock.sleep(3_600_000);
  expect(await keeperOf().access()).toMatchObject({ outcome: 'reconnect', reason: { code: 'invalid_client' } });
  oauth = oauthOf();
  expect((await keeperOf().access()).outcome).toBe('token');
});

test('takes an unanswered refresh for no verdict about the connection', async () => {
  const realmId = await connect();
  await desk.clock.sleep(3_600_000);
  await desk.control('/emulator/faults', { realmId, match: { operation: 'token' }, fault: { kind: 'status', status: 503 } });
  const keeper = keeperOf();
  expect((await keeper.access()).outcome).toBe('unavailable');
  expect((await keeper.access()).outcome).toBe('token');
});

test('names the removed user when Intuit says so', async () => {
  const realmId = await connect();
  await desk.control('/emulator/companies', { realmId, settings: { user: 'removed' } });
  await desk.clock.sleep(3_600_000);
  expect(await keeperOf().access()).toMatchObject({ outcome: 'reconnect', reason: { code: 'user_not_in_realm' } });
});

test('refuses to reconnect to another QuickBooks company unless it is meant', async () => {
  await connect();
  const other = { ...tokens, realmId: '4620816365000000001' };
  expect(await keeperOf().connect(other)).toMatchObject({ outcome: 'other_realm' });
  expect(await keeperOf().connect(other, { allowOtherRealm: true })).toEqual({ outcome: 'connected' });
});

test('hands on a declined consent as such', async () => {
  expect(await oauth.exchange('http://localhost/oauth/callback?error=access_denied&state=s1')).toMatchObject({
    outcome: 'declined',
    reason: { code: 'access_denied' },
  });
});

test('renews a token QuickBooks refuses and sends the same request again', async () => {
  const company = await openCompany(desk);
  await desk.control('/emulator/faults', {
    realmId: company.realmId,
    match: { operation: 'query' },
    fault: { kind: 'status', status: 401 },
  });
  expect((await company.client.query('Term')).outcome).toBe('ok');
});
