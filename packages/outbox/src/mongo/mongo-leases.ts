import { randomUUID } from 'node:crypto';
import { StoreError } from '../store-error.ts';
import { leaseTrustedUntilMs } from '../lease-trust.ts';
import { isDuplicateKey } from './connection.ts';
import type { Lease, Store } from '../store.ts';
import type { MongoCollections } from './collections.ts';

export type MongoLeases = Pick<Store, 'claimLease' | 'renewLease' | 'releaseLease'> & {
  /** Throws `StoreError` of kind `stale_fence` unless the lease is the company's newest. */
  assertHeld(lease: Lease): Promise<void>;
  /** Leave to send a batch: a compare-and-set on the lease itself, so nobody without it can get leave. */
  giveLeave(lease: Lease, batchId: string): Promise<void>;
};

/**
 * Leases are judged by `leaseNow`, the server's clock read at the start of each call: read early it lets a lease seem younger than it is,
 * never older, and the holder's own trust is counted from an even earlier moment.
 */
export function createMongoLeases(options: {
  collections: MongoCollections;
  leaseNow: () => Promise<number>;
  monotonicNow: () => number;
}): MongoLeases {
  const { leaseNow, monotonicNow } = options;
  const { leases } = options.collections;

  return {
    async claimLease({ companyId, holder, ttlMs }) {
      const startedMs = monotonicNow();
      const nowMs = await leaseNow();
      const claim = { holder, token: randomUUID(), expiresAt: new Date(nowMs + ttlMs) };
      const taken = await leases.findOneAndUpdate(
        { _id: companyId, companyId, $or: [{ token: null }, { expiresAt: { $lte: new Date(nowMs) } }] },
        { $set: claim, $inc: { fence: 1 }, $unset: { sending: '' } },
        { returnDocument: 'after' },
      );
      const fence = taken?.fence ?? (await insertFirst({ _id: companyId, companyId, ...claim, fence: 1 }));
      if (fence === undefined) {
        const known = await leases.findOne({ _id: companyId, companyId });
        return { outcome: 'busy', holder: known?.holder ?? 'unknown' };
      }
      const lease = { companyId, holder, token: claim.token, fence, trustedUntilMs: leaseTrustedUntilMs({ startedMs, ttlMs }) };
      return { outcome: 'claimed', lease };
    },

    async renewLease(lease, ttlMs) {
      const startedMs = monotonicNow();
      const expiresAt = new Date((await leaseNow()) + ttlMs);
      const { matchedCount } = await leases.updateOne(held(lease), { $set: { expiresAt } });
      if (matchedCount > 0) lease.trustedUntilMs = leaseTrustedUntilMs({ startedMs, ttlMs });
      return matchedCount > 0;
    },

    async releaseLease(lease) {
      await leases.updateOne(held(lease), { $set: { token: null }, $unset: { sending: '' } });
    },

    async assertHeld(lease) {
      if ((await leases.findOne(held(lease), { projection: { _id: 1 } })) === null) throw staleFence(lease);
    },

    async giveLeave(lease, batchId) {
      const { matchedCount } = await leases.updateOne(held(lease), { $set: { sending: batchId } });
      if (matchedCount === 0) throw staleFence(lease);
    },
  };

  async function insertFirst(document: Parameters<typeof leases.insertOne>[0] & { fence: number }): Promise<number | undefined> {
    try {
      await leases.insertOne(document);
      return document.fence;
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
  }
}

const held = ({ companyId, token, fence }: Lease) => ({ _id: companyId, companyId, token, fence });

export const staleFence = ({ companyId, fence }: Pick<Lease, 'companyId' | 'fence'>): StoreError =>
  new StoreError('stale_fence', `The lease of company ${companyId} with fence ${fence} is no longer held.`);
