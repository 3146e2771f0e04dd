import {
  allowInsecureRequests,
  authorizationCodeGrant,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { z } from 'zod';
import type { People, Person } from './people.ts';
import type { Sessions } from './sessions.ts';

export interface OrganizationSettings {
  /** Its `/.well-known/openid-configuration` says the rest. */
  issuer: string;
  clientId: string;
  clientSecret: string;
}

export type OrganizationOutcome =
  | { outcome: 'in'; token: string; person: Person }
  /** The organization knows them, Vesper does not: nobody invited this address, or they were disabled. */
  | { outcome: 'unknown'; email: string }
  /** The address is bound to another account of the organization than the one that came. */
  | { outcome: 'another_account'; email: string }
  /** The organization does not vouch for the address. */
  | { outcome: 'unverified' }
  /** They declined, or the organization did; or the answer is not one to this question. */
  | { outcome: 'refused'; why: string };

/** Signing in with the organization's own accounts (OpenID Connect, authorization code with PKCE). Who may do what stays with `People`. */
export interface OrganizationSignIn {
  /** Where to send the browser, and what its cookie must keep until it comes back. */
  begin(): Promise<{ url: string; attempt: string }>;
  /** `search` is the query the browser came back with. */
  finish(search: string, attempt: string | undefined): Promise<OrganizationOutcome>;
}

const attemptSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() });
const claimsSchema = z.object({ email: z.string().optional(), email_verified: z.boolean().optional() });
const TIMEOUT_S = 10;

export function createOrganizationSignIn({
  settings,
  people,
  sessions,
  backUrl,
}: {
  settings: OrganizationSettings;
  people: People;
  sessions: Sessions;
  /** Registered with the organization as redirect URI. */
  backUrl: () => string;
}): OrganizationSignIn {
  const issuer = new URL(settings.issuer);
  let known: Promise<Configuration> | undefined;
  const configuration = (): Promise<Configuration> => {
    // Found once; a failure is not remembered, so that signing in works again as soon as the organization answers.
    known ??= discovery(issuer, settings.clientId, settings.clientSecret, undefined, {
      timeout: TIMEOUT_S,
      execute: [enableNonRepudiationChecks, ...(issuer.protocol === 'http:' ? [allowInsecureRequests] : [])],
    }).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };

  return {
    async begin() {
      const config = await configuration();
      const attempt = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(config, {
        redirect_uri: backUrl(),
        scope: 'openid email profile',
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, attempt: Buffer.from(JSON.stringify(attempt)).toString('base64url') };
    },

    async finish(search, attempt) {
      const begun = readAttempt(attempt);
      if (!begun) return { outcome: 'refused', why: 'no sign-in was begun in this browser, or it took more than ten minutes' };
      const claims = await claimsOf(await configuration(), new URL(`${backUrl()}${search}`), begun);
      if ('outcome' in claims) return claims;
      if (claims.email === undefined || !claims.isVerified) return { outcome: 'unverified' };
      const person = await people.find(claims.email);
      if (!person || person.disabledAt !== undefined) return { outcome: 'unknown', email: claims.email };
      // An address may be given to somebody new; the account it was first used with stays the one that counts.
      if (!(await people.bindAccount(person.email, `${settings.issuer} ${claims.subject}`)))
        return { outcome: 'another_account', email: person.email };
      await people.noteSignIn(person.email);
      return { outcome: 'in', token: await sessions.begin(person, 'in'), person };
    },
  };
}

type Claims = { subject: string; email: string | undefined; isVerified: boolean };
type Begun = z.infer<typeof attemptSchema>;

async function claimsOf(
  config: Configuration,
  url: URL,
  { state, nonce, verifier }: Begun,
): Promise<Claims | Extract<OrganizationOutcome, { outcome: 'refused' }>> {
  try {
    const tokens = await authorizationCodeGrant(config, url, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const own = tokens.claims();
    if (!own) return { outcome: 'refused', why: 'the answer has no ID token' };
    const told = claimsSchema.parse(own.email === undefined ? await fetchUserInfo(config, tokens.access_token, own.sub) : own);
    return { subject: own.sub, email: told.email, isVerified: told.email_verified === true };
  } catch (error) {
    if (error instanceof AuthorizationResponseError) return { outcome: 'refused', why: error.error_description ?? error.error };
    // Whatever does not hold together, a state, a nonce, a signature, a used code, ends in the same place: nobody is signed in.
    return { outcome: 'refused', why: error instanceof Error ? error.message : 'the answer could not be read' };
  }
}

function readAttempt(attempt: string | undefined): Begun | undefined {
  try {
    const read = attemptSchema.safeParse(JSON.parse(Buffer.from(attempt ?? '', 'base64url').toString()));
    return read.success ? read.data : undefined;
  } catch {
    // Not a cookie of ours.
    return undefined;
  }
}
