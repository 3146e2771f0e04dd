import { parseSearch } from '../search-terms.ts';
import { readSearchCursor, writeSearchCursor } from '../search-cursor.ts';
import { entryColumns, toListedEntry } from './entry-table.ts';
import { matchExpression } from './search-tokens.ts';
import { numberOf, textOf } from './columns.ts';
import type { EntryState } from '../entry.ts';
import type { Tables } from '../tables.ts';
import type { SqliteConnection, SqlParameters, SqlRow } from './connection.ts';

export type EntrySearch = Pick<Tables, 'search'>;

export function createEntrySearch({ connection }: { connection: SqliteConnection }): EntrySearch {
  return {
    search({ companyIds, states, type, subject, q, from, to, cursor, limit }) {
      const page = {
        ...(type === undefined ? {} : { type }),
        ...(subject === undefined ? {} : { subject }),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...beforeCursor(cursor),
        limit: limit + 1,
      };
      const bounds = conditions(page);
      const wanted: readonly EntryState[] = states ?? allStates;
      const terms = q === undefined ? undefined : parseSearch(q);
      const narrowed = terms !== undefined || subject !== undefined;

      const rows: SqlRow[] = [];
      for (const group of groupsOf(
        companyIds ?? (narrowed ? companiesWithEntries(connection) : [undefined]),
        terms ? companiesAtOnce : 1,
      )) {
        const [companyId] = group;
        const company: SqlParameters = companyId === undefined ? {} : { companyId };
        if (narrowed) {
          // `+` keeps the planner from walking a state index: the few matches are looked up and sorted.
          rows.push(
            ...connection.all(
              `SELECT ${entryColumns} FROM entries e WHERE e.seq IN (${terms === undefined ? bySubject : byTerms})
               AND ${terms === undefined ? '+e.company_id = :companyId' : '+e.company_id IN (SELECT value FROM json_each(:companies))'}
               AND +e.state IN (SELECT value FROM json_each(:states))${bounds} ORDER BY e.received_at DESC, e.seq DESC LIMIT :limit`,
              {
                ...page,
                states: JSON.stringify(wanted),
                ...(terms === undefined
                  ? company
                  : {
                      companies: JSON.stringify(group),
                      match: group.flatMap((id) => (id === undefined ? [] : [matchExpression(id, terms)])).join(' OR '),
                    }),
              },
            ),
          );
          continue;
        }
        const index = companyId === undefined ? 'entries_of_all' : 'entries_of_company';
        for (const state of new Set(wanted))
          rows.push(
            ...connection.all(
              `SELECT ${entryColumns} FROM entries e INDEXED BY ${index} WHERE ${companyId === undefined ? '' : 'e.company_id = :companyId AND '}e.state = :state${bounds}
               ORDER BY e.received_at DESC, e.seq DESC LIMIT :limit`,
              { ...company, ...page, state },
            ),
          );
      }
      return toPage(rows, limit);
    },
  };
}

const allStates: readonly EntryState[] = ['pending', 'posted', 'held', 'failed', 'ignored', 'canceled', 'quarantined'];

/** Words of this many companies are searched for in one statement. */
const companiesAtOnce = 200;

function groupsOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/** A word that matches very many entries is searched among the newest this many. */
const matchLimit = 5_000;
const byTerms = `SELECT rowid FROM (SELECT rowid FROM entry_search WHERE entry_search MATCH :match ORDER BY rowid DESC LIMIT ${matchLimit})`;
const bySubject = 'SELECT seq FROM entry_refs WHERE company_id = :companyId AND ref = :subject';

const conditions = (page: { type?: string; subject?: string; from?: string; to?: string; cursorAt?: string }): string =>
  [
    page.type === undefined ? '' : ' AND e.type = :type',
    page.subject === undefined ? '' : ' AND e.subject = :subject',
    page.from === undefined ? '' : ' AND e.received_at >= :from',
    page.to === undefined ? '' : ' AND e.received_at < :to',
    page.cursorAt === undefined ? '' : ' AND (e.received_at, e.seq) < (:cursorAt, :cursorSeq)',
  ].join('');

function beforeCursor(cursor: string | undefined): { cursorAt?: string; cursorSeq?: number } {
  if (cursor === undefined) return {};
  const { receivedAt, tie } = readSearchCursor(cursor);
  return { cursorAt: receivedAt, cursorSeq: Number(tie) };
}

function toPage(rows: SqlRow[], limit: number): ReturnType<EntrySearch['search']> {
  const sorted = rows.sort((a, b) => {
    const [left, right] = [textOf(a, 'received_at'), textOf(b, 'received_at')];
    return left === right ? numberOf(b, 'seq') - numberOf(a, 'seq') : left < right ? 1 : -1;
  });
  const shown = sorted.slice(0, limit);
  const last = shown.at(-1);
  const entries = shown.map(toListedEntry);
  if (sorted.length <= limit || last === undefined) return { entries };
  return { entries, next: writeSearchCursor({ receivedAt: textOf(last, 'received_at'), tie: String(numberOf(last, 'seq')) }) };
}

const companiesWithEntries = (connection: SqliteConnection): string[] =>
  connection.all('SELECT DISTINCT company_id FROM entry_counts').map((row) => textOf(row, 'company_id'));
