import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { CoreError } from './core-error.ts';

/**
 * Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`, the body as raw bytes, base64, one `v1,…` a secret, separated by blanks.
 * Secrets are `whsec_` and base64, the prefix may be missing.
 */
export type HmacSha256 = (key: Uint8Array, data: Uint8Array) => Uint8Array;

export interface WebhookHeaders {
  'webhook-id': string;
  'webhook-timestamp': string;
  'webhook-signature': string;
}

/** The headers of a received webhook: a `Headers` object, or a record with lower-case names as Node gives it. */
export type ReceivedHeaders = { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>;

export type Verified =
  /** `secretIndex` says which secret matched, so that an old one can be retired. */
  | { outcome: 'verified'; id: string; timestampSeconds: number; secretIndex: number }
  | { outcome: 'refused'; why: 'header_missing' | 'header_malformed' | 'too_old' | 'too_new' | 'no_match' };

const TOLERANCE_SECONDS = 300;
/** More signatures than a rotation needs would only be work for the receiver. */
const MOST_SIGNATURES = 8;
const MOST_SECRETS = 8;
const encoder = new TextEncoder();

/** Signs a body, with several secrets while one is being replaced. Throws a CoreError on a secret that is empty or no base64. */
export function signWebhook({
  secrets,
  id,
  timestampSeconds,
  body,
  hmacSha256 = nobleHmacSha256,
}: {
  secrets: readonly string[];
  id: string;
  timestampSeconds: number;
  body: string | Uint8Array;
  hmacSha256?: HmacSha256;
}): WebhookHeaders {
  const timestamp = String(timestampSeconds);
  const content = contentOf({ id, timestamp, body: typeof body === 'string' ? encoder.encode(body) : body });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => `v1,${toBase64(hmacSha256(parseSecret(secret), content))}`).join(' '),
  };
}

/**
 * Whether one of the secrets signed these very bytes within five minutes of now. Compares in constant time, tries every secret with every
 * `v1` signature up to a cap, and says nothing to the outside of why not: `why` is for counters. Throws a CoreError on a bad secret.
 */
export function verifyWebhook({
  body,
  headers,
  secrets,
  nowSeconds,
  toleranceSeconds = TOLERANCE_SECONDS,
  hmacSha256 = nobleHmacSha256,
}: {
  body: Uint8Array;
  headers: ReceivedHeaders;
  secrets: readonly string[];
  nowSeconds: number;
  toleranceSeconds?: number;
  hmacSha256?: HmacSha256;
}): Verified {
  const id = headerOf(headers, 'webhook-id');
  const timestamp = headerOf(headers, 'webhook-timestamp');
  const signature = headerOf(headers, 'webhook-signature');
  if (!id || !timestamp || !signature) return { outcome: 'refused', why: 'header_missing' };
  // A dot in the id would let two different messages have the same signed content.
  if (id.includes('.') || id.length > 200 || !/^\d{10}$/.test(timestamp)) return { outcome: 'refused', why: 'header_malformed' };
  const timestampSeconds = Number(timestamp);
  if (timestampSeconds < nowSeconds - toleranceSeconds) return { outcome: 'refused', why: 'too_old' };
  if (timestampSeconds > nowSeconds + toleranceSeconds) return { outcome: 'refused', why: 'too_new' };

  const given = signature
    .split(' ', MOST_SIGNATURES)
    .filter((part) => part.startsWith('v1,'))
    .map((part) => part.slice(3));
  if (given.length === 0) return { outcome: 'refused', why: 'no_match' };
  const content = contentOf({ id, timestamp, body });
  for (const [secretIndex, secret] of secrets.slice(0, MOST_SECRETS).entries()) {
    const expected = toBase64(hmacSha256(parseSecret(secret), content));
    for (const one of given) if (isSameText(one, expected)) return { outcome: 'verified', id, timestampSeconds, secretIndex };
  }
  return { outcome: 'refused', why: 'no_match' };
}

/** The key a secret stands for. */
export function parseSecret(secret: string): Uint8Array {
  const base64 = secret.startsWith('whsec_') ? secret.slice('whsec_'.length) : secret;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) {
    throw new CoreError('bad_secret', 'A webhook secret is whsec_ followed by base64 of at least one byte, best of 32.');
  }
  const binary = atob(base64);
  const key = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) key[index] = binary.charCodeAt(index);
  return key;
}

function nobleHmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  return hmac(sha256, key, data);
}

/** The signed bytes. The body is never decoded: two bodies that read alike as text are two bodies. */
function contentOf({ id, timestamp, body }: { id: string; timestamp: string; body: Uint8Array }): Uint8Array {
  const head = encoder.encode(`${id}.${timestamp}.`);
  const content = new Uint8Array(head.length + body.length);
  content.set(head);
  content.set(body, head.length);
  return content;
}

function headerOf(headers: ReceivedHeaders, name: string): string | undefined {
  if (typeof headers.get === 'function') return headers.get(name) ?? undefined;
  const value = (headers as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : undefined;
}

/** Takes as long whatever the texts hold; their length is no secret. */
function isSameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
