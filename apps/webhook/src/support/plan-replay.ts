import type { EntryState } from '@vesper/outbox/entry';
import type { EntryFilter } from '@vesper/outbox/store';
import { loadCompany } from '../company.ts';
import { companiesWithin, mayReach } from '../people/reach.ts';
import { previewCompany, type Verdict } from '../preview.ts';
import { subjectOfDocument } from './document-subject.ts';
import { SENDS } from './entry-verdict.ts';
import { instantOf } from './note-act.ts';
import type { Agent, SupportRoom } from './support-room.ts';

export type ReplayFilter = Omit<EntryFilter, 'companyIds' | 'cursor' | 'limit'> & { company?: string };

/** What a bulk replay would do, counted; nothing is done before `startReplay` is given its token. */
export interface ReplayPlan {
  token: string;
  by: string;
  plannedAt: string;
  /** Until when the token may be used. */
  expiresAt: string;
  entries: { matched: number; replay: number; alreadyThere: number; waits: number; refused: number };
  /** Documents by verdict. */
  documents: Partial<Record<Verdict['verdict'], number>>;
  companies: string[];
  /** More entries match than one plan takes: replay these, then plan again. */
  more: boolean;
  /** Some of the documents, those that would be sent first. */
  sample: Verdict[];
}

export interface PlannedEntry {
  id: string;
  companyId: string;
  subject: string;
}

export type KeptPlan = ReplayPlan & { replay: PlannedEntry[] };

const KIND = 'replay_plan';
const PLAN_MS = 30 * 60_000;
const MOST = 10_000;
const PAGE = 500;
const SAMPLE = 50;
/** What a replay is for, unless the filter says otherwise: the posted are there already. */
const OPEN: readonly EntryState[] = ['failed', 'held', 'pending'];

/** Counts what replaying all entries of a filter would do, by the same fold, plan and diff; QuickBooks is not asked. */
export async function planReplay(room: SupportRoom, { who, filter }: { who: Agent; filter: ReplayFilter }): Promise<ReplayPlan> {
  const { company, ...rest } = filter;
  const companyIds = companiesWithin(who, company);
  const found: (PlannedEntry & { state: EntryState })[] = [];
  let cursor: string | undefined;
  do {
    const page = await room.store.search({
      ...rest,
      states: rest.states ?? OPEN,
      ...(companyIds && { companyIds }),
      ...(cursor !== undefined && { cursor }),
      limit: PAGE,
    });
    found.push(...page.entries.map(({ id, companyId, subject, state }) => ({ id, companyId, subject, state })));
    cursor = page.next;
  } while (cursor !== undefined && found.length < MOST);
  return keepPlan(room, who, found, cursor !== undefined);
}

/** The same for chosen entries; those of other companies are left out without a word. */
export async function planReplayOf(room: SupportRoom, { who, entryIds }: { who: Agent; entryIds: readonly string[] }): Promise<ReplayPlan> {
  const found: (PlannedEntry & { state: EntryState })[] = [];
  for (const entryId of new Set(entryIds)) {
    const entry = await room.store.entry(entryId);
    if (entry && mayReach(who, entry.companyId))
      found.push({ id: entry.id, companyId: entry.companyId, subject: entry.subject, state: entry.state });
  }
  return keepPlan(room, who, found, false);
}

export async function keptPlan({ store }: Pick<SupportRoom, 'store'>, token: string): Promise<KeptPlan | undefined> {
  return (await store.getRecord<KeptPlan>(KIND, token))?.value;
}

async function keepPlan(
  room: SupportRoom,
  who: Agent,
  found: readonly (PlannedEntry & { state: EntryState })[],
  more: boolean,
): Promise<ReplayPlan> {
  const { store, clock } = room;
  const entries: ReplayPlan['entries'] = { matched: found.length, replay: 0, alreadyThere: 0, waits: 0, refused: 0 };
  const documents: ReplayPlan['documents'] = {};
  const replay: PlannedEntry[] = [];
  const sample: Verdict[] = [];
  for (const [companyId, own] of Map.groupBy(found, (entry) => entry.companyId)) {
    const company = await loadCompany(store, companyId);
    const open = own.filter(({ state }) => state !== 'canceled' && state !== 'quarantined');
    entries.refused += own.length - open.length;
    if (!company) {
      entries.refused += open.length;
      continue;
    }
    const verdicts = new Map<string, Verdict>();
    const subjects = [...new Set(open.map(({ subject }) => subject))];
    for (let start = 0; start < subjects.length; start += PAGE) {
      const some = await previewCompany(store, company, clock.now(), { subjects: subjects.slice(start, start + PAGE) });
      for (const verdict of some) verdicts.set(verdict.key, verdict);
    }
    for (const { verdict } of verdicts.values()) documents[verdict] = (documents[verdict] ?? 0) + 1;
    sample.push(...verdicts.values());
    const bySubject = Map.groupBy(verdicts.values(), ({ key }) => subjectOfDocument(key) ?? key);
    for (const { id, subject } of open) {
      const about = bySubject.get(subject) ?? [];
      if (about.some(({ verdict }) => SENDS.has(verdict))) {
        entries.replay += 1;
        replay.push({ id, companyId, subject });
      } else if (about.some(({ verdict }) => verdict === 'hold')) entries.waits += 1;
      else entries.alreadyThere += 1;
    }
  }
  const plan: ReplayPlan = {
    token: clock.newId(),
    by: who.name,
    plannedAt: instantOf(room),
    expiresAt: new Date(clock.now() + PLAN_MS).toISOString(),
    entries,
    documents,
    companies: [...new Set(replay.map(({ companyId }) => companyId))],
    more,
    sample: sample.toSorted((a, b) => Number(SENDS.has(b.verdict)) - Number(SENDS.has(a.verdict))).slice(0, SAMPLE),
  };
  const kept: KeptPlan = { ...plan, replay };
  await store.putRecord(KIND, plan.token, kept, { expectedVersion: 'new', expiresAt: plan.expiresAt });
  return plan;
}
