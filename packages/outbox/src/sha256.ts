import { hash } from 'node:crypto';

/** Hex digest of bytes. */
export function sha256(bytes: Uint8Array): string {
  return hash('sha256', bytes);
}
