import { describe, expect, it } from 'vitest';
import { claimed, collect, ledgerRecord, newBatch } from './subject.ts';
import type { InvoiceDocument } from '@vesper/core/document';
import type { Subject } from './subject.ts';

export function describeLedger(subject: () => Subject): void {
  describe('ledger', () => {
    it('gives records back as they were put, by key', async () => {
      const { store } = subject();
      const lease = await claimed(store);
      const posted = ledgerRecord({
        key: 'invoice/812',
        state: 'posted',
        posted: invoice('812', '2026-06-01'),
        quickbooks: { entity: 'Invoice', id: '145', syncToken: '0', docNumber: 'sp812', totalCents: 45_000 },
        syncedAt: '2026-06-01T20:00:00.000Z',
        attempts: 2,
        differences: ['total: sent 450.00, answered 450.01'],
      });
      expect(await store.putLedger(lease, [posted, ledgerRecord({ key: 'customer/c1', type: 'customer' })])).toEqual({ refused: [] });
      const ledger = await store.ledger('acme', ['invoice/812', 'invoice/unknown']);
      expect([...ledger.entries()]).toEqual([['invoice/812', posted]]);
      expect((await store.ledger('zenith', ['invoice/812'])).size).toBe(0);
    });

    it('replaces a record put again', async () => {
      const { store } = subject();
      const lease = await claimed(store);
      await store.putLedger(lease, [ledgerRecord({ key: 'invoice/1', reason: { code: 'x', message: 'm', remedy: 'r' } })]);
      await store.putLedger(lease, [ledgerRecord({ key: 'invoice/1', state: 'posted' })]);
      expect((await store.ledger('acme', ['invoice/1'])).get('invoice/1')).toEqual(ledgerRecord({ key: 'invoice/1', state: 'posted' }));
    });

    it('finds records by inspection, state, day and QuickBooks record, only of the company', async () => {
      const { store } = subject();
      const [acme, zenith] = [await claimed(store), await claimed(store, { companyId: 'zenith' })];
      const records = [
        ledgerRecord({
          key: 'invoice/1',
          inspectionId: '1',
          state: 'posted',
          posted: invoice('1', '2026-06-01'),
          quickbooks: { entity: 'Invoice', id: '10', syncToken: '0' },
        }),
        ledgerRecord({ key: 'payment/7', type: 'payment', inspectionId: '1', state: 'held' }),
        ledgerRecord({
          key: 'invoice/2',
          inspectionId: '2',
          state: 'failed',
          wanted: { kind: 'create', document: invoice('2', '2026-06-03') },
          quickbooks: { entity: 'Customer', id: '10', syncToken: '0' },
        }),
      ];
      await store.putLedger(acme, records);
      await store.putLedger(zenith, [
        ledgerRecord({ key: 'invoice/9', inspectionId: '1', state: 'held', posted: invoice('9', '2026-06-01') }),
      ]);
      expect(keysOf(await store.ledgerByInspection('acme', '1'))).toEqual(['invoice/1', 'payment/7']);
      expect(keysOf(await store.ledgerByState('acme', ['held', 'failed'], { limit: 10 }))).toEqual(['invoice/2', 'payment/7']);
      expect(keysOf(await store.ledgerByDate('acme', { from: '2026-06-01', to: '2026-06-02' }, { limit: 10 }))).toEqual(['invoice/1']);
      expect(keysOf(await store.ledgerByDate('acme', { from: '2026-06-01', to: '2026-06-03' }, { limit: 10 }))).toEqual([
        'invoice/1',
        'invoice/2',
      ]);
      expect(keysOf(await store.ledgerByQuickbooks('acme', [{ entity: 'Invoice', id: '10' }]))).toEqual(['invoice/1']);
      expect(keysOf(await store.ledgerByQuickbooks('zenith', [{ entity: 'Invoice', id: '10' }]))).toEqual([]);
    });

    it('pages by key through a state and through days, each once', async () => {
      const { store } = subject();
      const lease = await claimed(store);
      const all = Array.from({ length: 11 }, (_, index) => {
        const id = String(index).padStart(2, '0');
        return ledgerRecord({
          key: `invoice/${id}`,
          state: index % 2 === 0 ? 'held' : 'failed',
          posted: invoice(id, index % 3 === 0 ? '2026-06-02' : '2026-06-01'),
        });
      });
      await store.putLedger(lease, all);
      const keys = all.map(({ key }) => key);
      const byState = await collect(
        (after) => store.ledgerByState('acme', ['held', 'failed'], pageAfter(after)),
        ({ key }) => key,
      );
      const byDate = await collect(
        (after) => store.ledgerByDate('acme', { from: '2026-06-01', to: '2026-06-02' }, pageAfter(after)),
        ({ key }) => key,
      );
      expect(byState.map(({ key }) => key)).toEqual(keys);
      expect(byDate.map(({ key }) => key)).toEqual(keys);
    });

    // Without it a record on the wire could be changed under the batch that carries it.
    it('leaves a record alone that is in a live batch, and tells its key', async () => {
      const { store } = subject();
      const lease = await claimed(store);
      await store.putLedger(lease, [ledgerRecord({ key: 'invoice/1' }), ledgerRecord({ key: 'invoice/2' })]);
      await store.reserveBatch(lease, newBatch('b1', ['invoice/1']));
      const changed = ['invoice/1', 'invoice/2'].map((key) => ledgerRecord({ key, state: 'held' }));
      expect(await store.putLedger(lease, changed)).toEqual({ refused: ['invoice/1'] });
      const ledger = await store.ledger('acme', ['invoice/1', 'invoice/2']);
      expect(ledger.get('invoice/1')).toMatchObject({ state: 'sealed', batchId: 'b1' });
      expect(ledger.get('invoice/2')).toMatchObject({ state: 'held' });
    });
  });
}

const keysOf = (found: { key: string }[]): string[] => found.map(({ key }) => key).sort();

const pageAfter = (after: string | undefined) => ({ limit: 4, ...(after === undefined ? {} : { after }) });

function invoice(inspectionId: string, date: string): InvoiceDocument {
  return {
    type: 'invoice',
    key: `invoice/${inspectionId}`,
    inspectionId,
    customerKey: 'customer/c1',
    date,
    totalCents: 45_000,
    docNumber: `sp${inspectionId}`,
    lines: [],
    taxCents: 0,
  };
}
