import { describe, expect, it } from 'vitest';
import { nodeHmacSha256 } from '../test/node-hmac.ts';
import { CoreError } from './core-error.ts';
import { signWebhook, verifyWebhook } from './webhook.ts';

/** The published test vector of Standard Webhooks 1.0.0. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const AT = 1_614_265_330;
const BODY = '{"test": 2432232314}';
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const OTHER = 'whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldC0wMA==';

const bytes = (text: string) => new TextEncoder().encode(text);
const headers = (over: Record<string, string | string[] | undefined> = {}) => ({
  'webhook-id': ID,
  'webhook-timestamp': String(AT),
  'webhook-signature': SIGNATURE,
  ...over,
});
const verify = (over: Partial<Parameters<typeof verifyWebhook>[0]> = {}) =>
  verifyWebhook({ body: bytes(BODY), headers: headers(), secrets: [SECRET], nowSeconds: AT, ...over });

it('signs the published vector', () => {
  expect(signWebhook({ secrets: [SECRET], id: ID, timestampSeconds: AT, body: BODY })).toEqual(headers());
});

it('signs as node:crypto does, whatever the body', () => {
  const body = Uint8Array.from({ length: 5_000 }, (_, index) => (index * 7) % 256);
  const expected = signWebhook({ secrets: [SECRET], id: ID, timestampSeconds: AT, body, hmacSha256: nodeHmacSha256 });
  expect(signWebhook({ secrets: [SECRET], id: ID, timestampSeconds: AT, body })).toEqual(expected);
});

describe('verifyWebhook', () => {
  it('accepts the published vector', () => {
    expect(verify()).toEqual({ outcome: 'verified', id: ID, timestampSeconds: AT, secretIndex: 0 });
  });

  it('accepts headers as fetch gives them', () => {
    expect(verify({ headers: new Headers(headers()) }).outcome).toBe('verified');
  });

  it('accepts a secret without its prefix', () => {
    expect(verify({ secrets: [SECRET.slice(6)] }).outcome).toBe('verified');
  });

  it('accepts any of several secrets while one is replaced, and says which', () => {
    expect(verify({ secrets: [OTHER, SECRET] })).toMatchObject({ outcome: 'verified', secretIndex: 1 });
    expect(verify({ secrets: [OTHER] })).toEqual({ outcome: 'refused', why: 'no_match' });
  });

  it('accepts any of several signatures, and ignores versions it does not know', () => {
    const several = `v2,abc v1a,def v1,Zm9v ${SIGNATURE}`;
    expect(verify({ headers: headers({ 'webhook-signature': several }) }).outcome).toBe('verified');
    expect(verify({ headers: headers({ 'webhook-signature': SIGNATURE.replace('v1', 'v2') }) }).outcome).toBe('refused');
  });

  it('tries no more than eight signatures', () => {
    const many = `${'v1,Zm9v '.repeat(8)}${SIGNATURE}`;
    expect(verify({ headers: headers({ 'webhook-signature': many }) })).toEqual({ outcome: 'refused', why: 'no_match' });
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('refuses a missing, empty or repeated %s', (name) => {
    for (const value of [undefined, '', ['a', 'b']]) {
      expect(verify({ headers: headers({ [name]: value }) })).toEqual({ outcome: 'refused', why: 'header_missing' });
    }
  });

  it.each(['1614265330abc', ' 1614265330', '1614265330.0', '161426533', '16142653300', '-161426533', 'now'])(
    'refuses the timestamp "%s"',
    (timestamp) => {
      expect(verify({ headers: headers({ 'webhook-timestamp': timestamp }) })).toEqual({ outcome: 'refused', why: 'header_malformed' });
    },
  );

  it('refuses an id with a dot, which would let two messages share one signature', () => {
    expect(verify({ headers: headers({ 'webhook-id': 'msg_a.1' }) })).toEqual({ outcome: 'refused', why: 'header_malformed' });
  });

  it('refuses what is more than five minutes old or ahead', () => {
    expect(verify({ nowSeconds: AT + 300 }).outcome).toBe('verified');
    expect(verify({ nowSeconds: AT + 301 })).toEqual({ outcome: 'refused', why: 'too_old' });
    expect(verify({ nowSeconds: AT - 300 }).outcome).toBe('verified');
    expect(verify({ nowSeconds: AT - 301 })).toEqual({ outcome: 'refused', why: 'too_new' });
  });

  it.each(['v1,', 'v1', SIGNATURE.slice(0, -4), `${SIGNATURE}A`, SIGNATURE.replace('g0', 'h0'), SIGNATURE.slice(3)])(
    'refuses the signature "%s"',
    (signature) => {
      expect(verify({ headers: headers({ 'webhook-signature': signature }) })).toEqual({ outcome: 'refused', why: 'no_match' });
    },
  );

  it('refuses another body, and an empty one', () => {
    expect(verify({ body: bytes(`${BODY} `) }).outcome).toBe('refused');
    expect(verify({ body: new Uint8Array() }).outcome).toBe('refused');
  });

  it('checks raw bytes: bodies that read alike as text are not alike', () => {
    const ff = Uint8Array.of(0x7b, 0xff, 0x7d);
    const fe = Uint8Array.of(0x7b, 0xfe, 0x7d);
    const signedFf = headers({ 'webhook-signature': 'v1,y0JY85sbaIFeNPl3FRX6eaIAhlcEgIB/pa8jZ9Mm8Rw=' });
    const signedText = headers({ 'webhook-signature': 'v1,YGXy3y8GfeRdNWHu64rFf0aOl+/OlDFVqr7DOe03Ru8=' });
    expect(verify({ body: ff, headers: signedFf }).outcome).toBe('verified');
    expect(verify({ body: fe, headers: signedFf }).outcome).toBe('refused');
    for (const body of [ff, fe]) expect(verify({ body, headers: signedText }).outcome).toBe('refused');
  });

  it('uses the HMAC it is given', () => {
    expect(verify({ hmacSha256: nodeHmacSha256 }).outcome).toBe('verified');
  });

  it.each(['', 'whsec_', 'whsec_ab cd', 'whsec_a', 'whsec_!!!!'])(
    'throws on the secret "%s" rather than accept everything or nothing in silence',
    (secret) => {
      expect(() => verify({ secrets: [secret] })).toThrow(CoreError);
    },
  );
});
