import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { sha256 } from '@vesper/outbox/sha256';
import type { WebhookSource } from './webhook-source.ts';

const TOLERANCE_SECONDS = 300;
/** More signatures than a rotation can need would only cost us time. */
const MOST_PARTS = 11;
const TIMESTAMP = /^\d{10}$/;
const HEX_SHA256 = /^[0-9a-f]{64}$/i;

/**
 * `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 over the timestamp, a dot and the raw bytes, ±300 s; several `v1` and several secrets during a
 * rotation. There is no id: the body itself is it, so that a retry, signed anew at its own time, is a duplicate.
 */
export function createTimestampedHmacSource({
  header,
  secrets,
}: {
  header: string;
  secrets: readonly string[];
}): Omit<WebhookSource, 'companies'> {
  const keys = secrets.map((secret) => createSecretKey(Buffer.from(secret, 'utf8')));
  return {
    headerNames: [header],
    verify({ headers, body, receivedAtMs }) {
      const parts = (headers[header] ?? '').split(',', MOST_PARTS).map((part) => part.trim());
      const [timestamp, second] = parts.flatMap((part) => (part.startsWith('t=') ? [part.slice(2)] : []));
      if (timestamp === undefined || second !== undefined || !TIMESTAMP.test(timestamp))
        return { outcome: 'refused', why: 'the timestamp is missing or malformed' };
      if (Math.abs(receivedAtMs / 1000 - Number(timestamp)) > TOLERANCE_SECONDS)
        return { outcome: 'refused', why: 'the timestamp is stale' };
      const given = parts.flatMap((part) =>
        part.startsWith('v1=') && HEX_SHA256.test(part.slice(3)) ? [Buffer.from(part.slice(3), 'hex')] : [],
      );
      for (const key of keys) {
        const expected = createHmac('sha256', key).update(`${timestamp}.`).update(body).digest();
        if (given.some((signature) => timingSafeEqual(signature, expected))) return { outcome: 'verified', webhookId: sha256(body) };
      }
      return { outcome: 'refused', why: 'no signature matches' };
    },
  };
}
