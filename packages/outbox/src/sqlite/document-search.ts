import { jsonOf, textOf } from './columns.ts';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { DocumentMatch } from '../store.ts';
import type { Tables } from '../tables.ts';
import type { SqliteConnection } from './connection.ts';

export type DocumentSearch = Pick<Tables, 'documentsByText'>;

/** Finds documents by the numbers people read aloud. Each condition is word for word the expression of its index in `migrations.ts`. */
export function createDocumentSearch({ connection }: { connection: SqliteConnection }): DocumentSearch {
  return {
    documentsByText({ companyIds, text, limit }) {
      const wanted = companyIds && new Set(companyIds);
      const find = (by: DocumentMatch['by'], places: string): DocumentMatch[] =>
        connection
          .all(places, { text })
          .map((row) => ({ companyId: textOf(row, 'company_id'), key: textOf(row, 'key') }))
          .filter(({ companyId }) => wanted?.has(companyId) ?? true)
          .sort((a, b) => compare(a.companyId, b.companyId) || compare(a.key, b.key))
          .slice(0, limit)
          .flatMap((place) => {
            const row = connection.get('SELECT record, batch_id FROM documents WHERE company_id = :companyId AND key = :key', place);
            return row === undefined ? [] : [{ companyId: place.companyId, by, record: toRecord(row) }];
          });
      return [...find('document_number', BY_NUMBER), ...find('quickbooks_id', BY_QUICKBOOKS_ID), ...find('intuit_tid', BY_TID)];
    },
  };
}

const BY_NUMBER = `SELECT company_id, key FROM documents WHERE record ->> '$.quickbooks.docNumber' = :text
  UNION SELECT company_id, key FROM documents WHERE coalesce(
    record ->> '$.wanted.document.docNumber', record ->> '$.wanted.document.referenceNumber',
    record ->> '$.posted.docNumber', record ->> '$.posted.referenceNumber'
  ) = :text`;
const BY_QUICKBOOKS_ID = 'SELECT company_id, key FROM documents WHERE quickbooks_id = :text';
const KEYS_OF_BATCH = `SELECT b.company_id, json_each.value ->> '$.key' AS key FROM batches b JOIN json_each(b.items)`;
const BY_TID = `${KEYS_OF_BATCH} WHERE b.sends ->> '$[0].intuitTid' = :text
  UNION ${KEYS_OF_BATCH} WHERE b.sends ->> '$[#-1].intuitTid' = :text`;

function toRecord(row: Parameters<typeof textOf>[0]): LedgerRecord {
  const record = jsonOf<LedgerRecord>(row, 'record');
  return row['batch_id'] === null ? record : { ...record, batchId: textOf(row, 'batch_id') };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
