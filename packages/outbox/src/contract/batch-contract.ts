import { describe, expect, it } from 'vitest';
import { at, batchItem, claimed, ledgerRecord, newBatch, utf8 } from './subject.ts';
import type { DocumentKey } from '@vesper/core/document';
import type { Lease, Store } from '../store.ts';
import type { Subject } from './subject.ts';

export function describeBatches(subject: () => Subject): void {
  describe('batches', () => {
    it('reserves documents that are free, and tells the ones that are not', async () => {
      const { store } = subject();
      const lease = await planned(store, ['invoice/1', 'invoice/2']);
      expect(await store.reserveBatch(lease, newBatch('b1', ['invoice/1']))).toEqual({ refused: [] });
      expect(await store.reserveBatch(lease, newBatch('b2', ['invoice/1', 'invoice/2', 'invoice/unknown'], 1))).toEqual({
        refused: ['invoice/1', 'invoice/unknown'],
      });
      const ledger = await store.ledger('acme', ['invoice/1', 'invoice/2']);
      expect(ledger.get('invoice/1')).toMatchObject({ state: 'sealed', batchId: 'b1' });
      expect(ledger.get('invoice/2')).toMatchObject({ state: 'sealed', batchId: 'b2' });
      expect((await store.liveBatches(lease)).map(({ id, state, items }) => [id, state, items.map(({ key }) => key)])).toEqual([
        ['b1', 'assembling', ['invoice/1']],
        ['b2', 'assembling', ['invoice/2']],
      ]);
    });

    it('reserves the same batch again without losing its own documents, as after a lost answer', async () => {
      const { store } = subject();
      const lease = await planned(store, ['invoice/1']);
      await store.reserveBatch(lease, newBatch('b1', ['invoice/1']));
      expect(await store.reserveBatch(lease, newBatch('b1', ['invoice/1']))).toEqual({ refused: [] });
      expect(await store.liveBatches(lease)).toHaveLength(1);
    });

    // Without it one request id could stand for two bodies, and QuickBooks would answer the wrong one.
    it('never gives one request id to two batches', async () => {
      const { store } = subject();
      const lease = await planned(store, ['invoice/1', 'invoice/2']);
      await store.reserveBatch(lease, newBatch('b1', ['invoice/1']));
      await expect(store.reserveBatch(lease, { ...newBatch('b2', ['invoice/2']), requestId: 'request-b1' })).rejects.toThrow();
      await store.releaseBatch(lease, 'b1');
      await expect(store.reserveBatch(lease, { ...newBatch('b2', ['invoice/2']), requestId: 'request-b1' })).rejects.toThrow();
      expect((await store.ledger('acme', ['invoice/2'])).get('invoice/2')).toEqual(ledgerRecord({ key: 'invoice/2' }));
    });

    // Without it a resend could differ from what QuickBooks already carried out.
    it('keeps the sealed bytes, and never other ones', async () => {
      const { store } = subject();
      const lease = await sealed(store, 'b1', ['invoice/1']);
      const [batch] = await store.liveBatches(lease);
      expect(batch).toMatchObject({ state: 'sealed', bodySha256: 'hash-b1', requestId: 'request-b1', realmId: 'realm-1', runId: 'run-1' });
      expect(new TextDecoder().decode(batch?.body)).toBe('bytes of b1');
      await store.sealBatch(lease, 'b1', { items: [batchItem('invoice/1')], body: utf8('bytes of b1'), bodySha256: 'hash-b1' });
      await expect(store.sealBatch(lease, 'b1', { items: [], body: utf8('others'), bodySha256: 'other' })).rejects.toThrow();
      expect(new TextDecoder().decode((await store.liveBatches(lease))[0]?.body)).toBe('bytes of b1');
    });

    it('frees documents that were reserved and then not sealed', async () => {
      const { store } = subject();
      const lease = await planned(store, ['invoice/1', 'invoice/2']);
      await store.reserveBatch(lease, newBatch('b1', ['invoice/1', 'invoice/2']));
      await store.sealBatch(lease, 'b1', { items: [batchItem('invoice/2', 2)], body: utf8('x'), bodySha256: 'x' });
      expect((await store.ledger('acme', ['invoice/1'])).get('invoice/1')).toEqual(ledgerRecord({ key: 'invoice/1' }));
      expect((await store.liveBatches(lease))[0]?.items.map(({ key }) => key)).toEqual(['invoice/2']);
    });

    it('seals no document that the batch does not hold', async () => {
      const { store } = subject();
      const lease = await planned(store, ['invoice/1', 'invoice/2']);
      await store.reserveBatch(lease, newBatch('b1', ['invoice/1']));
      await expect(store.sealBatch(lease, 'b1', { items: [batchItem('invoice/2')], body: utf8('x'), bodySha256: 'x' })).rejects.toThrow();
    });

    it('sends only what is sealed', async () => {
      const { store } = subject();
      const lease = await planned(store, ['invoice/1']);
      await store.reserveBatch(lease, newBatch('b1', ['invoice/1']));
      await expect(store.startSend(lease, 'b1', { startedAt: at(1) })).rejects.toThrow();
      await expect(store.startSend(lease, 'nobody', { startedAt: at(1) })).rejects.toThrow();
    });

    it('keeps each send, told once or twice, and its end', async () => {
      const { store } = subject();
      const lease = await sealed(store, 'b1', ['invoice/1']);
      await store.startSend(lease, 'b1', { startedAt: at(1) });
      await store.startSend(lease, 'b1', { startedAt: at(1) });
      await store.settleBatch(lease, 'b1', {
        state: 'sealed',
        items: [batchItem('invoice/1')],
        send: { startedAt: at(1), endedAt: at(2), outcome: 'later', intuitTid: 'tid-1' },
        records: [],
      });
      await store.startSend(lease, 'b1', { startedAt: at(3) });
      expect((await store.liveBatches(lease))[0]?.sends).toEqual([
        { startedAt: at(1), endedAt: at(2), outcome: 'later', intuitTid: 'tid-1' },
        { startedAt: at(3) },
      ]);
    });

    it('settles a batch with its documents, which are free again', async () => {
      const { store } = subject();
      const lease = await sealed(store, 'b1', ['invoice/1', 'invoice/2']);
      await store.settleBatch(lease, 'b1', {
        state: 'settled',
        items: [
          { ...batchItem('invoice/1'), outcome: 'posted' },
          { ...batchItem('invoice/2', 2), outcome: 'hold', code: '6240', detail: 'name' },
        ],
        send: { startedAt: at(1), endedAt: at(2), outcome: 'answered' },
        records: [
          ledgerRecord({ key: 'invoice/1', state: 'posted', attempts: 1 }),
          ledgerRecord({ key: 'invoice/2', state: 'held', attempts: 1 }),
        ],
      });
      expect(await store.liveBatches(lease)).toEqual([]);
      expect([...(await store.ledger('acme', ['invoice/1', 'invoice/2'])).values()].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
        ledgerRecord({ key: 'invoice/1', state: 'posted', attempts: 1 }),
        ledgerRecord({ key: 'invoice/2', state: 'held', attempts: 1 }),
      ]);
      const [attempt] = await store.batchesOf('acme', 'invoice/2');
      expect(attempt?.items.map(({ outcome, code }) => [outcome, code])).toEqual([
        ['posted', undefined],
        ['hold', '6240'],
      ]);
      expect(attempt?.sends).toHaveLength(1);
    });

    // Without it a document whose outcome nobody knows could be packed into a second batch and booked twice.
    it('keeps documents of unknown outcome in their batch, and frees the others', async () => {
      const { store } = subject();
      const lease = await sealed(store, 'b1', ['invoice/1', 'invoice/2']);
      await store.settleBatch(lease, 'b1', {
        state: 'unknown',
        items: [
          { ...batchItem('invoice/1'), outcome: 'posted' },
          { ...batchItem('invoice/2', 2), outcome: 'unknown' },
        ],
        records: [ledgerRecord({ key: 'invoice/1', state: 'posted' }), ledgerRecord({ key: 'invoice/2', state: 'unknown' })],
      });
      const ledger = await store.ledger('acme', ['invoice/1', 'invoice/2']);
      expect(ledger.get('invoice/1')).toEqual(ledgerRecord({ key: 'invoice/1', state: 'posted' }));
      expect(ledger.get('invoice/2')).toEqual(ledgerRecord({ key: 'invoice/2', state: 'unknown', batchId: 'b1' }));
      expect((await store.liveBatches(lease)).map(({ id, state }) => [id, state])).toEqual([['b1', 'unknown']]);
      expect(await store.reserveBatch(lease, newBatch('b2', ['invoice/1', 'invoice/2'], 1))).toEqual({ refused: ['invoice/2'] });

      await store.settleBatch(lease, 'b1', {
        state: 'settled',
        items: [],
        records: [ledgerRecord({ key: 'invoice/1', state: 'failed' }), ledgerRecord({ key: 'invoice/2', state: 'posted' })],
      });
      const after = await store.ledger('acme', ['invoice/1', 'invoice/2']);
      expect(after.get('invoice/1')).toMatchObject({ state: 'sealed', batchId: 'b2' });
      expect(after.get('invoice/2')).toEqual(ledgerRecord({ key: 'invoice/2', state: 'posted' }));
    });

    it('changes nothing when a settlement is told again after the documents moved on', async () => {
      const { store } = subject();
      const lease = await sealed(store, 'b1', ['invoice/1']);
      const settlement = { state: 'settled', items: [], records: [ledgerRecord({ key: 'invoice/1', state: 'posted' })] } as const;
      await store.settleBatch(lease, 'b1', { ...settlement, items: [] });
      await store.putLedger(lease, [ledgerRecord({ key: 'invoice/1', state: 'voided' })]);
      await store.settleBatch(lease, 'b1', { ...settlement, items: [] });
      expect((await store.ledger('acme', ['invoice/1'])).get('invoice/1')).toMatchObject({ state: 'voided' });
    });

    it('undoes a batch that was never sealed', async () => {
      const { store } = subject();
      const lease = await planned(store, ['invoice/1']);
      await store.reserveBatch(lease, newBatch('b1', ['invoice/1']));
      await store.releaseBatch(lease, 'b1');
      await store.releaseBatch(lease, 'b1');
      expect(await store.liveBatches(lease)).toEqual([]);
      expect((await store.ledger('acme', ['invoice/1'])).get('invoice/1')).toEqual(ledgerRecord({ key: 'invoice/1' }));
      expect(await store.reserveBatch(lease, newBatch('b2', ['invoice/1']))).toEqual({ refused: [] });
    });

    it('does not undo what is sealed', async () => {
      const { store } = subject();
      const lease = await sealed(store, 'b1', ['invoice/1']);
      await expect(store.releaseBatch(lease, 'b1')).rejects.toThrow();
      expect((await store.liveBatches(lease))[0]?.state).toBe('sealed');
    });

    it('hands live batches to the next holder under its own fence, oldest first', async () => {
      const { store, clock } = subject();
      const lease = await planned(store, ['invoice/1', 'invoice/2'], 1_000);
      await store.reserveBatch(lease, newBatch('younger', ['invoice/1'], 5));
      await store.reserveBatch(lease, newBatch('older', ['invoice/2'], 2));
      clock.advance(1_001);
      const next = await claimed(store, { holder: 'second' });
      const live = await store.liveBatches(next);
      expect(live.map(({ id, fence }) => [id, fence])).toEqual([
        ['older', next.fence],
        ['younger', next.fence],
      ]);
    });

    it('tells every batch a document was in, newest first', async () => {
      const { store } = subject();
      const lease = await sealed(store, 'b1', ['invoice/1', 'invoice/2']);
      await store.settleBatch(lease, 'b1', {
        state: 'settled',
        items: [batchItem('invoice/1'), batchItem('invoice/2', 2)],
        records: [ledgerRecord({ key: 'invoice/1', state: 'failed' }), ledgerRecord({ key: 'invoice/2', state: 'failed' })],
      });
      await store.reserveBatch(lease, newBatch('b2', ['invoice/1'], 1));
      expect((await store.batchesOf('acme', 'invoice/1')).map(({ id }) => id)).toEqual(['b2', 'b1']);
      expect((await store.batchesOf('acme', 'invoice/2')).map(({ id }) => id)).toEqual(['b1']);
      expect(await store.batchesOf('zenith', 'invoice/1')).toEqual([]);
    });

    it('keeps batches of the same id of two companies apart', async () => {
      const { store } = subject();
      await sealed(store, 'b1', ['invoice/1']);
      const zenith = await claimed(store, { companyId: 'zenith' });
      await store.putLedger(zenith, [ledgerRecord({ key: 'invoice/1' })]);
      await store.reserveBatch(zenith, { ...newBatch('b1', ['invoice/1']), companyId: 'zenith' });
      expect((await store.liveBatches(zenith)).map(({ companyId, state }) => [companyId, state])).toEqual([['zenith', 'assembling']]);
    });
  });
}

async function planned(store: Store, keys: readonly DocumentKey[], ttlMs = 60_000): Promise<Lease> {
  const lease = await claimed(store, { ttlMs });
  await store.putLedger(
    lease,
    keys.map((key) => ledgerRecord({ key })),
  );
  return lease;
}

async function sealed(store: Store, id: string, keys: readonly DocumentKey[]): Promise<Lease> {
  const lease = await planned(store, keys);
  const batch = newBatch(id, keys);
  await store.reserveBatch(lease, batch);
  await store.sealBatch(lease, id, { items: batch.items, body: utf8(`bytes of ${id}`), bodySha256: `hash-${id}` });
  return lease;
}
