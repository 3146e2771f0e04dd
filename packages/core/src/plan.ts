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
export type Difference = { key: DocumentKey; kind: 'none'; why: 'already_there' | 'never_posted' | 'already_gone' } | Operation;
