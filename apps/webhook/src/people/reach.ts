import type { Role } from '../config.ts';

const RANK: Record<Role, number> = { viewer: 0, support: 1, admin: 2 };

/** What a person or an API key may do, and for which companies: all of them when `companies` is left out. */
export interface Reach {
  role: Role;
  companies?: readonly string[];
}

export function mayReach({ companies }: Pick<Reach, 'companies'>, companyId: string): boolean {
  return companies === undefined || companies.includes(companyId);
}

/** A plan or replay of several companies: all must be within reach. One that came to nothing is of none, and its maker's own. */
export function mayReachAll(
  who: Pick<Reach, 'companies'> & { name: string },
  { companies, by }: { companies: readonly string[]; by: string },
): boolean {
  if (companies.length === 0) return who.companies === undefined || who.name === by;
  return companies.every((companyId) => mayReach(who, companyId));
}

export function hasRole({ role }: Pick<Reach, 'role'>, least: Role): boolean {
  return RANK[role] >= RANK[least];
}

/** Names, e-mail addresses and QuickBooks' own words (which quote them) are for those who talk to clients' companies. */
export function seesPersonalData(reach: Pick<Reach, 'role'>): boolean {
  return hasRole(reach, 'support');
}

/**
 * The companies a search may look in: what was asked for, kept within reach. `undefined` is all of them; an empty list none,
 * so that a company out of reach and one that does not exist look the same.
 */
export function companiesWithin({ companies }: Pick<Reach, 'companies'>, asked?: string): readonly string[] | undefined {
  if (asked === undefined) return companies;
  return mayReach({ ...(companies && { companies }) }, asked) ? [asked] : [];
}
