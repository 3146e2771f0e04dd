import type { CompanySettings } from '@vesper/core/settings';
import type { CompanyRecord } from '@vesper/outbox/store';
import { loadCompany, type Company } from '../company.ts';
import type { ConsoleRoom } from './console-room.ts';
import { notFound } from './refusal.ts';
import type { Visitor } from './visitor.ts';

/** What lists and choices show of a company. A whole `Company` is one, too. */
export interface ListedCompany extends Pick<CompanyRecord, 'id' | 'connection'> {
  settings: Pick<CompanySettings, 'name' | 'timezone' | 'eveningAt' | 'paused'>;
}

/** More than this many are not listed on one page; their own pages and the search reach all. */
export const MOST_COMPANIES = 500;

/** The companies a visitor reaches, by id. Their settings are not parsed anew: for hundreds that would be most of a page's time. */
export async function companiesOf(
  { store }: Pick<ConsoleRoom, 'store'>,
  { person }: Visitor,
  page: { after?: string; limit?: number } = {},
): Promise<ListedCompany[]> {
  const { after, limit = MOST_COMPANIES } = page;
  if (!person.companies && after === undefined && limit === MOST_COMPANIES) return listAll(store);
  if (!person.companies) return (await store.companies({ ...(after !== undefined && { after }), limit })).map(toListed);
  const ids = person.companies.filter((id) => after === undefined || id > after).toSorted();
  const found = await Promise.all(ids.slice(0, limit).map((id) => store.company(id)));
  return found.flatMap((company) => (company ? [toListed(company)] : []));
}

/** Nearly every page offers the companies to choose from: what was read a moment ago is good enough for that. */
const LISTED_MS = 5_000;
const lists = new WeakMap<object, { list: Promise<ListedCompany[]>; untilMs: number }>();

function listAll(store: ConsoleRoom['store']): Promise<ListedCompany[]> {
  const known = lists.get(store);
  if (known && performance.now() < known.untilMs) return known.list;
  const list = store.companies({ limit: MOST_COMPANIES }).then((companies) => companies.map(toListed));
  lists.set(store, { list, untilMs: performance.now() + LISTED_MS });
  list.catch(() => lists.delete(store));
  return list;
}

/** Saved settings were parsed once, so that name and zone are there; what an older version did not know gets its default. */
function toListed({ id, connection, settings }: CompanyRecord): ListedCompany {
  const {
    name,
    timezone,
    eveningAt = '20:00',
    paused = false,
  } = settings as Partial<CompanySettings> & Pick<CompanySettings, 'name' | 'timezone'>;
  return { id, connection, settings: { name, timezone, eveningAt, paused } };
}

/** One company, if there is one and the visitor reaches it. */
export async function companyFor({ store }: Pick<ConsoleRoom, 'store'>, visitor: Visitor, id: string): Promise<Company> {
  const company = visitor.reaches(id) ? await loadCompany(store, id) : undefined;
  if (!company) throw notFound('company');
  return company;
}

export function companyPath(id: string, below = ''): string {
  return `/console/companies/${encodeURIComponent(id)}${below}`;
}

export function entryPath(id: string, below = ''): string {
  return `/console/entries/${encodeURIComponent(id)}${below}`;
}
