import { parseEntryId } from '../entry-id.ts';
import { jsonOf, numberOf, optionalBytesOf, optionalTextOf, textOf } from './columns.ts';
import type { Entry, EntryState } from '../entry.ts';
import type { Reason } from '@vesper/core/reason';
import type { Tables } from '../tables.ts';
import type { SqliteConnection, SqlRow } from './connection.ts';
import type { LeaseTable } from './lease-table.ts';

export type EntryTable = Pick<
  Tables,
  'entry' | 'entriesByRefs' | 'entriesByState' | 'counts' | 'moveEntry' | 'settleEntries' | 'redactBodies' | 'conflicts'
>;

export type ListedEntry = Omit<Entry, 'body'>;

/** Columns of an entry without its body; the table is to be named `e`. */
export const entryColumns =
  'e.seq, e.id, e.type, e.subject, e.refs, e.words, e.body_sha256, e.received_at, e.state, e.reason, e.attempts, e.conflicts, e.settled_at, e.run_id';

export function createEntryTable({
  connection,
  leases,
  now,
}: {
  connection: SqliteConnection;
  leases: LeaseTable;
  now: () => number;
}): EntryTable {
  const bumpCount = (companyId: string, state: string, by: number) =>
    connection.run(
      'INSERT INTO entry_counts (company_id, state, n) VALUES (:companyId, :state, :by) ON CONFLICT DO UPDATE SET n = n + :by',
      { companyId, state, by },
    );

  return {
    entry(id) {
      const row = connection.get(`SELECT ${entryColumns}, b.body FROM entries e LEFT JOIN entry_bodies b USING (seq) WHERE e.id = :id`, {
        id,
      });
      return row === undefined ? undefined : toEntry(row);
    },

    entriesByRefs(companyId, refs) {
      const rows = connection.all(
        `SELECT ${entryColumns}, b.body FROM entries e LEFT JOIN entry_bodies b USING (seq)
         WHERE e.seq IN (SELECT seq FROM entry_refs WHERE company_id = :companyId AND ref IN (SELECT value FROM json_each(:refs)))
         ORDER BY e.received_at, e.seq`,
        { companyId, refs: JSON.stringify(refs) },
      );
      return rows.map(toEntry);
    },

    /** By arrival: in the order of ids, which are random, every open entry would have a page of the index to itself. */
    entriesByState(companyId, states, { after, limit }) {
      const afterSeq =
        after === undefined ? 0 : Number(connection.get('SELECT seq FROM entries WHERE id = :after', { after })?.['seq'] ?? Infinity);
      const pages = [...new Set(states)].map((state) =>
        connection.all(
          `SELECT ${entryColumns} FROM entries e WHERE company_id = :companyId AND ${isOpen(state) ? `state IN ('pending', 'held', 'failed') AND ` : ''}state = :state AND seq > :afterSeq ORDER BY seq LIMIT :limit`,
          { companyId, state, afterSeq, limit },
        ),
      );
      return pages
        .flat()
        .sort((a, b) => numberOf(a, 'seq') - numberOf(b, 'seq'))
        .slice(0, limit)
        .map(toListedEntry);
    },

    /** Counters, and what is not folded in yet. */
    counts(companyId) {
      const company = companyId === undefined ? {} : { companyId };
      const rows = connection.all(
        `SELECT state, SUM(n) AS n FROM (
           SELECT state, n FROM entry_counts ${companyId === undefined ? '' : 'WHERE company_id = :companyId'}
           UNION ALL
           SELECT fields ->> 'state', 1 FROM inbox ${companyId === undefined ? '' : `WHERE fields ->> 'companyId' = :companyId`}
         ) GROUP BY state`,
        company,
      );
      const counts = { pending: 0, posted: 0, held: 0, failed: 0, ignored: 0, canceled: 0, quarantined: 0 };
      return Object.assign(counts, Object.fromEntries(rows.map((row) => [textOf(row, 'state'), numberOf(row, 'n')])));
    },

    moveEntry: ({ id, from, to, reason }) =>
      connection.transaction(() => {
        const row = connection.get('SELECT company_id, state FROM entries WHERE id = :id', { id });
        if (row === undefined) return { outcome: 'not_found' };
        const state = textOf(row, 'state') as EntryState;
        if (!from.includes(state)) return { outcome: 'refused', state };
        connection.run('UPDATE entries SET state = :to, reason = :reason, settled_at = :settledAt WHERE id = :id', {
          id,
          to,
          reason: reason === undefined ? null : JSON.stringify(reason),
          settledAt: to === 'pending' ? null : new Date(now()).toISOString(),
        });
        bumpCount(textOf(row, 'company_id'), state, -1);
        bumpCount(textOf(row, 'company_id'), to, 1);
        return { outcome: 'moved' };
      }),

    settleEntries: (lease, settled) =>
      connection.transaction(() => {
        leases.assertHeld(lease);
        for (const { id, state, reason, runId, at } of settled) {
          const row = connection.get('SELECT state FROM entries WHERE id = :id AND company_id = :companyId', {
            id,
            companyId: lease.companyId,
          });
          if (row === undefined || textOf(row, 'state') === 'canceled') continue;
          // Telling the same conclusion twice, after a lost answer, counts one attempt.
          connection.run(
            `UPDATE entries SET state = :state, reason = :reason, settled_at = :settledAt, run_id = :runId,
               attempts = attempts + (settled_by IS NOT :settledBy), settled_by = :settledBy WHERE id = :id`,
            {
              id,
              state,
              reason: reason === undefined ? null : JSON.stringify(reason),
              settledAt: state === 'pending' ? null : at,
              runId,
              settledBy: `${runId}|${at}|${state}`,
            },
          );
          bumpCount(lease.companyId, textOf(row, 'state'), -1);
          bumpCount(lease.companyId, state, 1);
        }
      }),

    redactBodies: (before, limit) =>
      connection.transaction(() => {
        const rows = connection.all(
          `SELECT b.seq, e.id FROM entry_bodies b JOIN entries e USING (seq)
           WHERE e.state IN ('posted', 'ignored', 'canceled') AND e.received_at < :before
             AND b.seq <= (SELECT max(newest) FROM (
               SELECT (SELECT seq FROM entries WHERE state = s.value AND received_at < :before ORDER BY received_at DESC LIMIT 1) AS newest
               FROM json_each('["posted","ignored","canceled"]') s))
           ORDER BY b.seq LIMIT :limit`,
          { before, limit },
        );
        for (const row of rows) {
          connection.run('DELETE FROM entry_bodies WHERE seq = :seq', { seq: numberOf(row, 'seq') });
          connection.run('UPDATE entry_conflicts SET body = NULL WHERE entry_id = :id', { id: textOf(row, 'id') });
        }
        return rows.length;
      }),

    conflicts: (id) =>
      connection
        .all('SELECT body_sha256, received_at, body FROM entry_conflicts WHERE entry_id = :id ORDER BY received_at, body_sha256', { id })
        .map((row) => {
          const body = optionalBytesOf(row, 'body');
          return {
            bodySha256: textOf(row, 'body_sha256'),
            receivedAt: textOf(row, 'received_at'),
            ...(body === undefined ? {} : { body }),
          };
        }),
  };
}

