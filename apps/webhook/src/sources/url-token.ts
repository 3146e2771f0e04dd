import { createHash, timingSafeEqual } from 'node:crypto';
import { sha256 } from '@vesper/outbox/sha256';
import type { WebhookSource } from './webhook-source.ts';

/**
 * For sources that cannot sign: an address nobody can guess, `/webhooks/{source}/{token}`. Compared by digests, which are of one length, in
 * constant time; several tokens during a rotation. The body itself is the id.
 */
export function createUrlTokenSource({ tokens }: { tokens: readonly string[] }): Omit<WebhookSource, 'companies'> {
  const known = tokens.map(digest);
  return {
    headerNames: [],
    verify({ token, body }) {
      if (token === undefined) return { outcome: 'refused', why: 'the token is missing' };
      const given = digest(token);
      const isKnown = known.some((one) => timingSafeEqual(one, given));
      return isKnown ? { outcome: 'verified', webhookId: sha256(body) } : { outcome: 'refused', why: 'the token is unknown' };
    },
  };
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
