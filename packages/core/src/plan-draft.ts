import type { AccountingDocument, DocumentKey, DocumentType } from './document.ts';
import type { Explanation } from './explain.ts';
import type { Plan, Waiting, Wanted } from './plan.ts';

/** A plan while it is being written. */
export interface PlanDraft {
  readonly plan: Plan;
  want(document: AccountingDocument): void;
  takeBack(document: { key: DocumentKey; type: DocumentType; how: 'void' | 'delete' }): void;
  hold(subject: string, reason: Explanation, key?: DocumentKey): void;
  skip(subject: string, reason: Explanation, key?: DocumentKey): void;
  /** What this plan says of a document so far. */
  wantedOf(key: DocumentKey): Wanted | undefined;
}

export function draftPlan(): PlanDraft {
  const plan: Plan = { documents: [], holds: [], skips: [] };
  return {
    plan,
    want: (document) => void plan.documents.push({ presence: 'present', document }),
    takeBack: (document) => void plan.documents.push({ presence: 'absent', ...document }),
    hold: (subject, reason, key) => void plan.holds.push(toWaiting(subject, reason, key)),
    skip: (subject, reason, key) => void plan.skips.push(toWaiting(subject, reason, key)),
    wantedOf: (key) => plan.documents.find((wanted) => keyOf(wanted) === key),
  };
}

export function keyOf(wanted: Wanted): DocumentKey {
  return wanted.presence === 'present' ? wanted.document.key : wanted.key;
}

function toWaiting(subject: string, reason: Explanation, key: DocumentKey | undefined): Waiting {
  return key === undefined ? { subject, reason } : { subject, key, reason };
}
