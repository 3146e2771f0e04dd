import type { Entry } from './entry.ts';
import type { Store } from './store.ts';

export type EntryHeader = Omit<Entry, 'body'>;

/** What is due: the inspections and payouts that pending and held entries tell of, and those entries themselves. */
export interface Work {
  inspectionIds: string[];
  payoutIds: Set<string>;
  entries: EntryHeader[];
}

const PAGE = 1_000;

/**
 * Held entries are looked at again every time, because the fact they wait for may be a day passed or another subject's event;
 * failed ones wait for a person or a later event. `subjects` narrows the work to a replay.
 */
export async function collectWork(store: Store, companyId: string, subjects?: readonly string[]): Promise<Work> {
  const entries = subjects ? await entriesOfSubjects(store, companyId, subjects) : await dueEntries(store, companyId);
  const inspectionIds = new Set<string>();
  const payoutIds = new Set<string>();
  for (const { refs } of entries) {
    for (const ref of refs) {
      const [kind, id] = splitRef(ref);
      if (kind === 'inspection') inspectionIds.add(id);
      if (kind === 'payout') payoutIds.add(id);
    }
  }
  return { inspectionIds: [...inspectionIds], payoutIds, entries };
}

/** `inspection/812` → `['inspection', '812']`; an id may itself hold slashes. */
export function splitRef(ref: string): [kind: string, id: string] {
  const slash = ref.indexOf('/');
  return [ref.slice(0, slash), ref.slice(slash + 1)];
}

async function dueEntries(store: Store, companyId: string): Promise<EntryHeader[]> {
  const entries: EntryHeader[] = [];
  for (let after: string | undefined; ;) {
    const page = await store.entriesByState(companyId, ['pending', 'held'], { ...(after !== undefined && { after }), limit: PAGE });
    entries.push(...page);
    if (page.length < PAGE) return entries;
    after = page.at(-1)?.id;
  }
}

async function entriesOfSubjects(store: Store, companyId: string, subjects: readonly string[]): Promise<EntryHeader[]> {
  const entries = await store.entriesByRefs(companyId, subjects);
  return entries.filter(({ state }) => state !== 'quarantined' && state !== 'canceled').map(({ body: _, ...header }) => header);
}
