import type { CustomerDocument, DocumentKey } from '@vesper/core/document';
import type { CustomerIndex, Person } from './customers.ts';
import { cleanName, withSuffix } from './names.ts';

/** Who of this company's clients already carries which QuickBooks customer: by the ledger, across all runs. */
export interface CustomerClaims {
  /** The customer keys that carry these QuickBooks customer ids; ids nobody carries are left out. */
  claimedBy(quickbooksIds: readonly string[]): Promise<ReadonlyMap<string, DocumentKey>>;
}

export type CustomerMatch =
  /** This QuickBooks customer is the client's. */
  | { outcome: 'existing'; person: Person; by: 'mark' | 'email' | 'name' }
  /** Nobody provably is: make one under this free name. */
  | { outcome: 'new'; displayName: string };

/** QuickBooks customers that might be this client, best first, each once: those whose claims must be looked up before `matchCustomer`. */
export function candidatesFor(document: CustomerDocument, companyId: string, index: CustomerIndex): Person[] {
  const name = cleanName(document.displayName, 'DisplayName').name;
  return [
    ...new Set([
      ...usable(index.byMark(companyId, document.key)),
      ...(document.email ? usable(index.byEmail(document.email)) : []),
      ...usable(index.byName(name)),
    ]),
  ];
}

function usable(people: readonly Person[]): Person[] {
  return people.filter(({ entity, active, isSub }) => entity === 'Customer' && active && !isSub);
}

/**
 * Our mark, then e-mail, then exact name; and only a QuickBooks customer that is nobody else's here. Several of one e-mail are told apart by
 * name, or none is taken: never by guess. `isFree` says that no other client carries the id; `isReserved` that a name is spoken for in this run.
 */
export function matchCustomer(
  document: CustomerDocument,
  room: { companyId: string; index: CustomerIndex; isFree: (quickbooksId: string) => boolean; isReserved: (name: string) => boolean },
): CustomerMatch {
  const { companyId, index, isFree, isReserved } = room;
  const free = candidatesFor(document, companyId, index).filter(({ id }) => isFree(id));
  const marked = free.filter(({ mark }) => mark?.companyId === companyId && mark.key === document.key);
  if (marked.length === 1 && marked[0]) return { outcome: 'existing', person: marked[0], by: 'mark' };
  // A customer that carries another client's mark is that client's, whatever its e-mail.
  const unmarked = free.filter(({ mark }) => mark === undefined || mark.companyId !== companyId);
  const name = cleanName(document.displayName, 'DisplayName').name;
  const named = unmarked.filter((person) => index.byName(name).includes(person));
  const mailed = document.email ? unmarked.filter((person) => index.byEmail(document.email ?? '').includes(person)) : [];
  const byMail = mailed.length === 1 ? mailed[0] : mailed.find((person) => named.includes(person));
  if (byMail) return { outcome: 'existing', person: byMail, by: 'email' };
  if (mailed.length === 0 && named[0]) return { outcome: 'existing', person: named[0], by: 'name' };
  return { outcome: 'new', displayName: freeName(document, (candidate) => index.isTaken(candidate) || isReserved(candidate)) };
}

/** The client's name, else with the suffix that is always the same for this client. */
export function freeName(
  { displayName, clientId }: Pick<CustomerDocument, 'displayName' | 'clientId'>,
  isTaken: (name: string) => boolean,
): string {
  const name = cleanName(displayName, 'DisplayName').name || 'Client';
  return isTaken(name) ? withSuffix(name, clientId) : name;
}
