import { parentPort, workerData } from 'node:worker_threads';
import { runSeed, type SeedResult } from './run-seed.ts';

/** Runs the seeds it is given, each twice, and tells of each: the second life must be the first one again. */
export interface SeedOrder {
  seeds: readonly number[];
  mutation?: string;
}

export type SeedReport = Omit<SeedResult, 'trace'>;

const { seeds, mutation } = workerData as SeedOrder;
for (const seed of seeds) {
  const options = mutation === undefined ? {} : { mutation };
  const { trace: _, ...first } = await runSeed(seed, options);
  const second = await runSeed(seed, options);
  if (second.hash !== first.hash)
    first.violations.push({
      invariant: 'same trace',
      at: '',
      message: `seed ${seed} lived twice gives two event logs: ${first.hash.slice(0, 12)} with ${first.events} events, ${second.hash.slice(0, 12)} with ${second.events}`,
    });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread's port, not a window
  parentPort?.postMessage(first satisfies SeedReport);
}
