import { randomUUID } from 'node:crypto';
import { StoreError } from '../store-error.ts';
import type { Lease } from '../store.ts';
import type { Tables } from '../tables.ts';

export type MemoryLeases = Pick<Tables, 'claimLease' | 'renewLease' | 'releaseLease'> & {
  /** Throws `StoreError` of kind `stale_fence` unless the lease is the company's newest. */
  assertHeld(lease: Lease): void;
};

export function createMemoryLeases({ now }: { now: () => number }): MemoryLeases {
  const leases = new Map<string, { holder: string; token: string | undefined; fence: number; expiresAtMs: number }>();

  const held = ({ companyId, token, fence }: Lease) => {
    const known = leases.get(companyId);
    return known !== undefined && known.token === token && known.fence === fence ? known : undefined;
  };

  return {
    assertHeld(lease) {
      if (held(lease) === undefined)
        throw new StoreError('stale_fence', `The lease of company ${lease.companyId} with fence ${lease.fence} is no longer held.`);
    },
    claimLease({ companyId, holder, ttlMs }) {
      const known = leases.get(companyId);
      if (known?.token !== undefined && known.expiresAtMs > now()) return { outcome: 'busy', holder: known.holder };
      const lease = { companyId, holder, token: randomUUID(), fence: (known?.fence ?? 0) + 1 };
      leases.set(companyId, { ...lease, expiresAtMs: now() + ttlMs });
      return { outcome: 'claimed', lease };
    },
    renewLease(lease, ttlMs) {
      const known = held(lease);
      if (known !== undefined) known.expiresAtMs = now() + ttlMs;
      return known !== undefined;
    },
    releaseLease(lease) {
      const known = held(lease);
      if (known !== undefined) known.token = undefined;
    },
  };
}
