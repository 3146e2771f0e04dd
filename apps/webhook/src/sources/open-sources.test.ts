import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openSources, sourceSettings } from './open-sources.ts';

const SECRETS = ['first-secret-of-24-characters', 'second-secret-of-24-characters'];
const TOKEN = 'Zk3mT9xQ2rV7bN4cW8sL1pY6hD5jF0gA';
const NOW_MS = Date.parse('2026-06-01T15:00:00Z');
const NOW = String(NOW_MS / 1000);
const body = new TextEncoder().encode('{"type":"inspection.confirmed"}');
const sources = openSources(
  [`whsec_${Buffer.alloc(32, 1).toString('base64')}`],
  sourceSettings.parse({
    voice: { signs: 'hex_hmac', header: 'X-Voice-Signature', secrets: SECRETS, companies: ['tern'] },
    stripe: { signs: 'timestamped_hmac', header: 'x-stripe-signature', secrets: SECRETS },
    thin: { signs: 'url_token', tokens: [TOKEN] },
  }),
);
const hex = (secret: string, prefix = '', bytes = body) => createHmac('sha256', secret).update(prefix).update(bytes).digest('hex');
const outcome = (source: string, given: { headers?: Record<string, string>; token?: string; bytes?: Uint8Array }) =>
  sources.get(source)?.verify({ headers: given.headers ?? {}, token: given.token, body: given.bytes ?? body, receivedAtMs: NOW_MS })
    .outcome;

describe('a source that signs by hex HMAC of the body', () => {
  const check = (signature: string, bytes = body) => outcome('voice', { headers: { 'x-voice-signature': signature }, bytes });

  it.each(SECRETS)('is believed under each secret of a rotation, with and without its prefix: %s', (secret) => {
    expect([check(hex(secret)), check(`sha256=${hex(secret)}`)]).toEqual(['verified', 'verified']);
  });

  // Whoever could send one byte of his own could post into somebody's books.
  it.each([
    ['another body', hex(SECRETS[0] ?? ''), new TextEncoder().encode('{"type":"inspection.deleted"}')],
    ['another secret', hex('a secret nobody agreed upon'), body],
    ['a signature cut short', hex(SECRETS[0] ?? '').slice(2), body],
    ['no signature', '', body],
    ['words', 'sha256=let me in', body],
  ])('is refused with %s', (_, signature, bytes) => {
    expect(check(signature, bytes)).toBe('refused');
  });

  it('names only the companies it may tell of', () => {
    expect([...(sources.get('voice')?.companies ?? [])]).toEqual(['tern']);
  });
});

describe('a source that signs by t=…,v1=…', () => {
  const check = (signature: string) => outcome('stripe', { headers: { 'x-stripe-signature': signature } });
  const v1 = (timestamp: string, secret = SECRETS[1] ?? '') => `v1=${hex(secret, `${timestamp}.`)}`;

  it('is believed when one of several signatures fits', () => {
    expect([check(`t=${NOW},${v1(NOW)}`), check(`t=${NOW},v1=${'0'.repeat(64)},${v1(NOW)}`)]).toEqual(['verified', 'verified']);
  });

  it.each([
    [-301, 'refused'],
    [-300, 'verified'],
    [300, 'verified'],
    [301, 'refused'],
  ])('signed %d seconds from now is %s', (seconds, expected) => {
    const timestamp = String(NOW_MS / 1000 + seconds);
    expect(check(`t=${timestamp},${v1(timestamp)}`)).toBe(expected);
  });

  it.each([
    ['the time of another signature', `t=${Number(NOW) + 1},${v1(NOW)}`],
    ['two times', `t=${NOW},t=${NOW},${v1(NOW)}`],
    ['a time that is no number', `t=${NOW}abc,${v1(`${NOW}abc`)}`],
    ['no time', v1(NOW)],
    ['v0 alone', `t=${NOW},${v1(NOW).replace('v1', 'v0')}`],
    ['nothing', ''],
  ])('is refused with %s', (_, signature) => {
    expect(check(signature)).toBe('refused');
  });
});

describe('a source with an address nobody can guess', () => {
  it.each([
    [TOKEN, 'verified'],
    [`${TOKEN}x`, 'refused'],
    [TOKEN.toLowerCase(), 'refused'],
    ['', 'refused'],
  ])('under %s is %s', (token, expected) => {
    expect(outcome('thin', { token })).toBe(expected);
  });

  it('is refused without a token', () => {
    expect(outcome('thin', {})).toBe('refused');
  });
});

describe('the settings of sources', () => {
  it.each([
    ['a name Vesper uses itself', { vesper: { signs: 'url_token', tokens: [TOKEN] } }],
    ['a secret that can be guessed', { voice: { signs: 'hex_hmac', header: 'x-s', secrets: ['short'] } }],
    ['a token that can be guessed', { thin: { signs: 'url_token', tokens: ['tern'] } }],
    ['a misspelt setting', { thin: { signs: 'url_token', tokens: [TOKEN], company: 'tern' } }],
    ['no way of signing', { thin: {} }],
  ])('are refused with %s', (_, settings) => {
    expect(sourceSettings.safeParse(settings).success).toBe(false);
  });
});
