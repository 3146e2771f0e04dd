import type { Connection } from '../state/tokens.ts';
import { accessSeconds, reportedRefreshSeconds } from '../state/tokens.ts';
import type { World } from '../state/world.ts';
import { bare } from '../wire/answers.ts';
import type { Answer, Arrival } from '../wire/exchange.ts';
import { isFields, textOf } from '../wire/json.ts';
import { askPage } from './ask-page.ts';

export type Client = { readonly id: string; readonly secret: string };

export type OAuthContext = {
  readonly world: World;
  readonly client: Client;
  /** Asks a person before connecting; otherwise `ask=true` in the query does. */
  readonly ask: boolean;
  /** Makes a company when there is none to connect. */
  readonly newCompany: () => string;
};

export const authorizePath = '/connect/oauth2';
export const tokenPath = '/oauth2/v1/tokens/bearer';
export const revokePath = '/v2/oauth2/tokens/revoke';

/** Intuit "scopes". */
const scopes = ['com.intuit.quickbooks.accounting', 'com.intuit.quickbooks.payment', 'openid', 'profile', 'email', 'phone', 'address'];

/**
 * `GET /connect/oauth2` (Intuit OAuth pages): redirects with code, state and realmId; `error=access_denied` when refused,
 * `error=invalid_scope` for a scope that is not Intuit's. `realm_id` chooses the company and is the emulator's own.
 */
export function authorize(arrival: Arrival, context: OAuthContext): Answer {
  const { world, client, newCompany } = context;
  const now = world.clock.now();
  const params = arrival.method === 'POST' ? new URLSearchParams(arrival.body.toString()) : arrival.query;
  const redirectUri = params.get('redirect_uri') ?? '';
  if (params.get('client_id') !== client.id) return bare(400, 'The client_id is not known.', { now, contentType: 'text/plain' });
  if (!URL.canParse(redirectUri)) return bare(400, 'The redirect_uri is missing or no URL.', { now, contentType: 'text/plain' });
  const state = params.get('state');
  const redirect = (answer: Record<string, string>): Answer => {
    const to = new URL(redirectUri);
    for (const [key, value] of Object.entries(state === null ? answer : { ...answer, state })) to.searchParams.set(key, value);
    const { status, headers, body } = bare(302, '', { now });
    return { status, headers: { ...headers, Location: to.href }, body };
  };
  if (params.get('response_type') !== 'code') return redirect({ error: 'unsupported_response_type' });
  const scope = params.get('scope') ?? '';
  if (scope === '' || scope.split(' ').some((one) => !isScope(one))) return redirect({ error: 'invalid_scope' });
  const asks = context.ask || params.get('ask') === 'true';
  if (asks && arrival.method === 'GET')
    return bare(200, askPage({ params, companies: [...world.companies.values()] }), { now, contentType: 'text/html;charset=utf-8' });
  if (params.get('decision') === 'refuse') return redirect({ error: 'access_denied' });
  const realmId = params.get('realm_id') ?? world.newest?.realmId ?? newCompany();
  if (!world.companies.has(realmId)) return bare(400, `There is no company ${realmId}.`, { now, contentType: 'text/plain' });
  return redirect({ code: world.tokens.issueCode({ realmId, scope, redirectUri }), realmId });
}

function isScope(scope: string): boolean {
  return scopes.includes(scope) || /^(app-foundations|project-management|indirect-tax|payroll|com\.intuit\.quickbooks)\./.test(scope);
}

/** `POST /oauth2/v1/tokens/bearer`: code exchange and refresh, with Intuit's error answers. */
export function token(arrival: Arrival, { world, client }: OAuthContext): Answer {
  const now = world.clock.now();
  if (!isClient(arrival, client)) return json(401, { error: 'invalid_client' }, now);
  const form = new URLSearchParams(arrival.body.toString());
  const grantType = form.get('grant_type');
  if (grantType === 'authorization_code') {
    const connection = world.tokens.redeem(form.get('code') ?? '', { redirectUri: form.get('redirect_uri') ?? '', now });
    return connection ? tokens(connection, { arrival, world, now }) : json(400, { error: 'invalid_grant' }, now);
  }
  if (grantType === 'refresh_token') return refresh(form.get('refresh_token') ?? '', { arrival, world, now });
  return json(400, { error: 'unsupported_grant_type' }, now);
}

