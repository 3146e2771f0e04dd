import { describe, expect, it } from 'vitest';
import { at, batchItem, claimed, ledgerRecord, newBatch, newEntry, newRun, utf8 } from './subject.ts';
import type { Lease, Store } from '../store.ts';
import type { Subject } from './subject.ts';

export function describeLeases(subject: () => Subject): void {
  describe('company leases', () => {
    it('gives a company to one holder and tells the others who has it', async () => {
      const { store, second } = subject();
      const other = (await second?.()) ?? store;
      await claimed(store, { holder: 'first' });
      expect(await other.claimLease({ companyId: 'acme', holder: 'second', ttlMs: 1_000 })).toEqual({ outcome: 'busy', holder: 'first' });
      expect(await other.claimLease({ companyId: 'zenith', holder: 'second', ttlMs: 1_000 })).toMatchObject({ outcome: 'claimed' });
      if (other !== store) await other.close();
    });

    it('gives a company to one of many who ask at the same instant', async () => {
      const { store } = subject();
      const claims = await Promise.all(
        Array.from({ length: 8 }, (_, index) => store.claimLease({ companyId: 'acme', holder: `h${index}`, ttlMs: 60_000 })),
      );
      expect(claims.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
    });

    it('raises the fence each time the lease changes hands', async () => {
      const { store, clock } = subject();
      const first = await claimed(store, { ttlMs: 1_000 });
      clock.advance(1_001);
      const second = await claimed(store, { holder: 'second', ttlMs: 1_000 });
      await store.releaseLease(second);
      const third = await claimed(store, { holder: 'third' });
      expect(second.fence).toBeGreaterThan(first.fence);
      expect(third.fence).toBeGreaterThan(second.fence);
      expect(new Set([first.token, second.token, third.token]).size).toBe(3);
    });

    it('holds while it is renewed, and no longer', async () => {
      const { store, clock } = subject();
      const lease = await claimed(store, { ttlMs: 1_000 });
      clock.advance(900);
      expect(await store.renewLease(lease, 1_000)).toBe(true);
      clock.advance(900);
      expect(await store.claimLease({ companyId: 'acme', holder: 'second', ttlMs: 1_000 })).toMatchObject({ outcome: 'busy' });
      clock.advance(101);
      expect(await store.claimLease({ companyId: 'acme', holder: 'second', ttlMs: 1_000 })).toMatchObject({ outcome: 'claimed' });
      expect(await store.renewLease(lease, 1_000)).toBe(false);
    });

    // Without it a slow answer would let a holder trust a lease that others may already have.
    it('lets a lease be trusted for less than it lasts, counted from the start of the call', async () => {
      const { store, clock } = subject();
      const lease = await claimed(store, { ttlMs: 1_000 });
      expect(lease.trustedUntilMs).toBeGreaterThan(clock.now());
      expect(lease.trustedUntilMs).toBeLessThan(clock.now() + 1_000);
      const before = lease.trustedUntilMs;
      clock.advance(500);
      await store.renewLease(lease, 1_000);
      expect(lease.trustedUntilMs).toBe(before + 500);
    });

    it('is not freed by a holder who has lost it', async () => {
      const { store, clock } = subject();
      const lost = await claimed(store, { ttlMs: 1_000 });
      clock.advance(1_001);
      await claimed(store, { holder: 'second' });
      await store.releaseLease(lost);
      expect(await store.claimLease({ companyId: 'acme', holder: 'third', ttlMs: 1_000 })).toEqual({ outcome: 'busy', holder: 'second' });
    });

    // Without it a process that slept past its lease would write over what its successor does.
    describe('a holder paused past its lease', () => {
      const writes: Record<string, (store: Store, lease: Lease) => Promise<unknown>> = {
        settleEntries: (store, lease) =>
          store.settleEntries(lease, [{ id: 'acme|vesper|msg_1', state: 'posted', runId: 'run-1', at: at(1) }]),
        putLedger: (store, lease) => store.putLedger(lease, [ledgerRecord({ key: 'invoice/1', state: 'failed' })]),
        reserveBatch: (store, lease) => store.reserveBatch(lease, newBatch('late', ['invoice/2'])),
        sealBatch: (store, lease) => store.sealBatch(lease, 'reserved', { items: [], body: utf8('x'), bodySha256: 'x' }),
        startSend: (store, lease) => store.startSend(lease, 'sealed', { startedAt: at(1) }),
        settleBatch: (store, lease) => store.settleBatch(lease, 'sealed', { state: 'settled', items: [], records: [] }),
        releaseBatch: (store, lease) => store.releaseBatch(lease, 'reserved'),
        liveBatches: (store, lease) => store.liveBatches(lease),
        startRun: (store, lease) => store.startRun(lease, newRun()),
        putRun: (store, lease) => store.putRun(lease, newRun()),
      };

      it.each(Object.keys(writes))('is refused by %s, which writes nothing', async (name) => {
        const { store, clock } = subject();
        await store.append(newEntry());
        const paused = await claimed(store, { ttlMs: 1_000 });
        await store.putLedger(
          paused,
          ['invoice/1', 'invoice/2', 'invoice/3'].map((key) => ledgerRecord({ key })),
        );
        await store.reserveBatch(paused, newBatch('reserved', ['invoice/1']));
        await store.reserveBatch(paused, newBatch('sealed', ['invoice/3']));
        await store.sealBatch(paused, 'sealed', { items: [batchItem('invoice/3')], body: utf8('bytes'), bodySha256: 'hash' });
        clock.advance(1_001);
        const newest = await claimed(store, { holder: 'second' });
        const before = await stateOf(store, newest);

        await expect(writes[name]?.(store, paused)).rejects.toMatchObject({ name: 'StoreError', kind: 'stale_fence' });
        expect(await stateOf(store, newest)).toEqual(before);
      });

      it('is refused also when nobody has taken over what it released', async () => {
        const { store } = subject();
        const lease = await claimed(store);
        await store.releaseLease(lease);
        await expect(store.putLedger(lease, [ledgerRecord({ key: 'invoice/1' })])).rejects.toMatchObject({ kind: 'stale_fence' });
      });

      it('is refused with a token that was never given out', async () => {
        const { store } = subject();
        const lease = await claimed(store);
        await expect(store.putRun({ ...lease, token: 'made up' }, newRun())).rejects.toMatchObject({ kind: 'stale_fence' });
        await expect(store.putRun({ ...lease, fence: lease.fence - 1 }, newRun())).rejects.toMatchObject({ kind: 'stale_fence' });
      });
    });
  });
}

async function stateOf(store: Store, lease: Lease): Promise<unknown> {
  return {
    entry: await store.entry('acme|vesper|msg_1'),
    ledger: [...(await store.ledger('acme', ['invoice/1', 'invoice/2', 'invoice/3'])).values()],
    batches: await store.liveBatches(lease),
    runs: await store.runs({ limit: 10 }),
  };
}
