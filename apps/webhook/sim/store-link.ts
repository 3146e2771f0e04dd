import { StoreError } from '@vesper/outbox/store-error';
import type { Store } from '@vesper/outbox/store';
import type { TableCall } from '@vesper/outbox/tables';
import { createTableStore } from '@vesper/outbox/table-store';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

const READS: ReadonlySet<string> = new Set(
  `entry entriesByRefs entriesByState search counts conflicts company companies
    ledger ledgerByInspection ledgerByState ledgerByDate ledgerByQuickbooks documentsByText batchesOf batchesOfRun
    run runs audit getRecord listRecords getSealed`.split(/\s+/),
);

/** One process's way to the shared store: slow, failing before or after the commit, and the place where processes die and freeze. */
export function linkStore(world: World, process: SimProcess): Store {
  const { time, random, faults } = world;

  /** What may happen before the call leaves the process. */
  const before = (name: string): void => {
    if (faults.isQuiet) return;
    if (name === 'reserveBatch' && faults.strike('crash_before_reserving')) process.kill();
    if (name === 'startSend' && faults.strike('crash_sealed_not_sent')) process.kill();
    if (name === 'settleBatch' && faults.strike('crash_answered_not_settled')) process.kill();
    if (faults.strike('crash_anywhere')) process.kill();
    if (faults.strike('pause_past_lease')) process.freeze(random.int(70_000, 900_000));
  };
  /** What may happen once it has taken effect. */
  const after = (name: string): void => {
    if (faults.isQuiet) return;
    if (name === 'reserveBatch' && faults.strike('crash_half_sealed')) process.kill();
    if (name === 'append' && faults.strike('crash_between_commit_and_answer')) process.kill();
    if (name === 'startSend' && faults.strike('pause_before_send')) process.freeze(random.int(70_000, 900_000));
  };
  const latency = (name: string): { out: number; back: number } => {
    if (name === 'renewLease' && faults.strike('slow_lease_renewal'))
      return { out: random.int(0, 5_000), back: random.int(30_000, 90_000) };
    if (faults.strike('store_slow')) return { out: random.int(0, 4_000), back: random.int(0, 8_000) };
    return random.chance(0.2) ? { out: random.int(1, 12), back: random.int(1, 12) } : { out: 0, back: 0 };
  };

  const travel = <Result>(name: string, args: readonly unknown[], apply: () => Result): Promise<Result> =>
    new Promise((resolve, reject) => {
      process.deliver(() => {
        before(name);
        process.deliver(() => {
          const { out, back } = latency(name);
          const isDown = faults.strike('store_unavailable');
          const isDoubtful = !isDown && !READS.has(name) && faults.strike('store_commit_unknown');
          wait(time, out, () => {
            const answer = isDown ? { error: unavailable() } : attempt(apply);
            world.trace(process.name, name, 'error' in answer ? 'refused' : 'ok');
            if ('result' in answer) world.stored.applied(process.name, name, args, answer.result);
            if (process.isAlive) after(name);
            wait(time, back, () =>
              process.deliver(() => {
                if (isDoubtful) reject(unavailable());
                else if ('error' in answer) reject(answer.error);
                else resolve(answer.result);
              }),
            );
          });
        });
      });
    });

  const direct: TableCall = (name, ...args) =>
    travel(name, args, () => (world.tables[name] as (...given: typeof args) => ReturnType<(typeof world.tables)[typeof name]>)(...args));
  const append: Store['append'] = (entry) =>
    travel('append', [entry], () => {
      const [outcome] = world.tables.appendGroup([entry]);
      if (!outcome) throw unavailable();
      return outcome;
    });
  const { mutation } = world;
  return createTableStore({
    call: mutation?.call?.(direct, { world, process }) ?? direct,
    append: mutation?.append?.(append, { world, process }) ?? append,
    isWritable: () => Promise.resolve(true),
    close: () => Promise.resolve(),
    secretBox: world.secretBox,
    monotonicNow: process.clock.monotonicNow,
  });
}

function attempt<Result>(apply: () => Result): { result: Result } | { error: unknown } {
  try {
    return { result: apply() };
  } catch (error) {
    return { error };
  }
}

function unavailable(): StoreError {
  return new StoreError('unavailable', 'The store did not answer.');
}

function wait(time: World['time'], ms: number, run: () => void): void {
  if (ms === 0) run();
  else time.after(ms, run);
}
