import { describe, expect, it } from 'vitest';
import { at, batchItem, claimed, ledgerRecord, newBatch, utf8 } from './subject.ts';
import type { DocumentKey, PaymentDocument } from '@vesper/core/document';
import type { Lease, Store } from '../store.ts';
import type { Subject } from './subject.ts';

export function describeFinding(subject: () => Subject): void {
  describe('finding documents', () => {
    it('finds them by QuickBooks number, own number and QuickBooks id, exactly', async () => {
      const { store } = subject();
      const lease = await claimed(store);
      await store.putLedger(lease, [
        ledgerRecord({
          key: 'invoice/1',
          state: 'posted',
          quickbooks: { entity: 'Invoice', id: '145', syncToken: '0', docNumber: 'H-77' },
        }),
        ledgerRecord({ key: 'payment/9', type: 'payment', state: 'held', wanted: { kind: 'create', document: payment('9') } }),
        ledgerRecord({ key: 'payment/99', type: 'payment', state: 'posted', posted: payment('99') }),
      ]);
      expect(await found(store, 'H-77')).toEqual(['acme document_number invoice/1']);
      expect(await found(store, 'spp9')).toEqual(['acme document_number payment/9']);
      expect(await found(store, 'spp99')).toEqual(['acme document_number payment/99']);
      expect(await found(store, '145')).toEqual(['acme quickbooks_id invoice/1']);
      expect(await found(store, '14')).toEqual([]);
      const [match] = await store.documentsByText({ text: 'spp9', limit: 10 });
      expect(match?.record).toEqual(
        ledgerRecord({ key: 'payment/9', type: 'payment', state: 'held', wanted: { kind: 'create', document: payment('9') } }),
      );
    });

    // Without it support of one company would find another's documents by their numbers.
    it('stays within the companies asked for', async () => {
      const { store } = subject();
      for (const companyId of ['acme', 'zenith']) {
        const lease = await claimed(store, { companyId });
        await store.putLedger(lease, [
          ledgerRecord({ key: 'invoice/1', quickbooks: { entity: 'Invoice', id: '7', syncToken: '0', docNumber: 'sp1' } }),
        ]);
      }
      expect(await found(store, 'sp1')).toEqual(['acme document_number invoice/1', 'zenith document_number invoice/1']);
      expect(await found(store, 'sp1', ['zenith'])).toEqual(['zenith document_number invoice/1']);
      expect(await found(store, '7', ['acme'])).toEqual(['acme quickbooks_id invoice/1']);
      expect(await found(store, 'sp1', [])).toEqual([]);
    });

    it('finds what a request carried by the intuit_tid of its answer, the first and the last', async () => {
      const { store } = subject();
      const lease = await sent(store, 'b1', ['invoice/1', 'invoice/2'], ['tid-first', 'tid-last']);
      await sent(store, 'b2', ['invoice/3'], ['tid-other'], lease);
      expect(await found(store, 'tid-first')).toEqual(['acme intuit_tid invoice/1', 'acme intuit_tid invoice/2']);
      expect(await found(store, 'tid-last')).toEqual(['acme intuit_tid invoice/1', 'acme intuit_tid invoice/2']);
      expect(await found(store, 'tid-other')).toEqual(['acme intuit_tid invoice/3']);
      expect(await found(store, 'tid-other', ['zenith'])).toEqual([]);
    });

    it('gives the batches of a run, oldest first, and of no other', async () => {
      const { store } = subject();
      const lease = await claimed(store);
      await store.putLedger(
        lease,
        ['invoice/1', 'invoice/2', 'invoice/3'].map((key) => ledgerRecord({ key })),
      );
      await store.reserveBatch(lease, { ...newBatch('b2', ['invoice/2'], 2), runId: 'run-7' });
      await store.reserveBatch(lease, { ...newBatch('b1', ['invoice/1'], 1), runId: 'run-7' });
      await store.reserveBatch(lease, { ...newBatch('b3', ['invoice/3'], 3), runId: 'run-8' });
      expect((await store.batchesOfRun('acme', 'run-7')).map(({ id }) => id)).toEqual(['b1', 'b2']);
      expect(await store.batchesOfRun('zenith', 'run-7')).toEqual([]);
    });
  });
}

async function found(store: Store, text: string, companyIds?: readonly string[]): Promise<string[]> {
  const matches = await store.documentsByText({ text, limit: 10, ...(companyIds && { companyIds }) });
  return matches.map(({ companyId, by, record }) => `${companyId} ${by} ${record.key}`);
}

/** A batch that was sent as often as there are tids, and settled. */
async function sent(store: Store, id: string, keys: DocumentKey[], tids: string[], held?: Lease): Promise<Lease> {
  const lease = held ?? (await claimed(store));
  await store.putLedger(
    lease,
    keys.map((key) => ledgerRecord({ key })),
  );
  await store.reserveBatch(lease, newBatch(id, keys));
  const items = keys.map((key, index) => batchItem(key, index + 1));
  await store.sealBatch(lease, id, { items, body: utf8(id), bodySha256: id });
  for (const [index, intuitTid] of tids.entries()) {
    const send = { startedAt: at(index) };
    await store.startSend(lease, id, send);
    const state = index === tids.length - 1 ? 'settled' : 'sealed';
    await store.settleBatch(lease, id, {
      state,
      items,
      send: { ...send, endedAt: at(index), outcome: 'answered', intuitTid },
      records: [],
    });
  }
  return lease;
}

const payment = (paymentId: string): PaymentDocument => ({
  type: 'payment',
  key: `payment/${paymentId}`,
  paymentId,
  inspectionId: '812',
  customerKey: 'customer/c1',
  date: '2026-06-01',
  totalCents: 45_000,
  referenceNumber: `spp${paymentId}`,
  invoiceKey: 'invoice/812',
  applyCents: 45_000,
  method: 'card',
});
