import OAuthClient from 'intuit-oauth';
import type { Reason } from '@vesper/core/reason';
import type { QboEnvironment } from './http-client.ts';
import { redact } from './redact.ts';

/** Tokens of one connection. Instants are ISO 8601; never logged, encrypted wherever they rest. */
export interface Tokens {
  realmId: string;
  accessToken: string;
  accessExpiresAt: string;
  refreshToken: string;
  /** Rolling: 100 days from the last use. */
  refreshExpiresAt: string;
  /** The end nothing postpones, five years after connecting, when Intuit tells it. */
  refreshHardExpiresAt?: string;
  /** When Intuit issued them: of two sets, the later one counts. */
  obtainedAt: string;
}

export type TokenOutcome =
  | { outcome: 'tokens'; tokens: Tokens }
  /** The person declined, or the app asked for too much. */
  | { outcome: 'declined'; reason: Reason }
  | { outcome: 'invalid_grant'; reason: Reason }
  | { outcome: 'invalid_client'; reason: Reason }
  /** The person who connected was removed from the QuickBooks company. */
  | { outcome: 'user_not_in_realm'; reason: Reason }
  /** No usable answer: try again with the same refresh token, which lives on for a day. */
  | { outcome: 'unavailable'; reason: Reason };

export interface OAuth {
  /** Where to send the person. `state` is the caller's: random, single use, bound to the browser session. */
  authorizeUrl(state: string): string;
  /** Trades the callback's code for tokens, once. The caller has checked `state` before. */
  exchange(callback: string | URLSearchParams): Promise<TokenOutcome>;
  refresh(tokens: Pick<Tokens, 'realmId' | 'refreshToken'>): Promise<TokenOutcome>;
  /** Ends the connection at Intuit. True when Intuit confirmed it, or did not know the token any more. */
  revoke(token: string): Promise<boolean>;
}

export interface OAuthOptions {
  clientId: string;
  clientSecret: string;
  environment: QboEnvironment;
  /** With `environment: "emulator"`: where it listens. */
  emulatorUrl?: string;
  redirectUri: string;
  now?: () => number;
  timeoutMs?: number;
}

const INTUIT = {
  authorizeEndpoint: 'https://appcenter.intuit.com/connect/oauth2',
  tokenEndpoint: 'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
  revokeEndpoint: 'https://developer.api.intuit.com/v2/oauth2/tokens/revoke',
  userInfoEndpoint: 'https://accounts.platform.intuit.com/v1/openid_connect/userinfo',
};
const TIMEOUT_MS = 30_000;

/**
 * Intuit's OAuth 2, through `intuit-oauth` for the token calls and nothing else. Its logging writes tokens in clear and stays off;
 * its endpoints are static for the process, so they are set anew right before each call, which reads them at once; its own sending
 * retries refreshes and has no time limit, so a single bounded request takes its place.
 */
export function createOAuth({
  clientId,
  clientSecret,
  environment,
  emulatorUrl,
  redirectUri,
  now = Date.now,
  timeoutMs = TIMEOUT_MS,
}: OAuthOptions): OAuth {
  const endpoints = endpointsOf(environment, emulatorUrl);

  function open(): IntuitClient {
    const client = new OAuthClient({
      clientId,
      clientSecret,
      environment: environment === 'production' ? 'production' : 'sandbox',
      redirectUri,
      logging: false,
      includeRefreshTokenHardExpiresIn: true,
    }) as unknown as IntuitClient;
    client.setAuthorizeURLs(endpoints);
    client.loadResponse = (request) =>
      client.axiosInstance({
        ...request,
        timeout: timeoutMs,
        maxRedirects: 0,
        validateStatus: (status: number) => status >= 200 && status < 300,
      });
    return client;
  }

  async function ask(realmId: string, secrets: string[], call: (client: IntuitClient) => Promise<IntuitAnswer>): Promise<TokenOutcome> {
    try {
      const answer = await call(open());
      const tokens = toTokens(answer.json, realmId, now());
      return tokens
        ? { outcome: 'tokens', tokens }
        : { outcome: 'unavailable', reason: explain.unavailable('its answer held no tokens', answer.intuit_tid) };
    } catch (error) {
      return refusal(error, [clientSecret, ...secrets]);
    }
  }

  return {
    authorizeUrl: (state) => open().authorizeUri({ scope: 'com.intuit.quickbooks.accounting', state }),
    async exchange(callback) {
      const params = callback instanceof URLSearchParams ? callback : new URLSearchParams(callback.slice(callback.indexOf('?') + 1));
      const error = params.get('error');
      if (error !== null) return { outcome: 'declined', reason: explain.declined(error) };
      const [code, realmId] = [params.get('code'), params.get('realmId')];
      if (!code || !realmId || !/^\d{1,30}$/.test(realmId)) return { outcome: 'declined', reason: explain.declined('incomplete_callback') };
      return ask(realmId, [code], (client) => client.createToken(`?${new URLSearchParams({ code, realmId }).toString()}`));
    },
    refresh: ({ realmId, refreshToken }) => ask(realmId, [refreshToken], (client) => client.refreshUsingToken(refreshToken)),
    async revoke(token) {
      try {
        await open().revoke({ refresh_token: token });
        return true;
      } catch (error) {
        return statusOf(error) === 400;
      }
    },
  };
}

function endpointsOf(environment: QboEnvironment, emulatorUrl: string | undefined): typeof INTUIT {
  if (environment !== 'emulator') return INTUIT;
  if (emulatorUrl === undefined) throw new TypeError('the emulator environment needs the address of an emulator');
  const base = new URL(emulatorUrl).origin;
  return {
    authorizeEndpoint: `${base}/connect/oauth2`,
    tokenEndpoint: `${base}/oauth2/v1/tokens/bearer`,
    revokeEndpoint: `${base}/v2/oauth2/tokens/revoke`,
    userInfoEndpoint: `${base}/v1/openid_connect/userinfo`,
  };
}