/** The descriptions are recorded; which of them goes with which mistake is inferred. */
function refresh(refreshToken: string, { arrival, world, now }: { arrival: Arrival; world: World; now: number }): Answer {
  const refused = (error_description: string): Answer => json(400, { error: 'invalid_grant', error_description }, now);
  if (world.tokens.isAccessToken(refreshToken)) return refused('Incorrect Token type or clientID');
  const connection = world.tokens.useRefresh(refreshToken, now);
  if (!connection)
    return refused(world.tokens.realmOfToken(refreshToken) === undefined ? 'Incorrect or invalid refresh token' : 'Token invalid');
  if (world.companies.get(connection.realmId)?.settings.user === 'removed') return json(400, userNotInRealm, now);
  return tokens(connection, { arrival, world, now });
}

/** Recorded: the connecting user was removed from the company. */
const userNotInRealm = {
  error: 'invalid_grant',
  error_description: 'Unauthorized Request: User is not a member of the specified Realm',
  x_error_reason: 'user_not_in_realm',
  x_error_reason_detail: 'The user is not in the specified realm',
};

function tokens(connection: Connection, { arrival, world, now }: { arrival: Arrival; world: World; now: number }): Answer {
  const wantsHardEnd = arrival.header('x-include-refresh-token-hard-expires-in') === 'true';
  return json(
    200,
    {
      token_type: 'bearer',
      access_token: world.tokens.newAccess(connection, now),
      expires_in: accessSeconds,
      refresh_token: connection.refresh.value,
      x_refresh_token_expires_in: reportedRefreshSeconds,
      ...(wantsHardEnd ? { x_refresh_token_hard_expires_in: world.tokens.hardEndSeconds(connection, now) } : {}),
      ...(connection.scope.split(' ').includes('openid') ? { id_token: idToken(connection, now) } : {}),
    },
    now,
  );
}

/** An unsigned stand-in of the right form: nobody's identity is proved by an emulator. */
function idToken({ realmId }: Connection, now: number): string {
  const iat = Math.floor(now / 1_000);
  const claims = {
    sub: `user-of-${realmId}`,
    realmid: realmId,
    iss: 'https://oauth.platform.intuit.com/op/v1',
    iat,
    exp: iat + accessSeconds,
  };
  return `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(claims)}.`;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** `POST /v2/oauth2/tokens/revoke` with `{"token":"…"}` or a form: ends the connection, whichever token is sent. */
export function revoke(arrival: Arrival, { world, client }: OAuthContext): Answer {
  const now = world.clock.now();
  if (!isClient(arrival, client)) return json(401, { error: 'invalid_client' }, now);
  return world.tokens.revoke(tokenOf(arrival))
    ? bare(200, '', { now })
    : json(400, { error: 'invalid_grant', error_description: 'Token invalid' }, now);
}

function tokenOf(arrival: Arrival): string {
  const text = arrival.body.toString();
  if (!text.trimStart().startsWith('{')) return new URLSearchParams(text).get('token') ?? '';
  try {
    const body: unknown = JSON.parse(text);
    return (isFields(body) ? textOf(body['token']) : undefined) ?? '';
  } catch (error) {
    if (error instanceof SyntaxError) return '';
    throw error;
  }
}

/** The company of the code or token that a request sends; scripted faults aim at it. */
export function realmOf(arrival: Arrival, world: World): string | undefined {
  if (arrival.path === authorizePath) return arrival.query.get('realm_id') ?? world.newest?.realmId;
  if (arrival.path === revokePath) return world.tokens.realmOfToken(tokenOf(arrival));
  const form = new URLSearchParams(arrival.body.toString());
  return world.tokens.realmOfCode(form.get('code') ?? '') ?? world.tokens.realmOfToken(form.get('refresh_token') ?? '');
}

function isClient(arrival: Arrival, { id, secret }: Client): boolean {
  const basic = /^Basic (.+)$/i.exec(arrival.header('authorization') ?? '')?.[1] ?? '';
  return Buffer.from(basic, 'base64').toString() === `${id}:${secret}`;
}

function json(status: number, body: object, now: number): Answer {
  return bare(status, JSON.stringify(body), { now, contentType: 'application/json;charset=utf-8' });
}
