import { copy } from './copy.ts';
import { ledgerDate } from '../ledger-date.ts';
import type { DocumentKey } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { Tables } from '../tables.ts';
import type { MemoryLeases } from './memory-leases.ts';

export type MemoryLedger = Pick<
  Tables,
  'ledger' | 'ledgerByInspection' | 'ledgerByState' | 'ledgerByDate' | 'ledgerByQuickbooks' | 'putLedger'
> & {
  find(companyId: string, key: DocumentKey): LedgerRecord | undefined;
  companyIds(): string[];
  where(companyId: string, wanted: (record: LedgerRecord) => boolean): LedgerRecord[];
  /** Writes a record whatever batch it is in, and the batch it is in from now on. */
  write(companyId: string, record: LedgerRecord, batchId: string | undefined): void;
  inBatch(companyId: string, batchId: string): LedgerRecord[];
};

export function createMemoryLedger({ leases }: { leases: MemoryLeases }): MemoryLedger {
  const companies = new Map<string, Map<DocumentKey, LedgerRecord>>();

  const select = (companyId: string, wanted: (record: LedgerRecord) => boolean): LedgerRecord[] =>
    [...(companies.get(companyId)?.values() ?? [])]
      .filter(wanted)
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map((record) => copy(record));

  const ledger: MemoryLedger = {
    find: (companyId, key) => companies.get(companyId)?.get(key),
    write(companyId, record, batchId) {
      const { batchId: _, ...kept } = copy(record);
      const records = companies.get(companyId) ?? new Map<DocumentKey, LedgerRecord>();
      companies.set(companyId, records.set(record.key, batchId === undefined ? kept : { ...kept, batchId }));
    },
    companyIds: () => [...companies.keys()].sort(),
    where: select,
    inBatch: (companyId, batchId) => select(companyId, (record) => record.batchId === batchId),

    ledger: (companyId, keys) =>
      new Map(
        keys.flatMap((key) => {
          const record = ledger.find(companyId, key);
          return record === undefined ? [] : [[key, copy(record)]];
        }),
      ),
    ledgerByInspection: (companyId, inspectionId) => select(companyId, (record) => record.inspectionId === inspectionId),
    ledgerByState: (companyId, states, { after = '', limit }) =>
      select(companyId, ({ state, key }) => states.includes(state) && key > after).slice(0, limit),
    ledgerByDate: (companyId, { from, to }, { after = '', limit }) =>
      select(companyId, (record) => {
        const date = ledgerDate(record);
        return date !== undefined && date >= from && date <= to && record.key > after;
      }).slice(0, limit),
    ledgerByQuickbooks: (companyId, records) =>
      records.flatMap(({ entity, id }) => select(companyId, ({ quickbooks }) => quickbooks?.entity === entity && quickbooks.id === id)),

    putLedger(lease, records) {
      leases.assertHeld(lease);
      const refused: DocumentKey[] = [];
      for (const record of records) {
        if (ledger.find(lease.companyId, record.key)?.batchId === undefined) ledger.write(lease.companyId, record, undefined);
        else refused.push(record.key);
      }
      return { refused };
    },
  };
  return ledger;
}
