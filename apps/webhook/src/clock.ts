import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { FlushClock } from '@vesper/outbox/flusher';

export const systemClock: FlushClock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal ? { signal } : {});
    } catch (error) {
      // Woken early: the caller looks at its signal.
      if (!signal?.aborted) throw error;
    }
  },
  newId: () => randomUUID(),
};

/** A clock that shows `asOf` now and runs on from there; waiting is real. */
export function clockAsOf(asOfMs: number, base: FlushClock): FlushClock {
  const startedAtMs = base.now();
  return { ...base, now: () => asOfMs + (base.now() - startedAtMs) };
}
