import { createChaosWorld, type ChaosWorld } from './chaos-world.ts';
import { FAULT_POINTS } from './fault-points.ts';
import { breakNetwork, fillDisk, killAtPoint, killAtRandom, pausePastLease, twoProcesses, type Chance } from './rounds.ts';

type Round = (world: ChaosWorld, chance: Chance) => Promise<void>;

/** Every kind of round there is. `ownWorld`: the store does not outlive the round. */
const KINDS: readonly { name: string; store: 'sqlite' | 'mongodb'; ownWorld?: true; round: Round }[] = [
  ...(['sqlite', 'mongodb'] as const).flatMap((store) => [
    ...FAULT_POINTS.map((point) => ({
      name: `SIGKILL ${point}`,
      store,
      round: (world: ChaosWorld, chance: Chance) => killAtPoint(world, point, chance),
    })),
    { name: 'SIGKILL at random', store, round: killAtRandom },
    ...(['reset', 'hole'] as const).map((mode) => ({
      name: `QuickBooks ${mode}`,
      store,
      round: (world: ChaosWorld, chance: Chance) => breakNetwork(world, 'quickbooks', mode, chance),
    })),
  ]),
  { name: 'SIGSTOP past the lease', store: 'mongodb', round: pausePastLease },
  { name: 'two processes', store: 'mongodb', round: twoProcesses },
  ...(['reset', 'hole'] as const).map((mode) => ({
    name: `store ${mode}`,
    store: 'mongodb' as const,
    round: (world: ChaosWorld, chance: Chance) => breakNetwork(world, 'database', mode, chance),
  })),
  { name: 'disk full', store: 'sqlite', ownWorld: true, round: fillDisk },
];

export interface ChaosResult {
  rounds: number;
  /** How often each kind of round was run. */
  kinds: Record<string, number>;
  /** What QuickBooks has lost or double, by round; empty when the promise holds. */
  violations: string[];
}

/** Runs rounds of every kind in turn, each judged by QuickBooks' own ledger over all that its world was ever told. */
export async function runChaos({
  rounds = 'each kind once',
  seed,
  store,
  onRound,
}: {
  rounds?: number | 'each kind once';
  seed: number;
  /** Only rounds on this store. */
  store?: 'sqlite' | 'mongodb';
  onRound?: (told: { round: number; name: string; store: string; ms: number; violations: string[] }) => void;
}): Promise<ChaosResult> {
  const chance = chanceOf(seed);
  const kinds = KINDS.filter((kind) => store === undefined || kind.store === store);
  const wanted = rounds === 'each kind once' ? kinds.length : rounds;
  const worlds = new Map<string, ChaosWorld>();
  const result: ChaosResult = { rounds: 0, kinds: {}, violations: [] };
  try {
    for (let round = 0; round < wanted; round += 1) {
      const kind = kinds[round % kinds.length];
      if (!kind) break;
      const startedAt = performance.now();
      if (round % kinds.length === 0) await closeAll(worlds);
      const world = worlds.get(kind.store) ?? (await createChaosWorld(kind.store));
      const own = kind.ownWorld ? await createChaosWorld(kind.store) : undefined;
      if (!own) worlds.set(kind.store, world);
      const violations: string[] = [];
      try {
        await kind.round(own ?? world, chance);
        violations.push(...(await (own ?? world).judge()));
      } catch (error) {
        violations.push(error instanceof Error ? error.message : String(error));
      } finally {
        await own?.close();
      }
      const name = `${kind.name} (${kind.store})`;
      result.rounds += 1;
      result.kinds[name] = (result.kinds[name] ?? 0) + 1;
      result.violations.push(...violations.map((words) => `round ${round + 1}, seed ${seed}, ${name}: ${words}`));
      onRound?.({ round: round + 1, name: kind.name, store: kind.store, ms: Math.round(performance.now() - startedAt), violations });
      if (violations.length > 0) break;
    }
  } finally {
    await closeAll(worlds);
  }
  return result;
}

/** A world lives for one turn through all kinds: the packaged MongoDB server grows slow with what it holds. */
async function closeAll(worlds: Map<string, ChaosWorld>): Promise<void> {
  for (const [store, world] of worlds) {
    worlds.delete(store);
    await world.close();
  }
}

/** mulberry32. */
function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
