import { createHmac } from 'node:crypto';

/** The platform's own HMAC, to hold the pure one against. */
export function nodeHmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(data).digest();
}
