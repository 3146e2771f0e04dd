import { parseEntryId } from '../entry-id.ts';
import { jsonOf, numberOf, textOf } from './columns.ts';
import { searchTokens } from './search-tokens.ts';
import type { EntryState } from '../entry.ts';
import type { SqliteConnection, SqlRow } from './connection.ts';
import type { AppendException, PackedEntries, PackedFields } from './packed-entries.ts';

/**
 * Where entries arrive: one durable row each, at the end of one table, whatever the number of companies and old entries. `foldIn` moves
 * them to the tables they are found by, many at a time, so that they share the cost of the indexes. An entry is in one of the two places.
 */
export interface InboxTable {
  /** One commit for all of them. */
  appendPacked(group: PackedEntries): AppendException[];
  /** Moves up to `limit` entries, oldest first; how many. */
  foldIn(limit: number): number;
  /** The newest entry that is not folded in yet; 0 when there is none. Grows while any is there. */
  newestUnfolded(): number;
  oldestUnfolded(): number;
  /** The place of an entry that is written without passing through here. */
  nextSeq: () => number;
}

export function createInboxTable({ connection }: { connection: SqliteConnection }): InboxTable {
  /** Goes on over both tables and is never used twice: the place of an entry stays what it was on arrival. */
  let lastSeq = Number(
    connection.get('SELECT max((SELECT ifnull(max(seq), 0) FROM entries), (SELECT ifnull(max(seq), 0) FROM inbox)) AS seq')?.['seq'],
  );

  /**
   * Ids that are not folded in yet, with their places. In memory, since an index of random ids cost more than all else of an append; this is the
   * only writer of the file, and one row for each id is what the unique key of `entries` keeps.
   */
  const unfolded = new Map(connection.all('SELECT id, seq FROM inbox').map((row) => [textOf(row, 'id'), numberOf(row, 'seq')]));

  function repeated(
    row: { index: number; id: string; bodySha256: string; fields: string },
    body: Uint8Array,
    seq: number,
  ): AppendException {
    const { index, id, bodySha256, fields } = row;
    const known =
      connection.get('SELECT body_sha256, state FROM entries WHERE id = :id', { id }) ??
      connection.get(`SELECT body_sha256, fields ->> 'state' AS state FROM inbox WHERE seq = :seq`, { seq }) ??
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
    appendPacked({ rows, bodies }) {
      const added = new Map<string, number>();
      const exceptions = connection.transaction(() => {
        const found: AppendException[] = [];
        let bodyStart = 0;
        for (const [index, { id, bodySha256, fields, bodyEnd }] of rows.entries()) {
          const body = bodies.subarray(bodyStart, bodyEnd);
          bodyStart = bodyEnd;
          const waiting = unfolded.get(id) ?? added.get(id);
          const seq = lastSeq + 1;
          if (waiting === undefined && connection.run(insertEntry, [seq, id, bodySha256, fields, body]).changes > 0) {
            lastSeq = seq;
            added.set(id, seq);
          } else found.push(repeated({ index, id, bodySha256, fields }, body, waiting ?? 0));
        }
        return found;
      });
      for (const [id, seq] of added) unfolded.set(id, seq);
      return exceptions;
    },

    foldIn(limit) {
      const folded = connection.transaction(() => {
        const rows = connection.all('SELECT seq, id, fields FROM inbox ORDER BY seq LIMIT :limit', { limit });
        const last = rows.at(-1);
        if (last === undefined) return [];
        const upTo = { seq: numberOf(last, 'seq') };
        connection.run(moveEntries, upTo);
        connection.run(
          'INSERT INTO entry_bodies (seq, body) SELECT seq, i.body FROM inbox i CROSS JOIN entries USING (seq) WHERE seq <= :seq',
          upTo,
        );
        connection.run(moveRefs, upTo);
        connection.run(moveCounts, upTo);
        connection.run(
          `INSERT INTO entry_search (rowid, terms) SELECT value ->> 0, value ->> 1 FROM json_each(:tokens) WHERE value ->> 0 IN (SELECT seq FROM entries)`,
          { tokens: JSON.stringify(rows.map((row) => [numberOf(row, 'seq'), tokensOf(row)])) },
        );
        connection.run('DELETE FROM inbox WHERE seq <= :seq', upTo);
        return rows;
      });
      for (const row of folded) unfolded.delete(textOf(row, 'id'));
      return folded.length;
    },

    nextSeq: () => ++lastSeq,
    newestUnfolded: () => Number(connection.get('SELECT max(seq) AS seq FROM inbox')?.['seq'] ?? 0),
    oldestUnfolded: () => Number(connection.get('SELECT min(seq) AS seq FROM inbox')?.['seq'] ?? 0),
  };
}

const insertEntry = `
  INSERT INTO inbox (seq, id, body_sha256, fields, body) SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM entries WHERE id = ?2)`;

const moveEntries = `
  INSERT INTO entries (seq, id, company_id, type, subject, refs, words, body_sha256, received_at, state, reason, conflicts)
  SELECT seq, id, fields ->> 'companyId', fields ->> 'type', fields ->> 'subject', fields -> 'refs', fields -> 'words', body_sha256,
    fields ->> 'receivedAt', fields ->> 'state', fields -> 'reason', (SELECT count(*) FROM entry_conflicts WHERE entry_id = inbox.id)
  FROM inbox WHERE seq <= :seq ORDER BY seq ON CONFLICT (id) DO NOTHING`;

const moveRefs = `
  INSERT OR IGNORE INTO entry_refs (company_id, ref, seq)
  SELECT company_id, ref.value, seq FROM inbox CROSS JOIN entries USING (seq) CROSS JOIN json_each(fields, '$.refs') AS ref WHERE seq <= :seq`;

const moveCounts = `
  INSERT INTO entry_counts (company_id, state, n)
  SELECT company_id, state, count(*) FROM inbox CROSS JOIN entries USING (seq) WHERE seq <= :seq GROUP BY 1, 2
  ON CONFLICT DO UPDATE SET n = n + excluded.n`;

function tokensOf(row: SqlRow): string {
  const id = textOf(row, 'id');
  const { subject, refs, words } = jsonOf<PackedFields>(row, 'fields');
  return searchTokens({ id, webhookId: parseEntryId(id).webhookId, subject, refs, words });
}
