import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createStandardWebhooksSource } from './standard-webhooks.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const TIMESTAMP = '1614265330';
const AT_MS = Number(TIMESTAMP) * 1000;
const bytes = (text: string) => new TextEncoder().encode(text);
/** Published with the Standard Webhooks specification. */
const OFFICIAL = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

const verify = (
  changes: {
    id?: string | undefined;
    timestamp?: string | undefined;
    signature?: string | undefined;
    body?: Uint8Array;
    atMs?: number;
    secrets?: string[];
  } = {},
) => {
  const given = { id: ID, timestamp: TIMESTAMP, signature: OFFICIAL, ...changes };
  return createStandardWebhooksSource(changes.secrets ?? [SECRET]).verify({
    headers: { 'webhook-id': given.id, 'webhook-timestamp': given.timestamp, 'webhook-signature': given.signature },
    body: changes.body ?? bytes('{"test": 2432232314}'),
    receivedAtMs: changes.atMs ?? AT_MS,
  }).outcome;
};
const sign = (body: Uint8Array, id = ID, timestamp = TIMESTAMP) =>
  `v1,${createHmac('sha256', Buffer.from(SECRET.slice(6), 'base64'))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest('base64')}`;

describe('createStandardWebhooksSource', () => {
  it("verifies the specification's own vector", () => {
    expect(verify()).toBe('verified');
  });

  // Decoding to text first would let two different bodies share one signature.
  it('signs raw bytes, not text', () => {
    const body = Uint8Array.from([0x7b, 0xff, 0x7d]);
    expect(verify({ body, signature: 'v1,y0JY85sbaIFeNPl3FRX6eaIAhlcEgIB/pa8jZ9Mm8Rw=' })).toBe('verified');
    expect(verify({ body, signature: 'v1,YGXy3y8GfeRdNWHu64rFf0aOl+/OlDFVqr7DOe03Ru8=' })).toBe('refused');
    expect(verify({ body: Uint8Array.from([0x7b, 0xfe, 0x7d]), signature: 'v1,y0JY85sbaIFeNPl3FRX6eaIAhlcEgIB/pa8jZ9Mm8Rw=' })).toBe(
      'refused',
    );
  });

  it.each(['id', 'timestamp', 'signature'] as const)('refuses without %s', (header) => {
    expect(verify({ [header]: undefined })).toBe('refused');
  });

  it.each([
    ['1614265330abc', 'letters after it'],
    ['1e9', 'an exponent'],
    ['-1614265330', 'a sign'],
    ['1614265330000', 'milliseconds'],
    ['', 'nothing'],
  ])('refuses the timestamp %j: %s', (timestamp) => {
    expect(verify({ timestamp, signature: sign(bytes('{"test": 2432232314}'), ID, timestamp) })).toBe('refused');
  });

  it.each([
    [-300, 'verified'],
    [300, 'verified'],
    [-301, 'refused'],
    [301, 'refused'],
  ])('takes a clock %d s off for %s', (seconds, outcome) => {
    expect(verify({ atMs: AT_MS + seconds * 1000 })).toBe(outcome);
  });

  it.each([
    'v1,',
    '',
    'v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    OFFICIAL.slice(0, 20),
    'g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  ])('refuses the signature %j', (signature) => {
    expect(verify({ signature })).toBe('refused');
  });

  it('takes any good one of several signatures and secrets, as during a rotation', () => {
    expect(verify({ signature: `v1,${'A'.repeat(43)}= ${OFFICIAL}` })).toBe('verified');
    expect(verify({ secrets: [`whsec_${Buffer.alloc(24, 7).toString('base64')}`, SECRET] })).toBe('verified');
    expect(verify({ secrets: [`whsec_${Buffer.alloc(24, 7).toString('base64')}`] })).toBe('refused');
  });

  // Ten thousand signatures must not buy ten thousand comparisons.
  it('looks at no more than ten signatures', () => {
    expect(verify({ signature: `${'v1,x '.repeat(10)}${OFFICIAL}` })).toBe('refused');
  });

  it.each(['with.dot', 'with|bar', 'with space', 'a\nb', 'x'.repeat(201)])('refuses the id %j', (id) => {
    expect(verify({ id, signature: sign(bytes('{"test": 2432232314}'), id) })).toBe('refused');
  });

  it('refuses to work with an empty secret', () => {
    expect(() => createStandardWebhooksSource(['whsec_'])).toThrow(/24 bytes/);
  });
});
