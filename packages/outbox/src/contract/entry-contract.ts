import { describe, expect, it } from 'vitest';
import { at, claimed, collect, newEntry, utf8 } from './subject.ts';
import type { Store } from '../store.ts';
import type { Subject } from './subject.ts';

export function describeEntries(subject: () => Subject): void {
  describe('entries', () => {
    it('finds the entries that tell of any of the subjects, oldest first, bodies included, never of another company', async () => {
      const { store } = subject();
      await store.append(newEntry({ webhookId: 'late', receivedAt: at(5), refs: ['inspection/1', 'payment/7'], subject: 'payment/7' }));
      await store.append(newEntry({ webhookId: 'early', receivedAt: at(1), refs: ['inspection/1'], body: utf8('early body') }));
      await store.append(newEntry({ webhookId: 'other', refs: ['inspection/2'] }));
      await store.append(newEntry({ companyId: 'zenith', webhookId: 'foreign', refs: ['inspection/1'] }));
      const found = await store.entriesByRefs('acme', ['inspection/1', 'payment/7']);
      expect(found.map(({ webhookId }) => webhookId)).toEqual(['early', 'late']);
      expect(new TextDecoder().decode(found[0]?.body)).toBe('early body');
      expect(await store.entriesByRefs('acme', [])).toEqual([]);
    });

    it('pages through the entries of some states, each once, whatever becomes of those already read', async () => {
      const { store } = subject();
      await Promise.all(
        Array.from({ length: 12 }, (_, index) => store.append(newEntry({ webhookId: `m${String(index).padStart(2, '0')}` }))),
      );
      await store.append(newEntry({ companyId: 'zenith' }));
      await store.moveEntry({ id: 'acme|vesper|m03', from: ['pending'], to: 'held' });
      await store.moveEntry({ id: 'acme|vesper|m05', from: ['pending'], to: 'canceled' });
      const all = await collect(
        async (after) => {
          if (after !== undefined) await store.moveEntry({ id: after, from: ['pending', 'held'], to: 'canceled' });
          return store.entriesByState('acme', ['pending', 'held'], { limit: 5, ...(after === undefined ? {} : { after }) });
        },
        ({ id }) => id,
      );
      expect(all.map(({ webhookId }) => webhookId).toSorted()).toEqual(
        Array.from({ length: 12 }, (_, index) => `m${String(index).padStart(2, '0')}`).filter((id) => id !== 'm05'),
      );
      expect(all[0]).not.toHaveProperty('body');
      expect(await store.entriesByState('acme', ['posted'], { limit: 5 })).toEqual([]);
    });

    it('moves an entry only from the states it may leave, and tells the one it has', async () => {
      const { store } = subject();
      await store.append(newEntry());
      const id = 'acme|vesper|msg_1';
      const reason = { code: 'canceled', message: 'Jane canceled it.', remedy: 'Nothing to do.' };
      expect(await store.moveEntry({ id, from: ['pending', 'held'], to: 'canceled', reason })).toEqual({ outcome: 'moved' });
      expect(await store.entry(id)).toMatchObject({ state: 'canceled', reason });
      expect(await store.moveEntry({ id, from: ['pending', 'held'], to: 'canceled' })).toEqual({ outcome: 'refused', state: 'canceled' });
      expect(await store.moveEntry({ id: 'acme|vesper|nobody', from: ['pending'], to: 'held' })).toEqual({ outcome: 'not_found' });
      expect(await store.moveEntry({ id, from: ['canceled'], to: 'pending' })).toEqual({ outcome: 'moved' });
      expect(await store.entry(id)).not.toHaveProperty('reason');
      expect(await store.counts()).toMatchObject({ pending: 1, canceled: 0 });
    });

    // Without it a double click would count, and act, twice.
    it('lets one of several simultaneous moves through', async () => {
      const { store } = subject();
      await store.append(newEntry());
      const moves = await Promise.all(
        Array.from({ length: 5 }, () => store.moveEntry({ id: 'acme|vesper|msg_1', from: ['pending'], to: 'canceled' })),
      );
      expect(moves.filter(({ outcome }) => outcome === 'moved')).toHaveLength(1);
    });

    it('writes what a run concluded, and adds one attempt each', async () => {
      const { store } = subject();
      await store.append(newEntry());
      await store.append(newEntry({ webhookId: 'msg_2' }));
      const lease = await claimed(store);
      const reason = { code: 'ach_in_flight', message: 'The money is on its way.', remedy: 'It posts once settled.', amountCents: 45_000 };
      await store.settleEntries(lease, [
        { id: 'acme|vesper|msg_1', state: 'posted', runId: 'run-1', at: at(3) },
        { id: 'acme|vesper|msg_2', state: 'held', reason, runId: 'run-1', at: at(3) },
      ]);
      expect(await store.entry('acme|vesper|msg_1')).toMatchObject({ state: 'posted', attempts: 1, runId: 'run-1', settledAt: at(3) });
      expect(await store.entry('acme|vesper|msg_2')).toMatchObject({ state: 'held', attempts: 1, reason });
      await store.settleEntries(lease, [{ id: 'acme|vesper|msg_2', state: 'posted', runId: 'run-2', at: at(9) }]);
      const later = await store.entry('acme|vesper|msg_2');
      expect(later).toMatchObject({ state: 'posted', attempts: 2, runId: 'run-2' });
      expect(later).not.toHaveProperty('reason');
      expect(await store.counts('acme')).toMatchObject({ pending: 0, held: 0, posted: 2 });
    });

    it('counts one attempt when the same conclusion is told twice, as after a lost answer', async () => {
      const { store } = subject();
      await store.append(newEntry());
      const lease = await claimed(store);
      const conclusion = [{ id: 'acme|vesper|msg_1', state: 'failed', runId: 'run-1', at: at(3) } as const];
      await store.settleEntries(lease, conclusion);
      await store.settleEntries(lease, conclusion);
      expect(await store.entry('acme|vesper|msg_1')).toMatchObject({ state: 'failed', attempts: 1 });
    });

    // Without it a person's cancel would be undone by the run that was under way.
    it('leaves an entry canceled that a person canceled during the run', async () => {
      const { store } = subject();
      await store.append(newEntry());
      const lease = await claimed(store);
      await store.moveEntry({ id: 'acme|vesper|msg_1', from: ['pending'], to: 'canceled' });
      await store.settleEntries(lease, [{ id: 'acme|vesper|msg_1', state: 'held', runId: 'run-1', at: at(3) }]);
      expect(await store.entry('acme|vesper|msg_1')).toMatchObject({ state: 'canceled', attempts: 0 });
    });

    it('never settles an entry of another company than the lease is for', async () => {
      const { store } = subject();
      await store.append(newEntry({ companyId: 'zenith' }));
      const lease = await claimed(store);
      await store.settleEntries(lease, [{ id: 'zenith|vesper|msg_1', state: 'posted', runId: 'run-1', at: at(3) }]);
      expect(await store.entry('zenith|vesper|msg_1')).toMatchObject({ state: 'pending' });
    });

    it('drops the bodies of old settled entries and keeps everything they are recognized by', async () => {
      const { store } = subject();
      const id = await appendAndSettle(store, { webhookId: 'old', receivedAt: at(0) });
      await store.append(newEntry({ webhookId: 'old', body: utf8('other body') }));
      await appendAndSettle(store, { webhookId: 'new', receivedAt: at(30) });
      await store.append(newEntry({ webhookId: 'waiting', receivedAt: at(0) }));

      expect(await store.redactBodies(at(30), 10)).toBe(1);
      expect(await store.entry(id)).toMatchObject({ state: 'posted', bodySha256: newEntry({ webhookId: 'old' }).bodySha256, conflicts: 1 });
      expect(await store.entry(id)).not.toHaveProperty('body');
      expect((await store.conflicts(id))[0]).not.toHaveProperty('body');
      expect(await store.entry('acme|vesper|new')).toHaveProperty('body');
      expect(await store.entry('acme|vesper|waiting')).toHaveProperty('body');
      expect(await store.append(newEntry({ webhookId: 'old', receivedAt: at(40) }))).toMatchObject({ outcome: 'duplicate' });
      expect(await store.redactBodies(at(30), 10)).toBe(0);
    });

    it('redacts at most as many as asked, and the rest at the next call', async () => {
      const { store } = subject();
      for (let index = 0; index < 5; index += 1) await appendAndSettle(store, { webhookId: `m${index}`, receivedAt: at(index) });
      expect(await store.redactBodies(at(59), 3)).toBe(3);
      expect(await store.redactBodies(at(59), 3)).toBe(2);
    });
  });
}

async function appendAndSettle(store: Store, changes: { webhookId: string; receivedAt: string }): Promise<string> {
  const id = `acme|vesper|${changes.webhookId}`;
  await store.append(newEntry(changes));
  const lease = await claimed(store);
  await store.settleEntries(lease, [{ id, state: 'posted', runId: 'run-1', at: at(59) }]);
  await store.releaseLease(lease);
  return id;
}
