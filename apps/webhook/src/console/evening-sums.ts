import type { RunRecord } from '@vesper/outbox/run';
import type { Store } from '@vesper/outbox/store';

/** What one local day's runs came to, of all companies asked for. */
export interface Evening {
  localDate: string;
  changed: number;
  held: number;
  failed: number;
}

export interface EveningSums {
  /** Of these local days, oldest first, those without a run included, and the runs of the last `FRESH_DAYS` themselves. */
  of(companyIds: readonly string[] | undefined, days: readonly string[]): Promise<{ evenings: Evening[]; recent: RunRecord[] }>;
}

/** Days whose runs may still come or change: read anew each time. Older ones are summed once and remembered. */
const FRESH_DAYS = 2;
const REMEMBERED_MS = 15 * 60_000;
/** A look more often than this, from however many browsers, sees the same runs; each run's own page is always of now. */
const FRESH_MS = 10_000;
const MOST_RUNS = 20_000;

export function createEveningSums({ store, clock }: { store: Pick<Store, 'runs'>; clock: { now(): number } }): EveningSums {
  const remember = createMemory(clock);
  const read = async (companyIds: readonly string[] | undefined, period: { fromDate?: string; toDate?: string }): Promise<RunRecord[]> => {
    if (!companyIds) return store.runs({ ...period, limit: MOST_RUNS });
    return (await Promise.all(companyIds.map((companyId) => store.runs({ companyId, ...period, limit: MOST_RUNS })))).flat();
  };

  return {
    async of(companyIds, days) {
      const [past, fresh] = [days.slice(0, -FRESH_DAYS), days.slice(-FRESH_DAYS)];
      const [from, to, since = ''] = [past[0], past.at(-1), fresh[0]];
      const whose = companyIds?.join(' ') ?? '*';
      const [known, recent] = await Promise.all([
        from === undefined || to === undefined
          ? []
          : remember(`${whose} ${from} ${to}`, REMEMBERED_MS, async () =>
              sumByDay(await read(companyIds, { fromDate: from, toDate: to }), past),
            ),
        remember(`${whose} ${since}`, FRESH_MS, () => read(companyIds, { fromDate: since })),
      ]);
      return { evenings: [...known, ...sumByDay(recent, fresh)], recent };
    },
  };
}

/** Answers what was made before, for so long; of several who ask at once one makes it. What failed is not remembered. */
function createMemory(clock: { now(): number }) {
  const kept = new Map<string, { value: Promise<unknown>; untilMs: number }>();
  return <Value>(name: string, forMs: number, make: () => Promise<Value>): Promise<Value> => {
    const nowMs = clock.now();
    const known = kept.get(name);
    if (known && nowMs < known.untilMs) return known.value as Promise<Value>;
    for (const [old, { untilMs }] of kept) if (untilMs <= nowMs) kept.delete(old);
    const value = make();
    kept.set(name, { value, untilMs: nowMs + forMs });
    value.catch(() => kept.delete(name));
    return value;
  };
}

function sumByDay(runs: readonly RunRecord[], days: readonly string[]): Evening[] {
  const evenings = new Map(days.map((day) => [day, { localDate: day, changed: 0, held: 0, failed: 0 }]));
  for (const { localDate, counts, trigger } of runs) {
    const evening = evenings.get(localDate);
    if (!evening) continue;
    evening.changed += counts.posted + counts.updated + counts.voided;
    // What waits is counted by every run of the day again: the evening's own count stands.
    if (trigger !== 'evening') continue;
    evening.held += counts.held;
    evening.failed += counts.failed + counts.unknown;
  }
  return [...evenings.values()];
}