/** The states of the small partial index `entries_open`: what the evening works on stays fast however much is settled. */
const isOpen = (state: EntryState): boolean => state === 'pending' || state === 'held' || state === 'failed';

export function toListedEntry(row: SqlRow): ListedEntry {
  const id = textOf(row, 'id');
  const settledAt = optionalTextOf(row, 'settled_at');
  const runId = optionalTextOf(row, 'run_id');
  return {
    id,
    ...parseEntryId(id),
    type: textOf(row, 'type'),
    subject: textOf(row, 'subject'),
    refs: jsonOf<string[]>(row, 'refs'),
    words: jsonOf<string[]>(row, 'words'),
    bodySha256: textOf(row, 'body_sha256'),
    receivedAt: textOf(row, 'received_at'),
    state: textOf(row, 'state') as EntryState,
    ...(row['reason'] === null ? {} : { reason: jsonOf<Reason>(row, 'reason') }),
    attempts: numberOf(row, 'attempts'),
    conflicts: numberOf(row, 'conflicts'),
    ...(settledAt === undefined ? {} : { settledAt }),
    ...(runId === undefined ? {} : { runId }),
  };
}

export function toEntry(row: SqlRow): Entry {
  const body = optionalBytesOf(row, 'body');
  return { ...toListedEntry(row), ...(body === undefined ? {} : { body }) };
}
