import type { Reason } from '@vesper/core/reason';
import type { OAuth, TokenOutcome, Tokens } from '@vesper/qbo-adapter/oauth';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

const REDIRECT = 'https://vesper.example/oauth/callback';
const BASIC = `Basic ${Buffer.from('emulator:emulator').toString('base64')}`;

/** One process's way to Intuit's token server: it may be down, and its answer may be lost after a new token was issued. */
export function linkTokens(world: World, process: SimProcess): OAuth {
  const { time, random, faults, quickbooks } = world;

  const post = (form: Record<string, string>): { status: number; json: Record<string, unknown> } => {
    const { status, body } = quickbooks.serve({
      method: 'POST',
      path: '/oauth2/v1/tokens/bearer',
      query: new URLSearchParams(),
      header: (name) => (name === 'authorization' ? BASIC : undefined),
      body: Buffer.from(new URLSearchParams(form).toString()),
      whenGone: () => undefined,
    });
    return { status, json: JSON.parse(body) as Record<string, unknown> };
  };

  const ask = (realmId: string, form: Record<string, string>): Promise<TokenOutcome> =>
    new Promise((resolve) => {
      process.deliver(() => {
        const isDown = faults.strike('token_server_down');
        const isLost = !isDown && form['grant_type'] === 'refresh_token' && faults.strike('refresh_answer_lost');
        time.after(random.int(10, 400), () => {
          const answer = isDown ? undefined : post(form);
          world.trace(process.name, 'token', realmId, answer?.status ?? 'down', isLost ? 'lost' : '');
          const outcome = answer && !isLost ? toOutcome(answer, realmId, process.clock.now()) : UNAVAILABLE;
          process.after(isLost ? 30_000 : random.int(10, 100), () => {
            if (outcome.outcome === 'tokens') outcome.tokens.obtainedAt = new Date(process.clock.now()).toISOString();
            resolve(outcome);
          });
        });
      });
    });

  return {
    authorizeUrl: (state) =>
      `https://intuit.example/connect/oauth2?${new URLSearchParams({
        client_id: 'emulator',
        response_type: 'code',
        scope: 'com.intuit.quickbooks.accounting',
        redirect_uri: REDIRECT,
        state,
      }).toString()}`,
    exchange(callback) {
      const params = new URLSearchParams(callback);
      return ask(params.get('realmId') ?? '', {
        grant_type: 'authorization_code',
        code: params.get('code') ?? '',
        redirect_uri: REDIRECT,
      });
    },
    refresh: ({ realmId, refreshToken }) => ask(realmId, { grant_type: 'refresh_token', refresh_token: refreshToken }),
    revoke: () => Promise.resolve(true),
  };
}

function toOutcome({ status, json }: { status: number; json: Record<string, unknown> }, realmId: string, now: number): TokenOutcome {
  if (status !== 200) return { outcome: 'invalid_grant', reason: ENDED };
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = json;
  const tokens: Tokens = {
    realmId,
    accessToken: String(accessToken),
    accessExpiresAt: new Date(now + Number(seconds) * 1_000).toISOString(),
    refreshToken: String(refreshToken),
    refreshExpiresAt: new Date(now + 100 * 86_400_000).toISOString(),
    obtainedAt: new Date(now).toISOString(),
  };
  return { outcome: 'tokens', tokens };
}

const ENDED: Reason = { code: 'connection_ended', message: 'QuickBooks no longer accepts this connection.', remedy: 'Connect again.' };
const UNAVAILABLE: TokenOutcome = {
  outcome: 'unavailable',
  reason: { code: 'intuit_unavailable', message: 'Intuit could not be asked for a token just now.', remedy: 'Nothing to do.' },
};
