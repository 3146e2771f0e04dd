import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { sha256 } from '@vesper/outbox/sha256';
import type { WebhookSource } from './webhook-source.ts';

const HEX_SHA256 = /^(?:sha256=)?([0-9a-f]{64})$/i;

/**
 * HMAC-SHA256 of the raw bytes in hex, under a header of the source's own, with or without `sha256=`; any of several secrets during a rotation.
 * Such a signature has neither id nor time: the body itself is the id, so that a delivery repeated, by whomever, is a duplicate.
 */
export function createHexHmacSource({ header, secrets }: { header: string; secrets: readonly string[] }): Omit<WebhookSource, 'companies'> {
  const keys = secrets.map((secret) => createSecretKey(Buffer.from(secret, 'utf8')));
  return {
    headerNames: [header],
    verify({ headers, body }) {
      const [, hex] = HEX_SHA256.exec(headers[header] ?? '') ?? [];
      if (hex === undefined) return { outcome: 'refused', why: 'the signature is missing or malformed' };
      const given = Buffer.from(hex, 'hex');
      const isGenuine = keys.some((key) => timingSafeEqual(given, createHmac('sha256', key).update(body).digest()));
      return isGenuine ? { outcome: 'verified', webhookId: sha256(body) } : { outcome: 'refused', why: 'no signature matches' };
    },
  };
}
