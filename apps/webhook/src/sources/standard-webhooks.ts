import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { WebhookSource } from './webhook-source.ts';

const TOLERANCE_SECONDS = 300;
/** More signatures than a rotation can need would only cost us time. */
const MOST_SIGNATURES = 10;
const WEBHOOK_ID = /^[^\s.|\p{Cc}]{1,200}$/u;
const TIMESTAMP = /^\d{10}$/;
const SIGNATURE_BYTES = 32;

/**
 * Standard Webhooks 1.0.0, symmetric (`v1`): HMAC-SHA256 over `id.timestamp.` and the raw bytes, base64, ±300 s, any of several secrets
 * and of several signatures. The specification's own library decodes the body to text first; we sign what came over the wire.
 */
export function createStandardWebhooksSource(secrets: readonly string[]): WebhookSource {
  const bytes = secrets.map((secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'));
  if (bytes.some((key) => key.length < 24)) throw new Error('a webhook secret must be at least 24 bytes');
  // A key object is made ready once; from raw bytes every HMAC would do it again, at five times the cost of the HMAC itself.
  const keys = bytes.map((key) => createSecretKey(key));
  return {
    headerNames: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
    verify({ headers, body, receivedAtMs }) {
      const id = headers['webhook-id'];
      const timestamp = headers['webhook-timestamp'];
      const signatures = headers['webhook-signature'];
      if (id === undefined || timestamp === undefined || signatures === undefined)
        return { outcome: 'refused', why: 'a header is missing' };
      if (!WEBHOOK_ID.test(id)) return { outcome: 'refused', why: 'the id is malformed' };
      if (!TIMESTAMP.test(timestamp)) return { outcome: 'refused', why: 'the timestamp is malformed' };
      if (Math.abs(receivedAtMs / 1000 - Number(timestamp)) > TOLERANCE_SECONDS)
        return { outcome: 'refused', why: 'the timestamp is stale' };
      const given = signatures
        .split(' ', MOST_SIGNATURES)
        .flatMap((signature) => (signature.startsWith('v1,') ? [Buffer.from(signature.slice(3), 'base64')] : []))
        .filter(({ length }) => length === SIGNATURE_BYTES);
      const prefix = `${id}.${timestamp}.`;
      for (const key of keys) {
        const expected = createHmac('sha256', key).update(prefix).update(body).digest();
        if (given.some((signature) => timingSafeEqual(signature, expected))) return { outcome: 'verified', webhookId: id };
      }
      return { outcome: 'refused', why: 'no signature matches' };
    },
  };
}
