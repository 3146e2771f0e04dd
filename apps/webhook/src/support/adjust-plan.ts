import { type AccountingDocument, type DocumentKey, type LocalDate, dependenciesOf } from '@vesper/core/document';
import { type Ledger, isInBooks, isPerhapsInBooks } from '@vesper/core/ledger';
import type { Plan, Waiting, Wanted } from '@vesper/core/plan';
import type { Reason } from '@vesper/core/reason';
import { type Correction, type Fix, describeFix } from './correction.ts';
import { subjectOfDocument } from './document-subject.ts';

/**
 * A plan as people corrected it: documents they skipped, hold, dated or took back. A document that depends on one left out waits for it,
 * unless QuickBooks has it. Pure; the events stay as they are, and without the corrections the plan is what it was.
 */
export function adjustPlan(plan: Plan, corrections: readonly Correction[], ledger: Ledger): Plan {
  const decisions = decisionsOf(corrections);
  if (decisions.isEmpty) return plan;
  const isLeftOut = (key: DocumentKey): boolean => decisions.skips.has(key) || decisions.takeBacks.has(key);
  const subjectsLeftOut = new Set([...decisions.skips.keys(), ...decisions.takeBacks.keys()].map(subjectOfDocument));
  const isAnswered = ({ key, subject }: Waiting): boolean => (key === undefined ? subjectsLeftOut.has(subject) : isLeftOut(key));
  const holds: Waiting[] = plan.holds.filter((hold) => !isAnswered(hold));
  const skips: Waiting[] = [...plan.skips];
  const documents: Wanted[] = [];
  const left = new Map<DocumentKey, Reason>();
  const leaveOut = (list: Waiting[], key: DocumentKey, reason: Reason): void => {
    left.set(key, reason);
    list.push({ subject: subjectOfDocument(key) ?? key, key, reason });
  };

  for (const wanted of plan.documents) {
    const key = keyOf(wanted);
    const subject = subjectOfDocument(key);
    const hold = subject === undefined ? undefined : decisions.holds.get(subject);
    const takeBack = decisions.takeBacks.get(key);
    const skip = decisions.skips.get(key);
    if (hold) leaveOut(holds, key, heldByPerson(hold));
    else if (takeBack) {
      leaveOut(skips, key, takenBack(takeBack.correction));
      if (isPerhapsInBooks(ledger.get(key))) documents.push({ presence: 'absent', key, type: typeOf(wanted), how: takeBack.how });
    } else if (skip) leaveOut(skips, key, skipped(skip));
    else documents.push(dated(wanted, decisions.dates.get(key)));
  }
  for (const { key, subject } of plan.holds.filter(isAnswered)) {
    const reason = leftOutBecause(decisions, (one) => (key === undefined ? subjectOfDocument(one) === subject : one === key));
    if (reason) skips.push({ subject, ...(key !== undefined && { key }), reason });
  }
  const named = new Set(plan.documents.map(keyOf));
  for (const [key, { how }] of decisions.takeBacks) {
    const record = ledger.get(key);
    if (!named.has(key) && isInBooks(record)) documents.push({ presence: 'absent', key, type: record.type, how });
  }
  const isMissing = (key: DocumentKey): boolean => left.has(key) && (decisions.takeBacks.has(key) || !isInBooks(ledger.get(key)));
  const kept = withoutOrphans(documents, isMissing, (key, missing) => leaveOut(holds, key, waitsFor(missing, left.get(missing))));
  return { documents: withoutIdleCustomers(kept, plan.documents, left), holds, skips };
}

function keyOf(wanted: Wanted): DocumentKey {
  return wanted.presence === 'present' ? wanted.document.key : wanted.key;
}

function leftOutBecause({ skips, takeBacks }: Decisions, isIt: (key: DocumentKey) => boolean): Reason | undefined {
  const skip = [...skips].find(([key]) => isIt(key));
  if (skip) return skipped(skip[1]);
  const takeBack = [...takeBacks].find(([key]) => isIt(key));
  return takeBack && takenBack(takeBack[1].correction);
}

interface Decisions {
  isEmpty: boolean;
  holds: Map<string, Correction>;
  skips: Map<DocumentKey, Correction>;
  dates: Map<DocumentKey, LocalDate>;
  takeBacks: Map<DocumentKey, { correction: Correction; how: 'void' | 'delete' }>;
}

