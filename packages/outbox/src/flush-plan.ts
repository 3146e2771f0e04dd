import { diff } from '@vesper/core/diff';
import { documentKey, type DocumentKey, type LocalDate } from '@vesper/core/document';
import { parseEvent, type PlatformEvent } from '@vesper/core/event';
import { foldInspection, foldPayments, foldPayout, type InspectionState } from '@vesper/core/fold';
import { isInBooks, type Ledger, type LedgerRecord } from '@vesper/core/ledger';
import { inspectionKeys, payoutKeys } from '@vesper/core/ledger-keys';
import { mergePlans } from '@vesper/core/merge-plans';
import { planInspection } from '@vesper/core/plan-inspection';
import { planPayout } from '@vesper/core/plan-payout';
import type { Difference, Plan, Wanted } from '@vesper/core/plan';
import type { Reason } from '@vesper/core/reason';
import type { CompanySettings } from '@vesper/core/settings';
import type { Entry } from './entry.ts';
import { splitRef } from './flush-work.ts';
import type { Store } from './store.ts';

/** What planning needs to know; a run and a preview both have it. */
export interface PlanningRoom {
  store: Store;
  companyId: string;
  settings: CompanySettings;
  today: LocalDate;
  /** What people decided about single documents, applied to every plan before it is set against the ledger. */
  adjust?: AdjustPlan;
}

export type AdjustPlan = (plan: Plan, ledger: Ledger) => Plan;

/** A number of inspections or payouts, planned and set against the ledger. */
export interface PlannedChunk {
  subjects: Set<string>;
  /** The inspections some event told of, folded. */
  states: InspectionState[];
  plan: Plan;
  differences: Difference[];
  ledger: Map<DocumentKey, LedgerRecord>;
  /** Payouts that contain payments of these inspections. */
  payoutIds: Set<string>;
}

/**
 * Folds and plans inspections, together with those payouts already in the books that contain their payments:
 * a payment taken back must leave its deposit in the same run, before it is voided.
 */
export async function planInspections(room: PlanningRoom, inspectionIds: readonly string[]): Promise<PlannedChunk> {
  const { store, companyId, settings, today } = room;
  const subjects = new Set(inspectionIds.map((id) => `inspection/${id}`));
  const events = readEvents(await store.entriesByRefs(companyId, [...subjects]));
  const payments = subjectsIn(events, 'payment');
  for (const subject of payments) subjects.add(subject);
  const payouts = readEvents(payments.size > 0 ? await store.entriesByRefs(companyId, [...payments]) : []);
  const payoutIds = new Set([...subjectsIn(payouts, 'payout')].map((subject) => splitRef(subject)[1]));

  const states = inspectionIds.map((id) => ({ id, events: eventsOf(id, events, payouts) }));
  const folded = states.map(({ events: own }) => guarded(own.subjects, () => foldInspection(own.known), own.unreadable));
  const keys = new Set(folded.flatMap((state) => (state.outcome === 'done' ? inspectionKeys(state.value) : [])));
  for (const id of payoutIds) keys.add(documentKey.deposit(id));
  const ledger = await store.ledger(companyId, [...keys]);

  const plans = folded.map((state, index) =>
    state.outcome === 'done'
      ? planOrHold(states[index]?.events.subjects ?? [], () => planInspection(state.value, settings, { ledger, today }))
      : state.plan,
  );
  const merged = adjusted(room, mergePlans(plans), ledger);
  const depositedPayouts = [...payoutIds].filter((id) => isInBooks(ledger.get(documentKey.deposit(id))));
  const known = folded.flatMap((state) =>
    state.outcome === 'done' && (state.value.inspection || state.value.payments.length > 0) ? [state.value] : [],
  );
  const deposits = depositedPayouts.length > 0 ? await planPayouts(room, depositedPayouts, merged.documents) : undefined;
  for (const [key, record] of deposits?.ledger ?? []) ledger.set(key, record);
  const plan = deposits ? mergePlans([merged, deposits.plan]) : merged;
  return { subjects, states: known, plan, differences: diff(plan.documents, ledger), ledger, payoutIds };
}

/** Plans payouts against what the ledger holds and, in `wanted`, what the same run is about to post. */
export async function planPayouts(room: PlanningRoom, payoutIds: readonly string[], wanted: readonly Wanted[] = []): Promise<PlannedChunk> {
  const { store, companyId, settings, today } = room;
  const subjects = new Set(payoutIds.map((id) => `payout/${id}`));
  const payouts = readEvents(await store.entriesByRefs(companyId, [...subjects]));
  const states = payoutIds.map((id) => {
    const own = payouts.filter(({ entry }) => entry.subject === `payout/${id}`);
    return guarded(
      [`payout/${id}`],
      () => foldPayout(knownEvents(own)),
      own.some(({ event }) => !event),
    );
  });
  const paymentSubjects = new Set(payouts.flatMap(({ entry }) => entry.refs.filter((ref) => ref.startsWith('payment/'))));
  const paymentEvents = readEvents(paymentSubjects.size > 0 ? await store.entriesByRefs(companyId, [...paymentSubjects]) : []);
  const payments = foldPayments(knownEvents(paymentEvents));
  const keys = new Set<DocumentKey>(payoutIds.map((id) => documentKey.deposit(id)));
  // The payments are those of all these payouts together, so their keys need listing once only.
  const [any] = states.flatMap((state) => (state.outcome === 'done' ? [state.value] : []));
  for (const key of any ? payoutKeys(any, payments) : []) keys.add(key);
  const ledger = await store.ledger(companyId, [...keys]);
  const wantedByKey = new Map(wanted.map((document) => [keyOf(document), document]));
  const planned = mergePlans(
    states.map((state) =>
      state.outcome === 'done'
        ? planOrHold([`payout/${state.value.payoutId}`], () =>
            planPayout(state.value, settings, { ledger, today, payments, wanted: wantedByKey }),
          )
        : state.plan,
    ),
  );
  const plan = adjusted(room, planned, ledger);
  return { subjects, states: [], plan, differences: diff(plan.documents, ledger), ledger, payoutIds: new Set() };
}

