import type { AccountingDocument, DocumentKey, DocumentType } from './document.ts';
import type { Operation } from './operation.ts';
import type { Reason } from './reason.ts';

/** A document that should stand in the books, or one that was posted and should be taken back. What a plan does not name stays as it is. */
export type Wanted =
  | { presence: 'present'; document: AccountingDocument }
  | { presence: 'absent'; key: DocumentKey; type: DocumentType; how: 'void' | 'delete' };

/** Something that waits (`hold`) or is left out on purpose (`skip`): about which subject, and which document if it names one. */
export interface Waiting {
  subject: string;
  key?: DocumentKey;
  reason: Reason;
}

/** What the events of one inspection, or one payout, mean for the books. */
export interface Plan {
  documents: Wanted[];
  holds: Waiting[];
  skips: Waiting[];
}

/** What one wanted document needs: an operation, or nothing because QuickBooks already agrees. */
export type Difference = { key: DocumentKey; kind: 'none'; why: NothingToDo } | Operation;

/**
 * `already_there` QuickBooks agrees · `never_posted` nothing to take back · `already_gone` taken back before · `newer_there` QuickBooks has
 * newer data of this customer · `outcome_unknown` it, or something it depends on, may or may not be in QuickBooks: that must be learnt first ·
 * `dependency_missing` something it depends on is neither in the books nor planned with it.
 */
export type NothingToDo = 'already_there' | 'never_posted' | 'already_gone' | 'newer_there' | 'outcome_unknown' | 'dependency_missing';
