import type { Lease } from '@vesper/outbox/store';
import { runUnderWay } from './run-under-way.ts';
import type { SupportRoom } from './support-room.ts';

const LEASE_MS = 30_000;

/** Does something to the ledger under the company's lease, or says which run is under way. */
export async function withLease<Value>(
  room: SupportRoom,
  companyId: string,
  work: (lease: Lease) => Promise<Value>,
): Promise<{ outcome: 'done'; value: Value } | { outcome: 'busy'; message: string }> {
  const claim = await room.store.claimLease({ companyId, holder: `${room.holder}:support`, ttlMs: LEASE_MS });
  if (claim.outcome === 'busy') return { outcome: 'busy', message: `${await runUnderWay(room, companyId)} Try again when it is over.` };
  try {
    return { outcome: 'done', value: await work(claim.lease) };
  } finally {
    await room.store.releaseLease(claim.lease);
  }
}
