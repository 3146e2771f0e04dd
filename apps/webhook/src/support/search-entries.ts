import type { Entry } from '@vesper/outbox/entry';
import type { EntryFilter } from '@vesper/outbox/store';
import { companiesWithin } from '../people/reach.ts';
import { documentsByText, type FoundDocument } from './documents-by-text.ts';
import type { Agent, SupportRoom } from './support-room.ts';

export type EntrySearch = Omit<EntryFilter, 'companyIds'> & { company?: string };

export interface EntrySearchResult {
  /** Newest first; on the first page those found by their documents come before the rest. */
  entries: Omit<Entry, 'body'>[];
  next?: string;
  /** Documents whose number, QuickBooks id or `intuit_tid` is the text searched for. */
  documents: FoundDocument[];
}

/** Entries of a dozen subjects are what one screen shows of documents found. */
const MOST_SUBJECTS = 20;

/**
 * Finds entries by words and ids (inspection, payment, client name, e-mail), and, when the text is one, by document number, QuickBooks id or
 * `intuit_tid`, through the ledger and the batches.
 */
export async function searchEntries(
  room: Pick<SupportRoom, 'store'>,
  { who, filter }: { who: Agent; filter: EntrySearch },
): Promise<EntrySearchResult> {
  const { store } = room;
  const { company, ...rest } = filter;
  const companyIds = companiesWithin(who, company);
  if (companyIds?.length === 0) return { entries: [], documents: [] };
  const scope = companyIds ? { companyIds } : {};
  const found = await store.search({ ...rest, ...scope });
  if (rest.q === undefined || rest.cursor !== undefined) return { ...found, documents: [] };

  const documents = await documentsByText(room, { text: rest.q.trim(), companyIds });
  const { q: _, ...withoutText } = rest;
  const places = new Map(
    documents.flatMap(({ companyId, subject }) =>
      subject === undefined ? [] : [[`${companyId}|${subject}`, { companyId, subject }] as const],
    ),
  );
  const first: Omit<Entry, 'body'>[] = [];
  for (const { companyId, subject } of [...places.values()].slice(0, MOST_SUBJECTS))
    first.push(...(await store.search({ ...withoutText, companyIds: [companyId], subject })).entries);
  const known = new Set(first.map(({ id }) => id));
  return { ...found, entries: [...first, ...found.entries.filter(({ id }) => !known.has(id))], documents };
}
