import { jsonOf, numberOf, textOf } from './columns.ts';
import type { AuditRow } from '../store.ts';
import type { Tables } from '../tables.ts';
import type { SqliteConnection } from './connection.ts';

export type AuditTable = Pick<Tables, 'appendAudit' | 'audit'>;

export function createAuditTable({ connection }: { connection: SqliteConnection }): AuditTable {
  function place(id: string): { afterAt?: string; afterSeq?: number } {
    const row = connection.get('SELECT at, seq FROM audit WHERE id = :id', { id });
    return row === undefined ? {} : { afterAt: textOf(row, 'at'), afterSeq: numberOf(row, 'seq') };
  }

  return {
    appendAudit(row) {
      connection.run(
        'INSERT INTO audit (id, at, company_id, subject, row) VALUES (:id, :at, :companyId, :subject, :row) ON CONFLICT (id) DO NOTHING',
        { id: row.id, at: row.at, companyId: row.companyId ?? null, subject: row.subject, row: JSON.stringify(row) },
      );
    },

    audit({ companyId, subject, before, after, limit }) {
      const parameters = {
        ...(companyId === undefined ? {} : { companyId }),
        ...(subject === undefined ? {} : { subject }),
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : place(after)),
        limit,
      };
      const conditions = [
        ...(companyId === undefined ? [] : ['company_id = :companyId']),
        ...(subject === undefined ? [] : ['subject = :subject']),
        ...(before === undefined ? [] : ['at < :before']),
        ...('afterAt' in parameters ? ['(at, seq) < (:afterAt, :afterSeq)'] : []),
      ];
      return connection
        .all(
          `SELECT row FROM audit ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`} ORDER BY at DESC, seq DESC LIMIT :limit`,
          parameters,
        )
        .map((row) => jsonOf<AuditRow>(row, 'row'));
    },
  };
}
