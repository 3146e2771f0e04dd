import { toCompany, loadCompany, type Company } from '../company.ts';
import type { ConsoleRoom } from './console-room.ts';
import { notFound } from './refusal.ts';
import type { Visitor } from './visitor.ts';

/** More than this many are not listed on one page; their own pages and the search reach all. */
export const MOST_COMPANIES = 500;

/** The companies a visitor reaches, by id. */
export async function companiesOf(
  { store }: Pick<ConsoleRoom, 'store'>,
  { person }: Visitor,
  page: { after?: string; limit?: number } = {},
): Promise<Company[]> {
  const { after, limit = MOST_COMPANIES } = page;
  if (!person.companies) return (await store.companies({ ...(after !== undefined && { after }), limit })).map(toCompany);
  const ids = person.companies.filter((id) => after === undefined || id > after).toSorted();
  const found = await Promise.all(ids.slice(0, limit).map((id) => loadCompany(store, id)));
  return found.flatMap((company) => company ?? []);
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
