import { localDate } from '@vesper/core/local-date';
import type { Entry, EntryState } from '@vesper/outbox/entry';
import type { RunRecord } from '@vesper/outbox/run';
import { companiesOf, type ListedCompany } from './company-names.ts';
import type { Evening, EveningSums } from './evening-sums.ts';
import { needsPerson } from './entry-label.ts';
import type { ConsoleRoom } from './console-room.ts';
import type { Visitor } from './visitor.ts';

/** Entries that wait for a person for one cause in one company. */
export interface Trouble {
  company: ListedCompany | undefined;
  companyId: string;
  code: string;
  count: number;
  example: Omit<Entry, 'body'>;
}

export interface OverviewFigures {
  companies: ListedCompany[];
  counts: Record<EntryState, number>;
  /** Companies somebody must connect, again or at last. */
  unconnected: ListedCompany[];
  troubles: Trouble[];
  /** Failed, unreadable, and those among the newest held that need a person. */
  forPerson: number;
  /** More entries wait than were looked through. */
  moreTroubles: boolean;
  /** Of each company the last evening's run; newest first. */
  lastNight: RunRecord[];
  /** Thirty local days, oldest first, those without a run included. */
  evenings: Evening[];
  postable: ListedCompany[];
}

const DAY_MS = 86_400_000;
const EVENINGS = 30;
const GROUPED = 200;
const LOOKED_THROUGH = 600;

/** All numbers of the overview, from few and bounded reads. */
export async function overviewFigures(room: ConsoleRoom, visitor: Visitor, sums: EveningSums): Promise<OverviewFigures> {
  const { store, clock } = room;
  const { person } = visitor;
  const companies = await companiesOf(room, visitor);
  const scope = person.companies && { companyIds: person.companies };
  const nowMs = clock.now();
  const days = lastDays(nowMs, companies[0]?.settings.timezone ?? 'UTC');
  const [failed, held, counts, { evenings, recent }] = await Promise.all([
    store.search({ ...scope, states: ['failed', 'quarantined'], limit: GROUPED }),
    // Most of what is held comes by itself; the newest are looked through for what does not.
    store.search({ ...scope, states: ['held'], limit: LOOKED_THROUGH }),
    countsOf(room, person.companies),
    sums.of(person.companies, days),
  ]);
  const stuck = held.entries.filter(needsPerson);
  return {
    companies,
    counts,
    unconnected: companies.filter(({ connection }) => connection.state !== 'connected'),
    troubles: groupByCause([...failed.entries, ...stuck], companies),
    forPerson: counts.failed + counts.quarantined + stuck.length,
    moreTroubles: failed.next !== undefined || held.next !== undefined,
    lastNight: lastOfEach(recent, nowMs),
    evenings,
    postable: companies.filter(({ connection, settings }) => connection.state === 'connected' && !settings.paused),
  };
}

async function countsOf({ store }: ConsoleRoom, companyIds: readonly string[] | undefined): Promise<Record<EntryState, number>> {
  if (!companyIds) return store.counts();
  const each = await Promise.all(companyIds.map((id) => store.counts(id)));
  const sum: Record<EntryState, number> = { pending: 0, posted: 0, held: 0, failed: 0, ignored: 0, canceled: 0, quarantined: 0 };
  for (const counts of each) for (const state of Object.keys(sum) as EntryState[]) sum[state] += counts[state];
  return sum;
}

function groupByCause(entries: readonly Omit<Entry, 'body'>[], companies: readonly ListedCompany[]): Trouble[] {
  const byId = new Map(companies.map((company) => [company.id, company]));
  const groups = Map.groupBy(entries, ({ companyId, reason }) => `${companyId} ${reason?.code ?? 'failed'}`);
  return [...groups.values()]
    .flatMap((group): Trouble[] => {
      const [example] = group;
      if (!example) return [];
      const { companyId, reason } = example;
      return [{ companyId, company: byId.get(companyId), code: reason?.code ?? 'failed', count: group.length, example }];
    })
    .sort((a, b) => b.count - a.count);
}

/** The newest evening run of each company, if it is of today or yesterday anywhere on earth. */
function lastOfEach(runs: readonly RunRecord[], nowMs: number): RunRecord[] {
  const since = localDate(new Date(nowMs - 2 * DAY_MS).toISOString(), 'UTC');
  const newest = new Map<string, RunRecord>();
  for (const run of runs) {
    if (run.trigger !== 'evening' || run.localDate < since) continue;
    const known = newest.get(run.companyId);
    if (!known || known.startedAt < run.startedAt) newest.set(run.companyId, run);
  }
  return [...newest.values()].sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

function lastDays(nowMs: number, timezone: string): string[] {
  const todayMs = Date.parse(localDate(new Date(nowMs).toISOString(), timezone));
  return Array.from({ length: EVENINGS }, (_, index) => new Date(todayMs - (EVENINGS - 1 - index) * DAY_MS).toISOString().slice(0, 10));
}
