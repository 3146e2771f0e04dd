import { randomUUID } from 'node:crypto';
import { StoreError } from '../store-error.ts';
import { numberOf, textOf } from './columns.ts';
import type { Lease } from '../store.ts';
import type { Tables } from '../tables.ts';
import type { SqliteConnection } from './connection.ts';

export type LeaseTable = Pick<Tables, 'claimLease' | 'renewLease' | 'releaseLease'> & {
  /** Throws `StoreError` of kind `stale_fence` unless the lease is the company's newest. To be called in the transaction it guards. */
  assertHeld(lease: Lease): void;
};

export function createLeaseTable({ connection, now }: { connection: SqliteConnection; now: () => number }): LeaseTable {
  return {
    assertHeld({ companyId, token, fence }) {
      const row = connection.get('SELECT 1 FROM leases WHERE company_id = :companyId AND token = :token AND fence = :fence', {
        companyId,
        token,
        fence,
      });
      if (row === undefined)
        throw new StoreError('stale_fence', `The lease of company ${companyId} with fence ${fence} is no longer held.`);
    },

    claimLease: ({ companyId, holder, ttlMs }) =>
      connection.transaction(() => {
        const row = connection.get('SELECT holder, token, fence, expires_at_ms FROM leases WHERE company_id = :companyId', { companyId });
        if (row !== undefined && row['token'] !== null && numberOf(row, 'expires_at_ms') > now())
          return { outcome: 'busy', holder: textOf(row, 'holder') };
        const lease = { companyId, holder, token: randomUUID(), fence: row === undefined ? 1 : numberOf(row, 'fence') + 1 };
        connection.run(
          `INSERT INTO leases (company_id, holder, token, fence, expires_at_ms) VALUES (:companyId, :holder, :token, :fence, :expiresAtMs)
           ON CONFLICT DO UPDATE SET holder = :holder, token = :token, fence = :fence, expires_at_ms = :expiresAtMs`,
          { ...lease, expiresAtMs: now() + ttlMs },
        );
        return { outcome: 'claimed', lease };
      }),

    renewLease({ companyId, token, fence }, ttlMs) {
      const { changes } = connection.run(
        'UPDATE leases SET expires_at_ms = :expiresAtMs WHERE company_id = :companyId AND token = :token AND fence = :fence',
        { companyId, token, fence, expiresAtMs: now() + ttlMs },
      );
      return changes > 0;
    },

    releaseLease({ companyId, token, fence }) {
      connection.run(
        'UPDATE leases SET token = NULL, expires_at_ms = 0 WHERE company_id = :companyId AND token = :token AND fence = :fence',
        {
          companyId,
          token,
          fence,
        },
      );
    },
  };
}
