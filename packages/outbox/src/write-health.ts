import { StoreError } from './store-error.ts';

/**
 * Whether the store takes writes, told by the last write. After a failure, or a while without writes, one small write is tried,
 * at most once in `probeEveryMs`, so asking is cheap enough for every request.
 */
export interface WriteHealth {
  /** Runs a write and remembers how it ended. */
  watch<Result>(write: () => Promise<Result>): Promise<Result>;
  isWritable(): Promise<boolean>;
}

export function createWriteHealth({
  probe,
  now,
  probeEveryMs = 1_000,
}: {
  probe: () => Promise<void>;
  now: () => number;
  probeEveryMs?: number;
}): WriteHealth {
  let writable: boolean | undefined;
  let knownAtMs = 0;
  let probing: Promise<boolean> | undefined;

  const learn = (answer: boolean): boolean => {
    writable = answer;
    knownAtMs = now();
    return answer;
  };

  async function watch<Result>(write: () => Promise<Result>): Promise<Result> {
    try {
      const result = await write();
      learn(true);
      return result;
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'unavailable') learn(false);
      throw error;
    }
  }

  async function tryOne(): Promise<boolean> {
    try {
      await watch(probe);
      return true;
    } catch {
      return learn(false);
    } finally {
      probing = undefined;
    }
  }

  return {
    watch,
    isWritable() {
      if (writable !== undefined && Math.abs(now() - knownAtMs) < probeEveryMs) return Promise.resolve(writable);
      probing ??= tryOne();
      return probing;
    },
  };
}