function toTokens(json: Record<string, unknown> | null, realmId: string, now: number): Tokens | undefined {
  const {
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: seconds,
    x_refresh_token_expires_in: refreshSeconds,
  } = json ?? {};
  if (typeof accessToken !== 'string' || typeof refreshToken !== 'string' || accessToken === '' || refreshToken === '') return undefined;
  const at = (value: unknown, otherwise: number) =>
    new Date(now + (typeof value === 'number' && value > 0 ? value : otherwise) * 1_000).toISOString();
  const hardSeconds = json?.['x_refresh_token_hard_expires_in'];
  return {
    realmId,
    accessToken,
    accessExpiresAt: at(seconds, 3_600),
    refreshToken,
    refreshExpiresAt: at(refreshSeconds, 8_640_000),
    ...(typeof hardSeconds === 'number' && hardSeconds > 0 && { refreshHardExpiresAt: at(hardSeconds, 0) }),
    obtainedAt: new Date(now).toISOString(),
  };
}

/** `intuit-oauth` throws plain errors; what Intuit said is in their fields. */
function refusal(error: unknown, secrets: string[]): Exclude<TokenOutcome, { outcome: 'tokens' | 'declined' }> {
  const { error: name = '', error_description: description = '', intuit_tid: intuitTid } = error as Partial<IntuitError>;
  const words = redact(`${name} ${description}`.trim(), secrets);
  const body = redact(bodyOf(error), secrets);
  if (/user_not_in_realm/.test(`${body} ${words}`))
    return { outcome: 'user_not_in_realm', reason: explain.userNotInRealm(words, intuitTid) };
  if (name === 'invalid_grant') return { outcome: 'invalid_grant', reason: explain.invalidGrant(words, intuitTid) };
  if (name === 'invalid_client' || statusOf(error) === 401)
    return { outcome: 'invalid_client', reason: explain.invalidClient(words, intuitTid) };
  return { outcome: 'unavailable', reason: explain.unavailable(words || 'no answer', intuitTid) };
}

function statusOf(error: unknown): number | undefined {
  const { authResponse } = error as Partial<IntuitError>;
  return typeof authResponse === 'object' && authResponse.response ? authResponse.response.status : undefined;
}

function bodyOf(error: unknown): string {
  const { authResponse } = error as Partial<IntuitError>;
  return typeof authResponse === 'object' && typeof authResponse.body === 'string' ? authResponse.body : '';
}

const quickbooks = (detail: string, intuitTid?: string) => ({
  quickbooks: { ...(detail !== '' && { detail }), ...(intuitTid ? { intuitTid } : {}) },
});

const explain = {
  declined: (error: string): Reason => ({
    code: error === 'access_denied' ? 'access_denied' : 'connect_refused',
    message:
      error === 'access_denied'
        ? 'The connection was declined on the QuickBooks page.'
        : `QuickBooks did not complete the connection (${redact(error).slice(0, 60)}).`,
    remedy: 'Start again with "Connect to QuickBooks", signed in to QuickBooks as an administrator of the company.',
  }),
  invalidGrant: (detail: string, intuitTid?: string): Reason => ({
    code: 'connection_ended',
    message: 'QuickBooks no longer accepts this connection: it was revoked, has expired, or was replaced by a newer one.',
    remedy: 'A person with administrator rights in QuickBooks must connect again; nothing waiting is lost.',
    ...quickbooks(detail, intuitTid),
  }),
  userNotInRealm: (detail: string, intuitTid?: string): Reason => ({
    code: 'user_not_in_realm',
    message: 'The person who connected QuickBooks is no longer a user of that QuickBooks company.',
    remedy: 'Somebody who is an administrator of the company now must connect again; nothing waiting is lost.',
    ...quickbooks(detail, intuitTid),
  }),
  invalidClient: (detail: string, intuitTid?: string): Reason => ({
    code: 'invalid_client',
    message: "Intuit does not know Vesper's client id and secret.",
    remedy: 'The operator of this service must correct INTUIT_CLIENT_ID and INTUIT_CLIENT_SECRET (development and production keys differ).',
    ...quickbooks(detail, intuitTid),
  }),
  unavailable: (detail: string, intuitTid?: string): Reason => ({
    code: 'intuit_unavailable',
    message: 'Intuit could not be asked for a token just now.',
    remedy: 'Nothing to do: Vesper tries again. The connection itself is not in doubt.',
    ...quickbooks(detail, intuitTid),
  }),
};

/** What is used of `intuit-oauth` 4.2.5, whose types leave some of it out. */
interface IntuitClient {
  axiosInstance(request: Record<string, unknown>): Promise<unknown>;
  loadResponse: (request: Record<string, unknown>) => Promise<unknown>;
  setAuthorizeURLs(endpoints: typeof INTUIT): void;
  authorizeUri(options: { scope: string; state: string }): string;
  createToken(callback: string): Promise<IntuitAnswer>;
  refreshUsingToken(refreshToken: string): Promise<IntuitAnswer>;
  revoke(token: { refresh_token: string }): Promise<unknown>;
}

interface IntuitAnswer {
  json: Record<string, unknown> | null;
  intuit_tid?: string;
}

interface IntuitError {
  error: string;
  error_description: string;
  intuit_tid: string;
  authResponse: { body: string; response?: { status: number } } | '';
}