function adjusted({ adjust }: PlanningRoom, plan: Plan, ledger: Ledger): Plan {
  return adjust ? adjust(plan, ledger) : plan;
}

export function keyOf(wanted: Wanted): DocumentKey {
  return wanted.presence === 'present' ? wanted.document.key : wanted.key;
}

interface ReadEntry {
  entry: Entry;
  /** Absent when the stored body cannot be read as the event it was accepted as. */
  event?: PlatformEvent;
}

/** Redacted entries are left out: what they led to is in the ledger. */
function readEvents(entries: readonly Entry[]): ReadEntry[] {
  const read: ReadEntry[] = [];
  for (const entry of entries) {
    if (entry.body === undefined || entry.state === 'canceled' || entry.state === 'quarantined') continue;
    const event = readEvent(entry.body);
    if (event !== 'unknown_type') read.push(event ? { entry, event } : { entry });
  }
  return read;
}

const utf8 = new TextDecoder();

function readEvent(body: Uint8Array): PlatformEvent | 'unknown_type' | undefined {
  let decoded: unknown;
  try {
    decoded = JSON.parse(utf8.decode(body));
  } catch {
    // A row somebody edited by hand: undefined holds its inspection alone, see `guarded`.
    return undefined;
  }
  const parsed = parseEvent(decoded);
  if (parsed.outcome === 'unknown_type') return 'unknown_type';
  return parsed.outcome === 'known' ? parsed.event : undefined;
}

function subjectsIn(events: readonly ReadEntry[], kind: string): Set<string> {
  return new Set(events.flatMap(({ entry }) => (entry.subject.startsWith(`${kind}/`) ? [entry.subject] : [])));
}

function eventsOf(inspectionId: string, events: readonly ReadEntry[], payouts: readonly ReadEntry[]) {
  const own = indexByRef(events).get(`inspection/${inspectionId}`) ?? [];
  const payoutsByPayment = indexByRef(payouts);
  const contained = new Set(
    own.flatMap(({ entry }) =>
      entry.subject.startsWith('payment/')
        ? (payoutsByPayment.get(entry.subject) ?? []).filter((read) => read.entry.subject.startsWith('payout/'))
        : [],
    ),
  );
  return {
    known: knownEvents([...own, ...contained]),
    unreadable: own.some(({ event }) => !event),
    /** Its payments wait with it: whatever was told of them, nobody can say yet that nothing follows from it. */
    subjects: [...new Set([`inspection/${inspectionId}`, ...own.map(({ entry }) => entry.subject)])],
  };
}

const indexes = new WeakMap<readonly ReadEntry[], Map<string, ReadEntry[]>>();

function indexByRef(events: readonly ReadEntry[]): Map<string, ReadEntry[]> {
  const known = indexes.get(events);
  if (known) return known;
  const index = new Map<string, ReadEntry[]>();
  for (const read of events) {
    for (const ref of read.entry.refs) {
      const list = index.get(ref);
      if (list) list.push(read);
      else index.set(ref, [read]);
    }
  }
  indexes.set(events, index);
  return index;
}

function knownEvents(read: readonly ReadEntry[]): PlatformEvent[] {
  return read.flatMap(({ event }) => (event ? [event] : []));
}

type Guarded<Value> = { outcome: 'done'; value: Value } | { outcome: 'held'; plan: Plan };

/** One inspection that cannot be read or planned waits for a person alone; all others go on. */
function guarded<Value>(subjects: readonly string[], make: () => Value, unreadable: boolean): Guarded<Value> {
  if (unreadable) return { outcome: 'held', plan: holdFor(subjects, UNREADABLE) };
  try {
    return { outcome: 'done', value: make() };
  } catch (cause) {
    return { outcome: 'held', plan: holdFor(subjects, unplannable(cause)) };
  }
}

function planOrHold(subjects: readonly string[], make: () => Plan): Plan {
  const planned = guarded(subjects, make, false);
  return planned.outcome === 'done' ? planned.value : planned.plan;
}

function holdFor(subjects: readonly string[], reason: Reason): Plan {
  return { documents: [], holds: subjects.map((subject) => ({ subject, reason })), skips: [] };
}

const UNREADABLE: Reason = {
  code: 'entry_unreadable',
  message: 'A stored webhook of this inspection or payout cannot be read any more; nothing of it is posted until it can.',
  remedy: 'Ask the platform to send the latest snapshot again, then cancel the unreadable entry.',
};

function unplannable(cause: unknown): Reason {
  return {
    code: 'planning_failed',
    message: `Vesper could not work out the documents of this inspection or payout (${cause instanceof Error ? cause.name : 'unknown error'}).`,
    remedy:
      'This is a fault of Vesper, not of the books: nothing was posted. Send the entry id to its developers and replay it when they have answered.',
  };
}
