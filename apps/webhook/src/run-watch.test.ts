import type { LedgerRecord } from '@vesper/core/ledger';
import { createMemoryStore } from '@vesper/outbox/memory-store';
import type { RunRecord } from '@vesper/outbox/run';
import { describe, expect, it } from 'vitest';
import { watchRun } from './run-watch.ts';

const running: RunRecord = {
  id: 'run-1',
  companyId: 'tern',
  localDate: '2026-06-01',
  trigger: 'evening',
  state: 'running',
  counts: { posted: 0, updated: 0, voided: 0, held: 0, failed: 0, unknown: 0, skipped: 0 },
  requests: 0,
  startedAt: '2026-06-02T01:00:00.000Z',
};

const posted = (id: string): LedgerRecord => ({
  key: `payment/${id}`,
  type: 'payment',
  state: 'posted',
  inspectionId: `i${id}`,
  attempts: 1,
  quickbooks: { entity: 'Payment', id, syncToken: '0', totalCents: 45_000 },
});

async function createScene() {
  const store = createMemoryStore();
  const claim = await store.claimLease({ companyId: 'tern', holder: 'test', ttlMs: 60_000 });
  if (claim.outcome !== 'claimed') throw new Error('busy');
  let nowMs = 0;
  const order: string[] = [];
  const watch = watchRun(store, {
    onEffect: async (ids) => {
      const known = await store.ledgerByState('tern', ['posted'], { limit: 10 });
      order.push(`told of ${[...ids].join()} with ${known.length} written`);
    },
    now: () => nowMs,
  });
  return { store, watch, lease: claim.lease, order, pass: (ms: number) => void (nowMs += ms) };
}

describe('a watched run', () => {
  // Otherwise a crash between the two leaves the platform without the document number for ever.
  it('tells of an effect before it is written', async () => {
    const { watch, lease, order } = await createScene();
    await watch.store.putLedger(lease, [posted('1')]);
    await watch.store.putLedger(lease, [posted('2')]);
    expect(order).toEqual(['told of i1 with 0 written', 'told of i2 with 1 written']);
  });

  it('adds up what took effect and nothing else', async () => {
    const { watch, lease } = await createScene();
    await watch.store.putLedger(lease, [posted('1'), posted('2'), { ...posted('3'), state: 'held' }]);
    expect(watch.amounts().payment?.posted).toEqual({ count: 2, cents: 90_000 });
  });

  it('shows how far it is, between the run’s own words too, and not more often than every two seconds', async () => {
    const { store, watch, lease, pass } = await createScene();
    await watch.store.startRun(lease, running);
    watch.progress({ ...running, progress: { done: 0, total: 10 } });
    pass(2_000);
    await watch.store.putLedger(lease, [posted('1'), posted('2')]);
    await watch.store.putLedger(lease, [posted('3')]);
    expect((await store.run('tern', 'run-1'))?.progress).toEqual({ done: 2, total: 10 });
  });

  it('leaves the last word to the run', async () => {
    const { store, watch, lease } = await createScene();
    await watch.store.startRun(lease, running);
    watch.progress({ ...running, progress: { done: 0, total: 10 } });
    await watch.store.putRun(lease, { ...running, state: 'done' });
    watch.progress({ ...running, progress: { done: 9, total: 10 } });
    await watch.store.putLedger(lease, []);
    expect((await store.run('tern', 'run-1'))?.state).toBe('done');
  });

  it('passes everything else through', async () => {
    const { store, watch } = await createScene();
    await watch.store.putRecord('kind', 'id', 1, { expectedVersion: 'new' });
    expect((await store.getRecord('kind', 'id'))?.value).toBe(1);
  });
});
