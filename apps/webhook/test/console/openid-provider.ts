import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An account of the organization, as its ID token tells of it. */
export interface Account {
  sub: string;
  email?: string;
  email_verified?: boolean;
}

/** A small OpenID provider: discovery, an authorization endpoint that asks nothing, tokens against PKCE, keys. */
export interface OpenidProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Who signs in next; `declined` is what people do who change their mind. */
  account: Account | 'declined';
  /** Put into every ID token: what an attacker's or a broken provider's would say. */
  forged: Record<string, unknown>;
  /** Tells the address at its userinfo endpoint only, as some do. */
  addressElsewhere: boolean;
  /** Signs with a key it does not publish. */
  signsWithAnother: boolean;
  close(): Promise<void>;
}

export async function openOpenidProvider(): Promise<OpenidProvider> {
  const [own, another] = [generateKeyPairSync('rsa', { modulusLength: 2048 }), generateKeyPairSync('rsa', { modulusLength: 2048 })];
  const codes = new Map<string, { account: Account; nonce: string; challenge: string; redirectUri: string }>();
  const provider: OpenidProvider = {
    issuer: '',
    clientId: 'vesper',
    clientSecret: 'between-vesper-and-the-organization',
    account: { sub: '' },
    forged: {},
    addressElsewhere: false,
    signsWithAnother: false,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };

  const answers: Record<string, (request: IncomingMessage, url: URL) => Promise<object | { location: string }> | object> = {
    '/.well-known/openid-configuration': () => ({
      issuer: provider.issuer,
      authorization_endpoint: `${provider.issuer}/authorize`,
      token_endpoint: `${provider.issuer}/token`,
      userinfo_endpoint: `${provider.issuer}/userinfo`,
      jwks_uri: `${provider.issuer}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
    }),
    '/userinfo': () => (provider.account === 'declined' ? { status: 401 } : provider.account),
    '/keys': () => ({ keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'own', alg: 'RS256', use: 'sig' }] }),
    '/authorize': (_, { searchParams }) => {
      const asked = (name: string) => searchParams.get(name) ?? '';
      const back = new URL(asked('redirect_uri'));
      back.searchParams.set('state', asked('state'));
      if (provider.account === 'declined') back.searchParams.set('error', 'access_denied');
      else {
        const code = randomUUID();
        codes.set(code, {
          account: provider.account,
          nonce: asked('nonce'),
          challenge: asked('code_challenge'),
          redirectUri: asked('redirect_uri'),
        });
        back.searchParams.set('code', code);
      }
      return { location: back.href };
    },
    '/token': async (request) => {
      const sent = new URLSearchParams(await textOf(request));
      const granted = codes.get(sent.get('code') ?? '');
      codes.delete(sent.get('code') ?? '');
      const proof = createHash('sha256')
        .update(sent.get('code_verifier') ?? '')
        .digest('base64url');
      const isClient = sent.get('client_id') === provider.clientId && sent.get('client_secret') === provider.clientSecret;
      if (!granted || !isClient || proof !== granted.challenge || sent.get('redirect_uri') !== granted.redirectUri)
        return { status: 400, error: 'invalid_grant' };
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        iss: provider.issuer,
        aud: provider.clientId,
        iat: now,
        exp: now + 300,
        nonce: granted.nonce,
        ...(provider.addressElsewhere ? { sub: granted.account.sub } : granted.account),
        ...provider.forged,
      };
      return { access_token: randomUUID(), token_type: 'Bearer', expires_in: 300, id_token: toJwt(claims) };
    },
  };
  const toJwt = (claims: object): string => {
    const text = [{ alg: 'RS256', kid: 'own' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const { privateKey } = provider.signsWithAnother ? another : own;
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  };

  const server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? '/', provider.issuer);
      const answer = (await answers[url.pathname]?.(request, url)) ?? { status: 404 };
      if ('location' in answer) response.writeHead(302, { location: String(answer.location) }).end();
      else
        response
          .writeHead('status' in answer ? Number(answer.status) : 200, { 'content-type': 'application/json' })
          .end(JSON.stringify(answer));
    })();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  provider.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return provider;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
