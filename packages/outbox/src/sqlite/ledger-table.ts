import { ledgerDate } from '../ledger-date.ts';
import { jsonOf, textOf } from './columns.ts';
import type { DocumentKey } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { Tables } from '../tables.ts';
import type { SqliteConnection, SqlRow } from './connection.ts';
import type { LeaseTable } from './lease-table.ts';

export type LedgerTable = Pick<
  Tables,
  'ledger' | 'ledgerByInspection' | 'ledgerByState' | 'ledgerByDate' | 'ledgerByQuickbooks' | 'putLedger'
> & {
  /** The live batch a document is in. `undefined` when there is no such document. */
  batchOf(companyId: string, key: DocumentKey): { batchId: string | undefined } | undefined;
  /** Writes a record whatever batch it is in, and the batch it is in from now on. */
  write(companyId: string, record: LedgerRecord, batchId: string | undefined): void;
  /** Documents held by a batch. */
  inBatch(companyId: string, batchId: string): LedgerRecord[];
};

export function createLedgerTable({ connection, leases }: { connection: SqliteConnection; leases: LeaseTable }): LedgerTable {
  const select = (where: string, parameters: Record<string, string | number>) =>
    connection.all(`SELECT record, batch_id FROM documents WHERE company_id = :companyId AND ${where}`, parameters).map(toRecord);

  const table: LedgerTable = {
    ledger(companyId, keys) {
      const records = select('key IN (SELECT value FROM json_each(:keys))', { companyId, keys: JSON.stringify(keys) });
      return new Map(records.map((record) => [record.key, record]));
    },
    ledgerByInspection: (companyId, inspectionId) => select('inspection_id = :inspectionId ORDER BY key', { companyId, inspectionId }),
    ledgerByState: (companyId, states, { after = '', limit }) =>
      [...new Set(states)]
        .flatMap((state) => select('state = :state AND key > :after ORDER BY key LIMIT :limit', { companyId, state, after, limit }))
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .slice(0, limit),
    ledgerByDate: (companyId, { from, to }, { after = '', limit }) =>
      select('local_date BETWEEN :from AND :to AND +key > :after ORDER BY key LIMIT :limit', { companyId, from, to, after, limit }),
    ledgerByQuickbooks: (companyId, records) =>
      records.flatMap(({ entity, id }) =>
        select('quickbooks_entity = :entity AND quickbooks_id = :id ORDER BY key', { companyId, entity, id }),
      ),

    putLedger: (lease, records) =>
      connection.transaction(() => {
        leases.assertHeld(lease);
        const refused: DocumentKey[] = [];
        for (const record of records) {
          if (table.batchOf(lease.companyId, record.key)?.batchId === undefined) table.write(lease.companyId, record, undefined);
          else refused.push(record.key);
        }
        return { refused };
      }),

    batchOf(companyId, key) {
      const row = connection.get('SELECT batch_id FROM documents WHERE company_id = :companyId AND key = :key', { companyId, key });
      if (row === undefined) return undefined;
      return { batchId: row['batch_id'] === null ? undefined : textOf(row, 'batch_id') };
    },

    write(companyId, record, batchId) {
      const { batchId: _, ...kept } = record;
      connection.run(
        `INSERT INTO documents (company_id, key, state, inspection_id, local_date, quickbooks_entity, quickbooks_id, batch_id, record)
         VALUES (:companyId, :key, :state, :inspectionId, :localDate, :entity, :quickbooksId, :batchId, :record)
         ON CONFLICT DO UPDATE SET state = :state, inspection_id = :inspectionId, local_date = :localDate, quickbooks_entity = :entity, quickbooks_id = :quickbooksId,
           batch_id = :batchId, record = :record`,
        {
          companyId,
          key: record.key,
          state: record.state,
          inspectionId: record.inspectionId ?? null,
          localDate: ledgerDate(record) ?? null,
          entity: record.quickbooks?.entity ?? null,
          quickbooksId: record.quickbooks?.id ?? null,
          batchId: batchId ?? null,
          record: JSON.stringify(kept),
        },
      );
    },

    inBatch: (companyId, batchId) => select('batch_id = :batchId ORDER BY key', { companyId, batchId }),
  };
  return table;
}

function toRecord(row: SqlRow): LedgerRecord {
  const record = jsonOf<LedgerRecord>(row, 'record');
  return row['batch_id'] === null ? record : { ...record, batchId: textOf(row, 'batch_id') };
}
