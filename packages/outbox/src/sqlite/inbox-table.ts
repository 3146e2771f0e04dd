import { jsonOf, numberOf, optionalBytesOf, textOf } from './columns.ts';
import type { EntryState } from '../entry.ts';
import type { SqliteConnection, SqlRow } from './connection.ts';
import type { AppendException, PackedEntries, PackedFields } from './packed-entries.ts';

/**
 * Where entries arrive: one durable row each, at the end of one table, whatever the number of companies and old entries. `foldIn` moves
 * them to the tables they are found by, many at a time, in which the cost of six indexes is shared. An entry is in one of the two places.
 */
export interface InboxTable {
  /** One commit for all of them. */
  appendPacked(group: PackedEntries): AppendException[];
  /** Moves up to `limit` entries, oldest first; how many. */
  foldIn(limit: number): number;
  /** The newest entry that is not folded in yet; 0 when there is none. Grows while any is there. */
  newestUnfolded(): number;
  oldestUnfolded(): number;
}

export interface UnfoldedEntry {
  id: string;
  bodySha256: string;
  fields: PackedFields;
  body: Uint8Array;
}

export function createInboxTable(options: {
  connection: SqliteConnection;
  insertEntries: (entries: readonly UnfoldedEntry[]) => void;
}): InboxTable {
  const { connection, insertEntries } = options;

  function repeated(row: { index: number; id: string; bodySha256: string; fields: string }, body: Uint8Array): AppendException {
    const { index, id, bodySha256, fields } = row;
    const known =
      connection.get('SELECT body_sha256, state FROM entries WHERE id = :id', { id }) ??
      connection.get(`SELECT body_sha256, fields ->> 'state' AS state FROM inbox WHERE id = :id`, { id }) ??
      {};
    if (textOf(known, 'body_sha256') === bodySha256) return { index, outcome: 'duplicate', state: textOf(known, 'state') as EntryState };
    const { receivedAt } = JSON.parse(fields) as PackedFields;
    const { changes } = connection.run(
      'INSERT INTO entry_conflicts (entry_id, body_sha256, received_at, body) VALUES (:id, :bodySha256, :receivedAt, :body) ON CONFLICT DO NOTHING',
      { id, bodySha256, receivedAt, body },
    );
    if (changes > 0) connection.run('UPDATE entries SET conflicts = conflicts + 1 WHERE id = :id', { id });
    return { index, outcome: 'conflict' };
  }

  return {
    appendPacked: ({ rows, bodies }) =>
      connection.transaction(() => {
        const exceptions: AppendException[] = [];
        let bodyStart = 0;
        for (const [index, { id, bodySha256, fields, bodyEnd }] of rows.entries()) {
          const body = bodies.subarray(bodyStart, bodyEnd);
          bodyStart = bodyEnd;
          const { changes } = connection.run(
            `INSERT INTO inbox (id, body_sha256, fields, body) SELECT :id, :bodySha256, :fields, :body
             WHERE NOT EXISTS (SELECT 1 FROM entries WHERE id = :id) ON CONFLICT (id) DO NOTHING`,
            { id, bodySha256, fields, body },
          );
          if (changes === 0) exceptions.push(repeated({ index, id, bodySha256, fields }, body));
        }
        return exceptions;
      }),

    foldIn: (limit) =>
      connection.transaction(() => {
        const rows = connection.all('SELECT seq, id, body_sha256, fields, body FROM inbox ORDER BY seq LIMIT :limit', { limit });
        const last = rows.at(-1);
        if (last === undefined) return 0;
        insertEntries(rows.map(toUnfolded));
        connection.run('DELETE FROM inbox WHERE seq <= :seq', { seq: numberOf(last, 'seq') });
        return rows.length;
      }),

    newestUnfolded: () => Number(connection.get('SELECT max(seq) AS seq FROM inbox')?.['seq'] ?? 0),
    oldestUnfolded: () => Number(connection.get('SELECT min(seq) AS seq FROM inbox')?.['seq'] ?? 0),
  };
}

const toUnfolded = (row: SqlRow): UnfoldedEntry => ({
  id: textOf(row, 'id'),
  bodySha256: textOf(row, 'body_sha256'),
  fields: jsonOf<PackedFields>(row, 'fields'),
  body: optionalBytesOf(row, 'body') ?? new Uint8Array(),
});
