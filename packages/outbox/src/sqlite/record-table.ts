import { jsonOf, numberOf, textOf } from './columns.ts';
import type { Tables } from '../tables.ts';
import type { SqliteConnection } from './connection.ts';

export type RecordTable = Pick<Tables, 'getRecord' | 'putRecord' | 'takeRecord' | 'listRecords'>;

const live = '(expires_at IS NULL OR expires_at > :at)';

export function createRecordTable({ connection, now }: { connection: SqliteConnection; now: () => number }): RecordTable {
  const at = () => new Date(now()).toISOString();

  /** A few at a time, on the way of a write: what expired may lie there a while, it is never given out. */
  const dropExpired = () =>
    connection.run(`DELETE FROM records WHERE (kind, id) IN (SELECT kind, id FROM records WHERE expires_at <= :at LIMIT 20)`, { at: at() });

  const table: RecordTable = {
    getRecord(kind, id) {
      const row = connection.get(`SELECT value, version FROM records WHERE kind = :kind AND id = :id AND ${live}`, { kind, id, at: at() });
      return row === undefined ? undefined : { value: jsonOf(row, 'value'), version: numberOf(row, 'version') };
    },

    putRecord: (kind, id, value, { expectedVersion, expiresAt }) =>
      connection.transaction(() => {
        dropExpired();
        const known = table.getRecord(kind, id)?.version;
        if (expectedVersion !== 'any' && known !== (expectedVersion === 'new' ? undefined : expectedVersion))
          return { outcome: 'changed_meanwhile' };
        const version = (known ?? 0) + 1;
        connection.run(
          `INSERT INTO records (kind, id, version, value, expires_at) VALUES (:kind, :id, :version, :value, :expiresAt)
           ON CONFLICT DO UPDATE SET version = :version, value = :value, expires_at = :expiresAt`,
          { kind, id, version, value: JSON.stringify(value), expiresAt: expiresAt ?? null },
        );
        return { outcome: 'saved', version };
      }),

    takeRecord: (kind, id) =>
      connection.transaction(() => {
        const known = table.getRecord(kind, id);
        if (known !== undefined) connection.run('DELETE FROM records WHERE kind = :kind AND id = :id', { kind, id });
        return known?.value;
      }),

    listRecords: (kind, { prefix = '', after = '', limit }) =>
      connection
        .all(
          `SELECT id, value, version FROM records WHERE kind = :kind AND id >= :prefix AND id > :after AND substr(id, 1, length(:prefix)) = :prefix AND ${live}
           ORDER BY id LIMIT :limit`,
          { kind, prefix, after, limit, at: at() },
        )
        .map((row) => ({ id: textOf(row, 'id'), value: jsonOf(row, 'value'), version: numberOf(row, 'version') })),
  };
  return table;
}
