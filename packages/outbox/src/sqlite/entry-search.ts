import { parseSearch, toSearchTerms } from '../search-terms.ts';
import { readSearchCursor, writeSearchCursor } from '../search-cursor.ts';
import { parseEntryId } from '../entry-id.ts';
import { entryColumns, toListedEntry } from './entry-table.ts';
import { jsonOf, numberOf, textOf } from './columns.ts';
import type { EntryState } from '../entry.ts';
import type { Tables } from '../tables.ts';
import type { SqliteConnection, SqlParameters, SqlRow } from './connection.ts';

export type EntrySearch = Pick<Tables, 'search'> & {
  /** Adds up to `limit` of the newest entries to the word index; how many. Kept out of `append`, which must stay cheap. */
  indexEntries(limit: number): number;
  unindexed(): number;
};

/**
 * Words live in an FTS5 index (a log-structured merge tree, so its cost does not grow like that of one more B-tree), each as one token of
 * letters made from company and word: a prefix of the word is a prefix of the token, and a search never leaves its company.
 */
export function createEntrySearch({ connection }: { connection: SqliteConnection }): EntrySearch {
  const indexedUpTo = () => Number(connection.get(`SELECT seq FROM progress WHERE name = 'entry_search'`)?.['seq'] ?? 0);
  const newestSeq = () => Number(connection.get('SELECT max(seq) AS seq FROM entries')?.['seq'] ?? 0);

  const search: EntrySearch = {
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
      if (terms !== undefined) while (search.indexEntries(1_000) > 0);

      const rows: SqlRow[] = [];
      for (const companyId of companyIds ?? (narrowed ? companiesWithEntries(connection) : [undefined])) {
        const company: SqlParameters = companyId === undefined ? {} : { companyId };
        if (narrowed) {
          // `+` keeps the planner from walking a state index: the few matches are looked up and sorted.
          rows.push(
            ...connection.all(
              `SELECT ${entryColumns} FROM entries e WHERE e.seq IN (${terms === undefined ? bySubject : byTerms}) AND +e.company_id = :companyId
               AND +e.state IN (SELECT value FROM json_each(:states))${bounds} ORDER BY e.received_at DESC, e.seq DESC LIMIT :limit`,
              {
                ...company,
                ...page,
                states: JSON.stringify(wanted),
                ...(terms === undefined || companyId === undefined ? {} : { match: matchExpression(companyId, terms) }),
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

    indexEntries: (limit) =>
      connection.transaction(() => {
        const after = indexedUpTo();
        const rows = connection.all('SELECT seq, id, subject, refs, words FROM entries WHERE seq > :after ORDER BY seq LIMIT :limit', {
          after,
          limit,
        });
        for (const row of rows)
          connection.run('INSERT INTO entry_search (rowid, terms) VALUES (:seq, :terms)', {
            seq: numberOf(row, 'seq'),
            terms: tokensOf(row),
          });
        const last = rows.at(-1);
        if (last !== undefined)
          connection.run(`INSERT INTO progress (name, seq) VALUES ('entry_search', :seq) ON CONFLICT DO UPDATE SET seq = :seq`, {
            seq: numberOf(last, 'seq'),
          });
        return rows.length;
      }),

    unindexed: () => newestSeq() - indexedUpTo(),
  };
  return search;
}

const allStates: readonly EntryState[] = ['pending', 'posted', 'held', 'failed', 'ignored', 'canceled', 'quarantined'];

/** A word that matches very many entries is searched among the newest this many. */
const matchLimit = 20_000;
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

function tokensOf(row: SqlRow): string {
  const id = textOf(row, 'id');
  const { companyId, webhookId } = parseEntryId(id);
  const terms = toSearchTerms({
    id,
    webhookId,
    subject: textOf(row, 'subject'),
    refs: jsonOf<string[]>(row, 'refs'),
    words: jsonOf<string[]>(row, 'words'),
  });
  return [...terms.words.map((word) => wordToken(companyId, word)), ...terms.ids.map((id) => idToken(companyId, id))].join(' ');
}

const matchExpression = (companyId: string, { words, ids }: { words: string[]; ids: string[] }): string =>
  [`(${words.map((word) => `${wordToken(companyId, word)}*`).join(' AND ')})`, ...ids.map((id) => idToken(companyId, id))].join(' OR ');

const hex = (text: string): string => Buffer.from(text).toString('hex');
const wordToken = (companyId: string, word: string): string => `w${hex(companyId)}x${hex(word)}`;
const idToken = (companyId: string, id: string): string => `i${hex(companyId)}x${hex(id)}`;
