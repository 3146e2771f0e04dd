import type { DocumentType } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { Store } from '@vesper/outbox/store';

/** What a run changed in QuickBooks, by type of document; amounts in cents. */
export type RunAmounts = Partial<Record<DocumentType, Record<'posted' | 'updated' | 'voided', { count: number; cents: number }>>>;

export interface RunWatch {
  /** The store the run works with. */
  store: Store;
  amounts(): RunAmounts;
}

/**
 * A store that looks on while a run writes: counts what takes effect, and tells of the inspections concerned before it is written, so that
 * nothing that happened in QuickBooks can go untold, wherever the process dies.
 */
export function watchRun(store: Store, onEffect: (inspectionIds: ReadonlySet<string>) => Promise<void>): RunWatch {
  const amounts: RunAmounts = {};
  const tell = async (records: readonly LedgerRecord[]): Promise<readonly LedgerRecord[]> => {
    const effects = records.filter(({ state, type }) => (state === 'posted' || state === 'voided') && type !== 'customer');
    const inspectionIds = new Set(effects.flatMap(({ inspectionId }) => inspectionId ?? []));
    if (inspectionIds.size > 0) await onEffect(inspectionIds);
    return effects;
  };
  const count = (record: LedgerRecord, what: 'posted' | 'updated' | 'voided'): void => {
    const of = (amounts[record.type] ??= { posted: none(), updated: none(), voided: none() })[what];
    const { posted, quickbooks } = record;
    of.count += 1;
    of.cents += (what === 'voided' ? undefined : quickbooks?.totalCents) ?? (posted && 'totalCents' in posted ? posted.totalCents : 0);
  };

  const watched: Pick<Store, 'settleBatch' | 'putLedger'> = {
    async settleBatch(lease, batchId, settlement) {
      const effects = await tell(settlement.records);
      await store.settleBatch(lease, batchId, settlement);
      const kinds = new Map(settlement.items.map(({ key, operation }) => [key, operation.kind]));
      for (const record of effects)
        count(record, record.state === 'voided' ? 'voided' : kinds.get(record.key) === 'update' ? 'updated' : 'posted');
    },
    async putLedger(lease, records) {
      const effects = await tell(records);
      const written = await store.putLedger(lease, records);
      const refused = new Set(written.refused);
      for (const record of effects) if (!refused.has(record.key)) count(record, record.state === 'voided' ? 'voided' : 'posted');
      return written;
    },
  };
  return { store: Object.assign(Object.create(store) as Store, watched), amounts: () => amounts };
}

function none(): { count: number; cents: number } {
  return { count: 0, cents: 0 };
}
