import { randomUUID } from 'node:crypto';
import type { FlushClock } from '@vesper/outbox/flusher';

const LONG_STEP_MS = 2_000;

/**
 * The emulator's clock as the service's own, for many companies at once: time passes only when no request is on its way and nothing else moves,
 * and then to whoever waits least long, so that one company's minute of rest is not everybody's.
 */
export function createPatientClock(
  emulatorUrl: () => string,
): FlushClock & { fetch: typeof fetch; watched: <Part extends object>(part: Part) => Part } {
  const onTheWay = new Set<Promise<unknown>>();
  const wireFetch = globalThis.fetch;
  const sleepers: { at: number; wake: () => void }[] = [];
  let aheadMs = 0;
  let isMoving = false;
  const now = () => Date.now() + aheadMs;

  /** What is read from the store or computed takes no time of this clock's; before a long step it must be certain that none of it goes on. */
  const quiet = async (): Promise<void> => {
    for (let calm = 0; ; calm += 1) {
      if (onTheWay.size > 0) calm = 0;
      while (onTheWay.size > 0) await Promise.race(onTheWay);
      const stepMs = Math.min(...sleepers.map(({ at }) => at)) - now();
      if (calm >= (stepMs > LONG_STEP_MS ? 40 : 4)) return;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const move = async (): Promise<void> => {
    isMoving = true;
    while (sleepers.length > 0) {
      await quiet();
      const next = sleepers.sort((a, b) => a.at - b.at).shift();
      if (!next) continue;
      const advanceMs = Math.max(0, next.at - now());
      if (advanceMs > 0) {
        await wireFetch(`${emulatorUrl()}/emulator/clock`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ advanceMs }),
        });
        aheadMs += advanceMs;
      }
      next.wake();
    }
    isMoving = false;
  };

  const noted = <Value>(work: Promise<Value>): Promise<Value> => {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    onTheWay.add(settled);
    void settled.then(() => onTheWay.delete(settled));
    return work;
  };

  return {
    now,
    /** The same part, with time standing still while any of its work goes on. */
    watched: (part) =>
      new Proxy(part, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== 'function') return member;
          return (...args: unknown[]): unknown => {
            const result: unknown = Reflect.apply(member, target, args);
            return result instanceof Promise ? noted(result) : result;
          };
        },
      }),
    newId: () => randomUUID(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: now() + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => {
          if (sleepers.includes(sleeper)) sleepers.splice(sleepers.indexOf(sleeper), 1);
          resolve();
        });
        if (!isMoving) void move();
      }),
    async fetch(input, init) {
      const request = wireFetch(input, init);
      if (!String(input instanceof Request ? input.url : input).startsWith(emulatorUrl())) return request;
      return noted(request);
    },
  };
}
