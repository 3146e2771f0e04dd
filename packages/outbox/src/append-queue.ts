import { StoreError } from './store-error.ts';
import type { AppendOutcome, NewEntry } from './entry.ts';

/**
 * Group commit: whatever arrives while one group is being written forms the next group, so a hundred callers share one commit.
 * An append waits for at most the group in progress plus its own. More than `limit` entries or `limitBytes` waiting is answered `full`.
 */
export interface AppendQueue {
  append(entry: NewEntry): Promise<AppendOutcome>;
  readonly isFull: boolean;
  /** Resolves when nothing waits and nothing is being written. */
  drained(): Promise<void>;
}

interface Waiting {
  entry: NewEntry;
  resolve: (outcome: AppendOutcome) => void;
  reject: (error: unknown) => void;
}

export function createAppendQueue(options: {
  /** Writes a group durably; outcomes in the order of the entries. When it rejects, nobody in the group was promised anything. */
  writeGroup: (entries: readonly NewEntry[]) => Promise<readonly AppendOutcome[]>;
  limit?: number;
  limitBytes?: number;
  groupLimit?: number;
}): AppendQueue {
  const { writeGroup, limit = 5_000, limitBytes = 64 * 1024 * 1024, groupLimit = 256 } = options;
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let writing = false;
  let onDrained: (() => void)[] = [];

  const isFull = () => waiting.length >= limit || waitingBytes >= limitBytes;

  async function writeNext(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting.length <= groupLimit ? waiting : waiting.slice(0, groupLimit);
      waiting = waiting.length <= groupLimit ? [] : waiting.slice(groupLimit);
      for (const { entry } of group) waitingBytes -= entry.body.byteLength;
      try {
        const outcomes = await writeGroup(group.map(({ entry }) => entry));
        group.forEach(({ resolve, reject }, index) => {
          const outcome = outcomes[index];
          if (outcome === undefined) reject(new StoreError('unavailable', 'The store gave no outcome for this entry.'));
          else resolve(outcome);
        });
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    writing = false;
    const told = onDrained;
    onDrained = [];
    for (const tell of told) tell();
  }

  return {
    append(entry) {
      if (isFull()) return Promise.resolve({ outcome: 'full', retryAfterMs: 1_000 });
      return new Promise((resolve, reject) => {
        waiting.push({ entry, resolve, reject });
        waitingBytes += entry.body.byteLength;
        if (writing) return;
        writing = true;
        // After this turn's input: requests read from their sockets together are written together.
        setImmediate(() => void writeNext());
      });
    },
    get isFull() {
      return isFull();
    },
    drained() {
      if (!writing) return Promise.resolve();
      return new Promise((resolve) => onDrained.push(resolve));
    },
  };
}
