import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../src/emulator.ts';
import { createEmulator } from '../src/emulator.ts';
import { authorize, basic, Books, codesOf, control, exchange, token } from './books.ts';

const day = 86_400_000;
let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());

async function connected(
  change: object = {},
  params: Record<string, string> = {},
): Promise<{ realmId: string; code: string; access: string; refresh: string }> {
  const { realmId } = await control(emulator, 'companies', change);
  const code = (await authorize(emulator, { realm_id: String(realmId), ...params })).get('code') ?? '';
  const { json } = await exchange(emulator, code);
  return { realmId: String(realmId), code, access: String(json['access_token']), refresh: String(json['refresh_token']) };
}

const refreshed = (refresh_token: string) => token(emulator, { grant_type: 'refresh_token', refresh_token });

describe('authorize', () => {
  it('redirects at once with code, state and realmId', async () => {
    const { realmId } = await control(emulator, 'companies');
    const answer = await authorize(emulator, { realm_id: String(realmId), state: 'a & b' });
    expect(Object.fromEntries(answer)).toEqual({ code: expect.stringMatching(/./), state: 'a & b', realmId });
  });

  it('answers invalid_scope for a scope that is not Intuit’s', async () => {
    expect((await authorize(emulator, { scope: 'books' })).get('error')).toBe('invalid_scope');
  });

  it('asks a person when told to, and answers access_denied to a refusal', async () => {
    const { realmId } = await control(emulator, 'companies', { name: '<Tern & Daughters>' });
    const fields = {
      client_id: 'emulator',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: 'https://books.example/callback',
      state: 's',
    };
    const asked = await fetch(`${emulator.url}/connect/oauth2?${new URLSearchParams({ ...fields, ask: 'true' }).toString()}`);
    expect(await asked.text()).toContain(`&lt;Tern &amp; Daughters&gt; (${String(realmId)})`);
    const decide = async (decision: string) => {
      const body = new URLSearchParams({ ...fields, realm_id: String(realmId), decision });
      const answer = await fetch(`${emulator.url}/connect/oauth2`, { method: 'POST', body, redirect: 'manual' });
      return new URL(answer.headers.get('location') ?? '').searchParams;
    };
    expect((await decide('refuse')).get('error')).toBe('access_denied');
    expect((await decide('connect')).get('code')).toMatch(/./);
  });
});

describe('tokens', () => {
  it('end both tokens of the first exchange when a code is exchanged twice', async () => {
    const { code, access, refresh, realmId } = await connected();
    const again = await exchange(emulator, code);
    expect([again.status, again.json]).toEqual([400, { error: 'invalid_grant' }]);
    expect((await new Books(emulator, realmId, access).get('/preferences')).status).toBe(401);
    expect((await refreshed(refresh)).json['error']).toBe('invalid_grant');
  });

  it('keep the refresh token within a day and rotate it after one', async () => {
    const { refresh } = await connected();
    expect((await refreshed(refresh)).json['refresh_token']).toBe(refresh);
    await control(emulator, 'clock', { advanceMs: day });
    const next = String((await refreshed(refresh)).json['refresh_token']);
    expect(next).not.toBe(refresh);
    expect((await refreshed(refresh)).json['refresh_token'], 'the older one within its grace').toBe(next);
    await control(emulator, 'clock', { advanceMs: day });
    expect((await refreshed(refresh)).json).toEqual({ error: 'invalid_grant', error_description: 'Token invalid' });
  });

  it('end 100 days after the last refresh', async () => {
    const { refresh } = await connected();
    await control(emulator, 'clock', { advanceMs: 99 * day });
    const next = String((await refreshed(refresh)).json['refresh_token']);
    await control(emulator, 'clock', { advanceMs: 100 * day });
    expect((await refreshed(next)).status).toBe(400);
  });

  it('tell their hard end when asked for, and an id_token with the openid scope only', async () => {
    const { realmId } = await control(emulator, 'companies');
    const code = (await authorize(emulator, { realm_id: String(realmId), scope: 'openid' })).get('code') ?? '';
    const { json } = await exchange(emulator, code, { 'x-include-refresh-token-hard-expires-in': 'true' });
    expect(json).toMatchObject({ id_token: expect.any(String), x_refresh_token_hard_expires_in: 5 * 365 * 86_400 });
  });

  it('name each mistake with its own description', async () => {
    const { access } = await connected();
    expect((await refreshed('never')).json).toEqual({ error: 'invalid_grant', error_description: 'Incorrect or invalid refresh token' });
    expect((await refreshed(access)).json).toEqual({ error: 'invalid_grant', error_description: 'Incorrect Token type or clientID' });
    expect((await token(emulator, { grant_type: 'password' })).json).toEqual({ error: 'unsupported_grant_type' });
    const stranger = await token(emulator, { grant_type: 'refresh_token', refresh_token: 'x' }, { Authorization: 'Basic eA==' });
    expect([stranger.status, stranger.json]).toEqual([401, { error: 'invalid_client' }]);
  });

  it('are refused with user_not_in_realm once the user was removed from the company', async () => {
    const { realmId, refresh } = await connected();
    await control(emulator, 'companies', { realmId, settings: { user: 'removed' } });
    expect((await refreshed(refresh)).json).toMatchObject({ error: 'invalid_grant', x_error_reason: 'user_not_in_realm' });
  });

  it('are ended by revoking either of them', async () => {
    const { realmId, access, refresh } = await connected();
    const revoke = () =>
      fetch(`${emulator.url}/v2/oauth2/tokens/revoke`, {
        method: 'POST',
        headers: { Authorization: basic },
        body: JSON.stringify({ token: access }),
      });
    expect((await revoke()).status).toBe(200);
    expect((await refreshed(refresh)).status).toBe(400);
    expect((await new Books(emulator, realmId, access).get('/preferences')).status).toBe(401);
    expect((await revoke()).status, 'a second revocation').toBe(400);
  });
});

describe('the accounting API', () => {
  it('answers an expired token in the gateway’s shape, with a challenge and the token echoed', async () => {
    const { realmId, access } = await connected();
    await control(emulator, 'clock', { advanceMs: 3_600_000 });
    const answer = await new Books(emulator, realmId, access).get('/preferences');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="Intuit", error="invalid_token"');
    expect(answer.headers.get('intuit_tid')).toMatch(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(answer.json['fault']).toEqual({
      error: [
        {
          message: 'message=AuthenticationFailed; errorCode=003200; statusCode=401',
          detail: `Token expired: ${access}`,
          code: '3200',
          element: null,
        },
      ],
      type: 'AUTHENTICATION',
    });
  });

  it('answers another company’s token with 100 and a user without rights with 120', async () => {
    const [mine, theirs] = [await Books.open(emulator), await Books.open(emulator)];
    expect(codesOf(await new Books(emulator, theirs.realmId, mine.accessToken).get('/preferences'))).toEqual(['100']);
    await control(emulator, 'companies', { realmId: mine.realmId, settings: { user: 'lost-rights' } });
    expect(codesOf(await mine.get('/preferences'))).toEqual(['120']);
  });
});
