import type { EntryState } from '@vesper/outbox/entry';
import type { EntrySearch } from '../support/search-entries.ts';
import { ENTRY_STATES } from './words.ts';

/** What the search form asks for, as its fields name it; anything malformed counts as left out. */
export interface OutboxFilter {
  q?: string;
  company?: string;
  state?: EntryState;
  type?: string;
  /** Local days of the reader's choosing, taken as UTC, both inclusive. */
  from?: string;
  to?: string;
}

export function readOutboxFilter(field: (name: string) => string | undefined): OutboxFilter {
  const given = (name: string): string | undefined => field(name)?.trim().slice(0, 200) || undefined;
  const day = (name: string): string | undefined => {
    const text = given(name);
    return text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;
  };
  const [q, company, type, from, to] = [given('q'), given('company'), given('type'), day('from'), day('to')];
  const state = Object.keys(ENTRY_STATES).find((known): known is EntryState => known === given('state'));
  return {
    ...(q !== undefined && { q }),
    ...(company !== undefined && { company }),
    ...(state && { state }),
    ...(type !== undefined && { type }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

/** For the store: days become instants, the last day whole. */
export function toEntrySearch({ state, from, to, ...rest }: OutboxFilter): Omit<EntrySearch, 'limit' | 'cursor'> {
  return {
    ...rest,
    ...(state && { states: [state] }),
    ...(from !== undefined && { from: `${from}T00:00:00.000Z` }),
    ...(to !== undefined && { to: new Date(Date.parse(to) + 86_400_000).toISOString() }),
  };
}

export function outboxPath(filter: OutboxFilter, cursor?: string): string {
  const query = new URLSearchParams({ ...filter, ...(cursor !== undefined && { cursor }) }).toString();
  return query === '' ? '/console/outbox' : `/console/outbox?${query}`;
}
