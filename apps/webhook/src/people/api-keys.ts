import { createHash, randomBytes } from 'node:crypto';
import type { Store } from '@vesper/outbox/store';
import type { Reach } from './reach.ts';

/** A key people made for a program. Only its SHA-256 is kept: the key is 32 random bytes, so nothing slower is needed. */
export interface ApiKey extends Reach {
  /** Of the record, and what the audit calls it by. */
  id: string;
  name: string;
  /** The first characters, so that people can tell their keys apart. */
  begins: string;
  createdAt: string;
  createdBy: string;
  /** To about five minutes. */
  lastUsedAt?: string;
  revokedAt?: string;
}

export interface ApiKeys {
  /** The key itself is told here once and never again. */
  create(key: Pick<ApiKey, 'name' | 'role' | 'companies'>, by: string): Promise<{ key: string; record: ApiKey }>;
  all(): Promise<ApiKey[]>;
  revoke(id: string): Promise<ApiKey | undefined>;
  /** The record of a live key, its use noted. */
  check(key: string): Promise<ApiKey | undefined>;
}

const KIND = 'api_key';
const USED_EVERY_MS = 5 * 60_000;
const MOST = 1_000;

export function createApiKeys({ store, clock }: { store: Store; clock: { now(): number } }): ApiKeys {
  const at = () => new Date(clock.now()).toISOString();

  return {
    async create({ name, role, companies }, by) {
      const key = `vk_${randomBytes(32).toString('base64url')}`;
      const record: ApiKey = {
        id: digest(key),
        name,
        role,
        ...(companies && { companies }),
        begins: key.slice(0, 8),
        createdAt: at(),
        createdBy: by,
      };
      await store.putRecord(KIND, record.id, record, { expectedVersion: 'new' });
      return { key, record };
    },

    all: async () => (await store.listRecords<ApiKey>(KIND, { limit: MOST })).map(({ value }) => value),

    async revoke(id) {
      for (;;) {
        const found = await store.getRecord<ApiKey>(KIND, id);
        if (!found || found.value.revokedAt !== undefined) return found?.value;
        const revoked = { ...found.value, revokedAt: at() };
        if ((await store.putRecord(KIND, id, revoked, { expectedVersion: found.version })).outcome === 'saved') return revoked;
      }
    },

    async check(key) {
      const found = await store.getRecord<ApiKey>(KIND, digest(key));
      if (!found || found.value.revokedAt !== undefined) return undefined;
      const used = found.value.lastUsedAt;
      // A note lost to a revocation at the same moment must stay lost: the version decides.
      if (used === undefined || clock.now() - Date.parse(used) >= USED_EVERY_MS)
        await store.putRecord(KIND, found.value.id, { ...found.value, lastUsedAt: at() }, { expectedVersion: found.version });
      return found.value;
    },
  };
}

function digest(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
