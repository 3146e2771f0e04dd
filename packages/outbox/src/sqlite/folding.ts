import type { SqliteTables } from './tables.ts';

/** When the inbox is folded in: a little while after an append, in short steps, not at all while appends come thick, and before any reading. */
export interface Folding {
  appended(count: number): void;
  isNeededFor(name: keyof SqliteTables): boolean;
  /** Folds in what is there now, in steps that let appends through. */
  catchUp(): Promise<void>;
  /** Folds in what it can within a moment; what is left is folded in after the next opening. */
  stop(): void;
}

/** Larger steps cost less an entry, and hold appends up longer. */
const stepEntries = 256;
const tickMs = 20;
/** More than this in one tick, and the callers' latency goes first: about 400 entries a second. */
const thickTick = 8;
/** Past this many unfolded entries, reading would wait too long: fold in however thick they come, a little faster than they do and in steps of a few milliseconds. */
const mostUnfolded = 100_000;
const overtaking = 1.25;
const thickStepEntries = 64;

const closingMs = 2_000;

const readers: ReadonlySet<keyof SqliteTables> = new Set([
  'entry',
  'entriesByRefs',
  'entriesByState',
  'search',
  'moveEntry',
  'settleEntries',
  'redactBodies',
  'conflicts',
  'exportRows',
  'importRows',
]);

export function createFolding(tables: SqliteTables): Folding {
  // At most: a rolled-back append leaves a gap.
  let unfolded = tables.newestUnfolded() === 0 ? 0 : tables.newestUnfolded() - tables.oldestUnfolded() + 1;
  let arrived = 0;
  /** Entries to fold in since appends have left too many behind. */
  let owed = 0;
  let timer: NodeJS.Timeout | undefined;

  const step = (limit = stepEntries): number => {
    const folded = tables.foldIn(limit);
    unfolded = folded < limit ? 0 : Math.max(0, unfolded - folded);
    return folded;
  };

  const tick = (): void => {
    timer = undefined;
    const thick = arrived > thickTick;
    arrived = 0;
    try {
      if (!thick) step();
    } catch {
      // The disk takes no writes now: the next append or reading says so; the entries stay where they are.
    }
    if (unfolded > 0) timer = setTimeout(tick, tickMs).unref();
  };

  if (unfolded > 0) timer = setTimeout(tick, tickMs).unref();

  return {
    appended(count) {
      unfolded += count;
      arrived += count;
      owed = unfolded > mostUnfolded ? owed + count * overtaking : 0;
      if (owed >= thickStepEntries) owed -= step(Math.min(stepEntries, Math.floor(owed)));
      if (unfolded > 0) timer ??= setTimeout(tick, tickMs).unref();
    },
    isNeededFor: (name) => unfolded > 0 && readers.has(name),
    async catchUp() {
      const newest = tables.newestUnfolded();
      while (tables.oldestUnfolded() !== 0 && tables.oldestUnfolded() <= newest) {
        step();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    stop() {
      clearTimeout(timer);
      const untilMs = performance.now() + closingMs;
      try {
        while (performance.now() < untilMs) if (step() === 0) break;
      } catch {
        // The disk takes no writes now: the entries stay where they are.
      }
    },
  };
}
