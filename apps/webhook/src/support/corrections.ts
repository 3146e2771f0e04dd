import type { Plan } from '@vesper/core/plan';
import type { Ledger } from '@vesper/core/ledger';
import type { CompanySettings } from '@vesper/core/settings';
import type { Store } from '@vesper/outbox/store';
import type { Company } from '../company.ts';
import { adjustPlan } from './adjust-plan.ts';
import { applyCorrections } from './apply-corrections.ts';
import type { Correction, Fix } from './correction.ts';
import { leaveFormerBooks } from './former-books.ts';

const KIND = 'correction';
const REVERTED = 'correction_reverted';
const PAGE = 1_000;
/** They name a record of one QuickBooks company, and mean nothing once the books are another's. */
const NAMES_A_RECORD: ReadonlySet<Fix['kind']> = new Set(['map_item', 'map_role', 'map_account', 'map_class', 'customer_link']);

/** The corrections of a company that are in force, oldest first. */
export async function activeCorrections(store: Pick<Store, 'listRecords'>, companyId: string): Promise<Correction[]> {
  return (await allOf(store, KIND, companyId)).sort(byTime);
}

/** Those in force and those reverted, newest first. */
export async function allCorrections(store: Pick<Store, 'listRecords'>, companyId: string): Promise<Correction[]> {
  const [active, reverted] = await Promise.all([allOf(store, KIND, companyId), allOf(store, REVERTED, companyId)]);
  return [...active, ...reverted].sort(byTime).toReversed();
}

/** What a run or a preview of this company plans by: its settings as corrected, and what people decided about single documents. */
export async function correctedRules(
  store: Pick<Store, 'listRecords'>,
  { id, settings, connection }: Pick<Company, 'id' | 'settings' | 'connection'>,
  more: readonly Correction[] = [],
): Promise<{ settings: CompanySettings; adjust: (plan: Plan, ledger: Ledger) => Plan }> {
  const movedAt = connection.formerRealms?.at(-1)?.until ?? '';
  const known = (await activeCorrections(store, id)).filter(({ fix, madeAt }) => madeAt > movedAt || !NAMES_A_RECORD.has(fix.kind));
  const corrections = [...known, ...more];
  return {
    settings: applyCorrections(settings, corrections),
    adjust: (plan, ledger) => leaveFormerBooks(adjustPlan(plan, corrections, ledger), ledger),
  };
}

export async function keepCorrection(store: Pick<Store, 'putRecord'>, correction: Correction): Promise<void> {
  await store.putRecord(KIND, recordId(correction), correction, { expectedVersion: 'new' });
}

/** Narrows one that is in force; one about no document any more is as good as none. */
export async function replaceCorrection(store: Pick<Store, 'putRecord'>, correction: Correction): Promise<void> {
  await store.putRecord(KIND, recordId(correction), correction, { expectedVersion: 'any' });
}

/**
 * Ends it for planning; it stays to be seen. Of several who revert it exactly one is told true. Should the process die in between, the
 * audit row written before holds the whole correction.
 */
export async function endCorrection(store: Pick<Store, 'putRecord' | 'takeRecord'>, reverted: Correction): Promise<boolean> {
  const id = recordId(reverted);
  if (!(await store.takeRecord(KIND, id))) return false;
  await store.putRecord(REVERTED, id, reverted, { expectedVersion: 'any' });
  return true;
}

export async function findCorrection(
  store: Pick<Store, 'getRecord'>,
  place: { companyId: string; id: string },
): Promise<Correction | undefined> {
  const id = recordId(place);
  return ((await store.getRecord<Correction>(KIND, id)) ?? (await store.getRecord<Correction>(REVERTED, id)))?.value;
}

async function allOf(store: Pick<Store, 'listRecords'>, kind: string, companyId: string): Promise<Correction[]> {
  const found: Correction[] = [];
  for (let after: string | undefined; ;) {
    const page = await store.listRecords<Correction>(kind, {
      prefix: `${companyId}|`,
      ...(after !== undefined && { after }),
      limit: PAGE,
    });
    found.push(...page.map(({ value }) => value));
    if (page.length < PAGE) return found;
    after = page.at(-1)?.id;
  }
}

function recordId({ companyId, id }: { companyId: string; id: string }): string {
  return `${companyId}|${id}`;
}

function byTime(a: Correction, b: Correction): number {
  return a.madeAt < b.madeAt ? -1 : a.madeAt > b.madeAt ? 1 : a.id < b.id ? -1 : 1;
}
