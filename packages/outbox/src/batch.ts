import type { DocumentKey } from '@vesper/core/document';
import type { Operation } from '@vesper/core/operation';

/**
 * A batch lives through `assembling → sealed → settled`. While `assembling` nothing has been sent and it may be undone.
 * Once `sealed` its bytes, request id, realm and order never change; `unknown` is a sealed batch with items whose outcome must still be found.
 */
export type BatchState = 'assembling' | 'sealed' | 'unknown' | 'settled';

export interface BatchItem {
  key: DocumentKey;
  /** At most 10 characters, unique in the batch. */
  bId: string;
  operation: Operation;
  /** The answer's verdict for this item, once there is one. */
  outcome?: 'posted' | 'hold' | 'fail' | 'unknown' | 'again' | 'released';
  code?: string;
  detail?: string;
}

/** One sending of the sealed bytes. */
export interface BatchSend {
  startedAt: string;
  endedAt?: string;
  outcome?: 'answered' | 'unknown' | 'later' | 'refused' | 'stop';
  intuitTid?: string;
  detail?: string;
}

export interface BatchRecord {
  id: string;
  companyId: string;
  runId: string;
  realmId: string;
  /** At most 36 characters, unique for the realm for ever. */
  requestId: string;
  state: BatchState;
  /** The highest fence that wrote it; a lower one is refused. */
  fence: number;
  items: BatchItem[];
  /** The exact bytes to send; present from `sealed` on. */
  body?: Uint8Array;
  bodySha256?: string;
  sends: BatchSend[];
  createdAt: string;
}