function decisionsOf(corrections: readonly Correction[]): Decisions {
  const decisions: Decisions = { isEmpty: true, holds: new Map(), skips: new Map(), dates: new Map(), takeBacks: new Map() };
  for (const correction of corrections) decisions.isEmpty = !note(decisions, correction, correction.fix) && decisions.isEmpty;
  return decisions;
}

/** Whether it is a decision about documents at all. */
function note({ holds, skips, dates, takeBacks }: Decisions, correction: Correction, fix: Fix): boolean {
  switch (fix.kind) {
    case 'hold':
      for (const subject of fix.subjects) holds.set(subject, correction);
      return true;
    case 'skip':
      for (const key of fix.keys) skips.set(key, correction);
      return true;
    case 'post_on':
      for (const key of fix.keys) dates.set(key, fix.date);
      return true;
    case 'take_back':
      for (const { key, how } of fix.documents) takeBacks.set(key, { correction, how });
      return true;
    case 'map_item':
    case 'map_role':
    case 'map_account':
    case 'map_class':
    case 'customer_link':
      return false;
  }
}

function dated(wanted: Wanted, date: LocalDate | undefined): Wanted {
  if (date === undefined || wanted.presence === 'absent' || wanted.document.type === 'customer') return wanted;
  return { ...wanted, document: { ...wanted.document, date } };
}

/** Takes out, again and again, what depends on something that is left out and will not be in QuickBooks. */
function withoutOrphans(
  documents: readonly Wanted[],
  isMissing: (key: DocumentKey) => boolean,
  orphan: (key: DocumentKey, missing: DocumentKey) => void,
): Wanted[] {
  for (let kept = [...documents]; ;) {
    const next = kept.filter((wanted) => {
      if (wanted.presence === 'absent') return true;
      const missing = dependenciesOf(wanted.document).find(isMissing);
      if (missing !== undefined) orphan(wanted.document.key, missing);
      return missing === undefined;
    });
    if (next.length === kept.length) return next;
    kept = next;
  }
}

/** A customer whose every document of this plan was left out is not needed yet: holding an inspection creates nothing. */
function withoutIdleCustomers(kept: readonly Wanted[], before: readonly Wanted[], left: ReadonlyMap<DocumentKey, Reason>): Wanted[] {
  const needed = new Set(kept.flatMap((wanted) => customerOf(wanted) ?? []));
  const idle = new Set(
    before.flatMap((wanted) => {
      const key = customerOf(wanted);
      return key !== undefined && wanted.presence === 'present' && left.has(wanted.document.key) && !needed.has(key) ? [key] : [];
    }),
  );
  return kept.filter((wanted) => !(wanted.presence === 'present' && idle.has(wanted.document.key)));
}

function customerOf(wanted: Wanted): DocumentKey | undefined {
  return wanted.presence === 'present' && 'customerKey' in wanted.document ? wanted.document.customerKey : undefined;
}

function typeOf(wanted: Wanted): AccountingDocument['type'] {
  return wanted.presence === 'present' ? wanted.document.type : wanted.type;
}

export const HELD_BY_PERSON = 'held_by_person';
export const SKIPPED_BY_PERSON = 'skipped_by_person';
export const TAKEN_BACK_BY_PERSON = 'taken_back_by_person';

export function heldByPerson({ madeBy, madeAt, why }: Correction): Reason {
  return {
    code: HELD_BY_PERSON,
    message: `${madeBy} put it on hold: ${why}`,
    remedy: 'Release it, and it posts on the next evening or replay.',
    since: madeAt,
  };
}

function skipped({ madeBy, why, fix }: Correction): Reason {
  return {
    code: SKIPPED_BY_PERSON,
    message: `${madeBy} left it out of QuickBooks: ${why}`,
    remedy: `Revert the correction (${describeFix(fix)}) if it should be posted after all.`,
  };
}

export function takenBack({ madeBy, why }: Correction): Reason {
  return {
    code: TAKEN_BACK_BY_PERSON,
    message: `${madeBy} took it back from QuickBooks: ${why}`,
    remedy: 'Revert the correction, and it is posted again as a new record.',
  };
}

function waitsFor(key: DocumentKey, reason: Reason | undefined): Reason {
  return {
    code: 'waits_for_document',
    message: `It waits for ${key}, which is not in QuickBooks${reason ? `: ${reason.message}` : '.'}`,
    remedy: `Solve ${key} first; this one follows by itself on the next evening or replay.`,
  };
}
