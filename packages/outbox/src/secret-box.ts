import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { StoreError } from './store-error.ts';

export interface EncryptionKey {
  /** Names the key in what it sealed; letters, digits, `_` and `-`. */
  id: string;
  /** 32 bytes. */
  key: Uint8Array;
}

/**
 * Seals text with AES-256-GCM under a random 96-bit nonce. Key id and the caller's associated data are authenticated, so a sealed
 * text moved to another place, or changed by one bit, does not open: `StoreError` of kind `corrupt`, which never quotes the text.
 */
export interface SecretBox {
  seal(text: string, associatedData: string): string;
  open(sealed: string, associatedData: string): string;
  /** Whether the newest key sealed it; if not, sealing it again retires the old key. */
  isCurrent(sealed: string): boolean;
}

/** The first key seals, all open. */
export function createSecretBox({ keys }: { keys: readonly EncryptionKey[] }): SecretBox {
  const newest = keys[0];
  if (newest === undefined) throw new RangeError('A secret box needs at least one key.');
  for (const { id, key } of keys) {
    if (!/^[\w-]+$/u.test(id)) throw new RangeError('An encryption key id has only letters, digits, "_" and "-".');
    if (key.byteLength !== 32) throw new RangeError(`Encryption key "${id}" must have 32 bytes, it has ${key.byteLength}.`);
  }
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  if (byId.size !== keys.length) throw new RangeError('Two encryption keys have the same id.');

  return {
    seal(text, associatedData) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', newest.key, nonce);
      cipher.setAAD(boundData(newest.id, associatedData));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${version}.${newest.id}.${nonce.toString('base64url')}.${sealed.toString('base64url')}`;
    },
    open(sealed, associatedData) {
      const { keyId, nonce, bytes } = parseSealed(sealed);
      const key = byId.get(keyId);
      if (key === undefined) throw new StoreError('corrupt', `Sealed under key "${keyId}", which is not among the encryption keys.`);
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
        decipher.setAAD(boundData(keyId, associatedData));
        decipher.setAuthTag(bytes.subarray(-16));
        return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new StoreError('corrupt', 'A sealed secret was changed, moved, or sealed under another key of the same id.', { cause });
      }
    },
    isCurrent: (sealed) => parseSealed(sealed).keyId === newest.id,
  };
}

/** The associated data of a company's secret: sealed for this company and name, it opens nowhere else. */
export const secretPlace = (companyId: string, name: string): string => JSON.stringify(['secret', companyId, name]);

/** `VESPER_ENCRYPTION_KEY`: space-separated `id:key` or `key`, each key 32 bytes in base64 or hex, newest first. A key without an id is known by its fingerprint. Throws without quoting a key. */
export function parseEncryptionKeys(text: string): EncryptionKey[] {
  const parts = text.split(/\s+/u).filter((part) => part !== '');
  if (parts.length === 0) throw new RangeError('No encryption key given.');
  return parts.map((part, index) => {
    const colon = part.indexOf(':');
    const written = part.slice(colon + 1);
    const key = /^[\da-f]{64}$/iu.test(written) ? Buffer.from(written, 'hex') : Buffer.from(written, 'base64');
    if (key.byteLength !== 32) throw new RangeError(`Encryption key number ${index + 1} must be 32 bytes in base64 or hex.`);
    return { id: colon < 0 ? fingerprint(key) : part.slice(0, colon), key };
  });
}

const fingerprint = (key: Uint8Array): string => createHash('sha256').update(key).digest('hex').slice(0, 8);

const version = 'v1';

const boundData = (keyId: string, associatedData: string): Buffer => Buffer.from(JSON.stringify([version, keyId, associatedData]));

function parseSealed(sealed: string): { keyId: string; nonce: Buffer; bytes: Buffer } {
  const [writtenVersion, keyId, nonce, bytes, ...rest] = sealed.split('.');
  if (writtenVersion !== version || keyId === undefined || nonce === undefined || bytes === undefined || rest.length > 0)
    throw new StoreError('corrupt', 'A sealed secret has an unknown form.');
  const parsed = { keyId, nonce: Buffer.from(nonce, 'base64url'), bytes: Buffer.from(bytes, 'base64url') };
  if (parsed.nonce.byteLength !== 12 || parsed.bytes.byteLength < 16)
    throw new StoreError('corrupt', 'A sealed secret has an unknown form.');
  return parsed;
}
