import type { BatchItem } from '@vesper/outbox/batch';
import type { AuditRow, Lease } from '@vesper/outbox/store';
import type { World } from './world.ts';

/** Looks on at the store's door: fences, live batches, and that people's acts are written down before they take effect. */
export interface StoreWatch {
  /** After a call has taken effect. */
  applied(caller: string, name: string, args: readonly unknown[], result: unknown): void;
  /** What a person does from here on has this reason in the audit. */
  actBegins(why: string): void;
}

/** What of a call names an act's effect: corrections and moves of entries. */
const EFFECTS = new Set(['moveEntry', 'putRecord']);

export function createStoreWatch(world: Pick<World, 'violate'>): StoreWatch {
  const fences = new Map<string, number>();
  const live = new Map<string, string>();
  const audited = new Set<string>();

  const claimed = (lease: Lease): void => {
    const before = fences.get(lease.companyId) ?? 0;
    if (lease.fence <= before)
      world.violate('I9', `fence ${lease.fence} of ${lease.companyId} was given out after ${before}: fences only grow`);
    fences.set(lease.companyId, Math.max(before, lease.fence));
  };

  const written = (caller: string, name: string, lease: Lease): void => {
    const newest = fences.get(lease.companyId) ?? 0;
    if (lease.fence < newest)
      world.violate('I9', `${caller} wrote ${name} for ${lease.companyId} with fence ${lease.fence} while ${newest} is out`);
  };

  const sealed = (companyId: string, batchId: string, items: readonly BatchItem[]): void => {
    for (const { key } of items) {
      const place = `${companyId}|${key}`;
      const other = live.get(place);
      if (other !== undefined && other !== batchId) world.violate('I8', `${key} was sealed in ${batchId} while it is open in ${other}`);
      live.set(place, batchId);
    }
  };

  const settled = (companyId: string, batchId: string, state: string, items: readonly BatchItem[]): void => {
    for (const { key, outcome } of items) {
      const isOpen = state !== 'settled' && (outcome === undefined || outcome === 'unknown');
      if (!isOpen && live.get(`${companyId}|${key}`) === batchId) live.delete(`${companyId}|${key}`);
    }
  };

  return {
    applied(caller, name, args, result) {
      if (name === 'claimLease') {
        const claim = result as { outcome: string; lease: Lease };
        if (claim.outcome === 'claimed') claimed(claim.lease);
        return;
      }
      if (name === 'appendAudit') audited.add((args[0] as AuditRow).reason ?? '');
      if (EFFECTS.has(name)) effectOf(name, args, result);
      const lease = args[0] as Lease | undefined;
      if (typeof lease !== 'object' || typeof lease.fence !== 'number') return;
      if (name === 'renewLease' || name === 'releaseLease') return;
      written(caller, name, lease);
      if (name === 'sealBatch') sealed(lease.companyId, args[1] as string, (args[2] as { items: BatchItem[] }).items);
      if (name === 'settleBatch') {
        const { state, items } = args[2] as { state: string; items: BatchItem[] };
        settled(lease.companyId, args[1] as string, state, items);
      }
    },
    actBegins: (why) => void audited.delete(why),
  };

  /** A hold's correction and a canceled entry quote the person's reason: it must be in the audit by then. */
  function effectOf(name: string, args: readonly unknown[], result: unknown): void {
    if ((result as { outcome: string }).outcome !== (name === 'moveEntry' ? 'moved' : 'saved')) return;
    const text =
      name === 'putRecord' && args[0] === 'correction'
        ? (args[2] as { why: string }).why
        : name === 'moveEntry' && (args[0] as { to: string }).to === 'canceled'
          ? ((args[0] as { reason?: { message: string } }).reason?.message ?? '')
          : undefined;
    if (text === undefined) return;
    const why = /act-\d+/.exec(text)?.[0];
    if (why === undefined || !audited.has(why)) world.violate('I14', `${name} took effect before its act (${text}) was in the audit`);
  }
}
