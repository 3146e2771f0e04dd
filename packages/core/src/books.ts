import type { DocumentKey } from './document.ts';
import type { Ledger, QuickbooksRecord } from './ledger.ts';
import type { Operation } from './operation.ts';
import type { Reason } from './reason.ts';

/**
 * The port to a company's books: all a flusher may ask of the accounting system. `packages/qbo-adapter` is the real one.
 * Expected outcomes are values; anything thrown is broken, and nothing may be concluded about the books from it.
 */
export interface Books {
  /** The QuickBooks company these books are; batches are sealed for one realm and never sent to another. */
  readonly realmId: string;
  /** How many operations one batch may hold, at most 30. */
  readonly batchSize: number;
  /** At most this many batches at once are worth having under way. */
  readonly concurrency: number;

  /**
   * Looks up in bulk what must be known before sealing: existing customers, fresh sync tokens, open balances, drift.
   * Answers one `Prepared` for each operation, in the same order. `ledger` holds the operations' dependencies, posted.
   */
  prepare(operations: readonly Operation[], ledger: Ledger): Promise<Prepared[]>;

  /** The exact bytes of a batch of prepared items. Pure: same items, same bytes. */
  assemble(items: readonly { bId: string; payload: unknown }[]): Uint8Array;

  /** Sends sealed bytes under their request id, within QuickBooks' limits. Never throws for what the network or QuickBooks does. */
  send(batch: SealedBytes): Promise<SendOutcome>;

  /** Whether QuickBooks holds the effect of an operation whose outcome is unknown. Never concludes `absent` from a failed look. */
  find(operation: Operation, ledger: Ledger): Promise<FindOutcome>;
}

export interface SealedBytes {
  requestId: string;
  body: Uint8Array;
  items: readonly { bId: string; key: DocumentKey; operation: Operation }[];
}

/** `list` marks name-list entities (customers, items), whose batches go one at a time. */
export type Prepared =
  | { outcome: 'send'; payload: unknown; list: boolean }
  | { outcome: 'adopt'; quickbooks: QuickbooksRecord; differences?: string[] }
  | { outcome: 'hold'; reason: Reason }
  | { outcome: 'fail'; reason: Reason }
  /** The books could not be looked at: nothing can be concluded about any operation, and the run ends for now. */
  | { outcome: 'stop'; reason: Reason };

/** What became of a batch as a whole. */
export type SendOutcome =
  | { outcome: 'answered'; items: ReadonlyMap<string, ItemOutcome>; intuitTid?: string }
  /** The request may or may not have taken effect: resend the same bytes, or look. */
  | { outcome: 'unknown'; reason: Reason }
  /** Known not to have been carried out; the same bytes may go again after the wait. */
  | { outcome: 'later'; afterMs: number; reason: Reason }
  /** Known to be refused as a whole: split it under new request ids. */
  | { outcome: 'refused'; reason: Reason }
  /** The company cannot post at all now (reconnect, subscription, closed): keep the batch, stop the run. */
  | { outcome: 'stop'; reason: Reason };

/** What became of one item. A bId that is missing from the map is `unknown`. */
export type ItemOutcome =
  | { outcome: 'posted'; quickbooks: QuickbooksRecord; differences?: string[] }
  | { outcome: 'hold'; reason: Reason }
  /** `unproven`: refused in words that may also come with a record that was saved all the same. */
  | { outcome: 'fail'; reason: Reason; unproven?: true }
  | { outcome: 'unknown'; reason: Reason }
  /** Nothing was written and the ground has moved (stale sync token, name taken): prepare it anew under a new request id. */
  | { outcome: 'again'; reason: Reason; unproven?: true };

export type FindOutcome =
  /** Provably ours: marker, customer, date, lines and total agree. */
  | { outcome: 'found'; quickbooks: QuickbooksRecord; differences?: string[] }
  | { outcome: 'absent' }
  /** Something is there that cannot be proved to be ours, or the look failed. */
  | { outcome: 'unclear'; reason: Reason };
