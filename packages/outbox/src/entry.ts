import type { Reason } from '@vesper/core/reason';

/**
 * `pending → posted | held | failed | ignored | canceled`; a later event or a replay takes `held` and `failed` back to `pending`.
 * `quarantined` is a signed body nobody could read; it is kept and never folded.
 */
export type EntryState = 'pending' | 'posted' | 'held' | 'failed' | 'ignored' | 'canceled' | 'quarantined';

/** One verified webhook as it arrives, before it is stored. */
export interface NewEntry {
  companyId: string;
  /** Who signed it, e.g. `vesper`. */
  source: string;
  webhookId: string;
  type: string;
  /** What it is about, e.g. `inspection/812`. */
  subject: string;
  /** Every subject it tells something of, `subject` included: the keys by which the events of one inspection are found. */
  refs: readonly string[];
  /** Lower-case words support may search for: client name, e-mail, ids. */
  words: readonly string[];
  /** The exact bytes that were signed. */
  body: Uint8Array;
  /** SHA-256 of `body`, hex. */
  bodySha256: string;
  /** ISO 8601, UTC. */
  receivedAt: string;
  state: 'pending' | 'ignored' | 'quarantined';
  reason?: Reason;
}

/** The stored record of an event. Its id is `companyId|source|webhookId`; body and identity never change. */
export interface Entry extends Omit<NewEntry, 'state' | 'body'> {
  id: string;
  state: EntryState;
  /** Absent once redacted by age. */
  body?: Uint8Array;
  attempts: number;
  /** How many other bodies came under the same id. */
  conflicts: number;
  settledAt?: string;
  runId?: string;
}

/** A body that came under the id of an entry that already had another. */
export interface EntryConflict {
  bodySha256: string;
  receivedAt: string;
  /** Absent once redacted by age. */
  body?: Uint8Array;
}

export const entryId = ({ companyId, source, webhookId }: { companyId: string; source: string; webhookId: string }): string =>
  `${companyId}|${source}|${webhookId}`;

/** Only `stored` and `duplicate` are durable promises; the answer to the platform follows from this and nothing else. */
export type AppendOutcome =
  | { outcome: 'stored'; id: string }
  | { outcome: 'duplicate'; id: string; state: EntryState }
  /** Same id, other body: the first is kept, a durable record of the second made. */
  | { outcome: 'conflict'; id: string }
  /** More is waiting to be written than may wait. */
  | { outcome: 'full'; retryAfterMs: number };
