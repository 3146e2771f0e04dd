import type { FlushClock } from '@vesper/outbox/flusher';
import type { VirtualTime } from './virtual-time.ts';

/**
 * One operating system process. What it waits for comes only while it lives, and while it is frozen (SIGSTOP, a paused machine) it comes
 * late; its wall clock may be wrong, its monotonic one is not.
 */
export interface SimProcess {
  readonly name: string;
  readonly isAlive: boolean;
  readonly clock: FlushClock & { monotonicNow(): number };
  /** Wall clock minus true time. */
  skewMs: number;
  /** Ends it here: nothing it waits for ever comes. */
  kill(): void;
  freeze(ms: number): void;
  /** Runs in this process as soon as it can: at once, on waking, or never. */
  deliver(run: () => void): void;
  /** As `deliver`, after a time on the way. */
  after(ms: number, run: () => void): () => void;
}

export function createSimProcess({
  name,
  time,
  skewMs = 0,
  onEnd,
}: {
  name: string;
  time: VirtualTime;
  skewMs?: number;
  onEnd: () => void;
}): SimProcess {
  let isAlive = true;
  let frozenUntil = 0;
  let ids = 0;

  const deliver = (run: () => void): void => {
    if (!isAlive) return;
    if (frozenUntil <= time.now()) return run();
    time.after(frozenUntil - time.now(), () => deliver(run));
  };
  const after = (ms: number, run: () => void): (() => void) => time.after(ms, () => deliver(run));

  const process: SimProcess = {
    name,
    skewMs,
    get isAlive() {
      return isAlive;
    },
    clock: {
      now: () => time.now() + process.skewMs,
      newId: () => `${name}-${(ids += 1).toString(36)}`,
      monotonicNow: () => time.now(),
      // As the service's own clock: an aborted sleep ends early and says nothing.
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) return resolve();
          const stop = after(ms, resolve);
          signal?.addEventListener('abort', () => (stop(), resolve()), { once: true });
        }),
      every(ms, task) {
        let stop: () => void;
        const again = (): void => {
          stop = after(ms, () => (again(), task()));
        };
        again();
        return () => stop();
      },
    },
    kill() {
      if (!isAlive) return;
      isAlive = false;
      onEnd();
    },
    freeze(ms) {
      frozenUntil = Math.max(frozenUntil, time.now() + ms);
    },
    deliver,
    after,
  };
  return process;
}
