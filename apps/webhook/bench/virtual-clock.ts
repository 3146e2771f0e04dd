import { randomUUID } from 'node:crypto';
import type { FlushClock } from '@vesper/outbox/flusher';

/**
 * The emulator's clock as the service's own: sleeping moves it, so that minutes of waiting for QuickBooks' limits take no time.
 * It moves only while no request is on its way, for one that arrived after the jump would count in the wrong minute.
 */
export function createVirtualClock(emulatorUrl: () => string): FlushClock & { fetch: typeof fetch } {
  const onTheWay = new Set<Promise<unknown>>();
  const wireFetch = globalThis.fetch;
  let aheadMs = 0;
  let moving: Promise<void> = Promise.resolve();
  const now = () => Date.now() + aheadMs;

  const moveTo = async (target: number): Promise<void> => {
    while (onTheWay.size > 0) await Promise.race(onTheWay);
    const advanceMs = Math.max(0, target - now());
    if (advanceMs === 0) return;
    aheadMs += advanceMs;
    await wireFetch(`${emulatorUrl()}/emulator/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ advanceMs }),
    });
  };

  return {
    now,
    newId: () => randomUUID(),
    sleep(ms) {
      const target = now() + ms;
      moving = moving.then(() => moveTo(target));
      return moving;
    },
    async fetch(input, init) {
      const request = wireFetch(input, init);
      // A caller of the service waits for the very sleepers whose clock it would hold.
      const isForEmulator = String(input instanceof Request ? input.url : input).startsWith(emulatorUrl());
      if (!isForEmulator) return request;
      const settled = request.then(
        () => undefined,
        () => undefined,
      );
      onTheWay.add(settled);
      try {
        return await request;
      } finally {
        onTheWay.delete(settled);
      }
    },
  };
}
