import PQueue from 'p-queue';

export interface FairQueue {
  /** Runs the task when a slot is free and answers what it answered; throws what it threw. */
  add<Value>(task: () => Promise<Value>): Promise<Value>;
  /** When nothing runs and nothing waits. */
  idle(): Promise<void>;
}

export interface FairQueueOptions {
  /** Tasks that hold a slot at once. */
  atOnce: number;
  /** Tasks that may go on beside them after their time with a slot is over. */
  longAtOnce: number;
  /** How long a task may keep its slot while others wait. */
  slotMs: number;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Slots for many companies of very different sizes: whoever takes long gives the slot to the next and goes on beside the others, so that a
 * company with fifty thousand entries, or with a QuickBooks that hangs, holds up nobody. Never more than `atOnce + longAtOnce` run.
 */
export function createFairQueue({ atOnce, longAtOnce, slotMs, sleep }: FairQueueOptions): FairQueue {
  const slots = new PQueue({ concurrency: atOnce });
  const long = new Set<Promise<unknown>>();

  return {
    add(task) {
      return new Promise((resolve, reject) => {
        const hold = async (): Promise<void> => {
          const finished = new AbortController();
          const running = task()
            .then(resolve, reject)
            .finally(() => finished.abort());
          await Promise.race([running, sleep(slotMs, finished.signal)]);
          if (finished.signal.aborted) return;
          if (long.size >= longAtOnce) return running;
          long.add(running);
          void running.then(() => long.delete(running));
        };
        slots.add(hold).catch(reject);
      });
    },
    async idle() {
      await slots.onIdle();
      await Promise.all(long);
    },
  };
}
