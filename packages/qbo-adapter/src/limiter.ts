import type { Clock } from './clock.ts';

/**
 * All of QuickBooks' limits of one company together: requests in flight, starts per second, requests and batches per minute, and
 * the rest after throttling. The counts live in a store, so that several processes share one budget and a restarted one
 * waits out the minute it remembers. Own code, since neither bottleneck nor p-queue can be driven by a passed-in clock, keep
 * a sliding minute across a restart, or hold five limits in a store other than Redis.
 */
export interface Limiter {
  /** Runs one request as soon as every limit has room. Requests of a realm start in the order they asked, by kind. */
  run<Result>(request: { realmId: string; kind: RequestKind }, task: () => Promise<Result>): Promise<Result>;
  /** QuickBooks asked for a pause: nothing starts for this realm before it is over, in no process. */
  rest(realmId: string, ms: number): Promise<void>;
}

/** `batch` counts against the batch limit as well; `read` and `write` are single requests. */
export type RequestKind = 'batch' | 'read' | 'write';

/** What is remembered of a realm. All instants in ms of the limiter's clock; lists oldest first. */
export interface LimiterState {
  /** Starts within the last minute. */
  starts: number[];
  /** Those of them that were batches. */
  batches: number[];
  /** Requests under way, and when to stop believing in them should their process have died. */
  inFlight: { id: string; until: number }[];
  /** Ends within the last second. */
  ended: number[];
  restUntil: number;
}

/** Where the counts live. `save` is a compare-and-set: false when the version has moved meanwhile. */
export interface LimiterStore {
  load(realmId: string): Promise<{ state: LimiterState; version: number } | undefined>;
  save(realmId: string, state: LimiterState, expectedVersion: number | 'new'): Promise<boolean>;
}

export interface Limits {
  inFlight: number;
  perSecond: number;
  perMinute: number;
  batchesPerMinute: number;
}

/** reference: QuickBooks Online limits. */
export const QUICKBOOKS_LIMITS: Limits = { inFlight: 10, perSecond: 10, perMinute: 500, batchesPerMinute: 40 };

/** Requests sent a second apart may arrive closer together: windows are kept a little longer than QuickBooks' own. */
const SECOND_MS = 1_050;
const MINUTE_MS = 60_250;
/** QuickBooks' own time limit and the client's margin: later, a request of a dead process has ended. */
const FORGET_AFTER_MS = 140_000;
/** Slots taken by other processes alone give no sign; look again soon. */
const SLOT_POLL_MS = 50;
const MOST_REST_TRIES = 4;

export function createLimiter({
  store = createMemoryLimiterStore(),
  clock,
  newId,
  limits = QUICKBOOKS_LIMITS,
}: {
  store?: LimiterStore;
  clock: Clock;
  /** Names requests under way; unique across processes. */
  newId: () => string;
  limits?: Limits;
}): Limiter {
  const lines = new Map<string, Promise<unknown>>();
  const mine = new Set<string>();
  const freed = new Map<string, (() => void)[]>();
  let releases = 0;

  /** Runs tasks of one name one after another, whatever becomes of them. */
  function inLine<Result>(name: string, task: () => Promise<Result>): Promise<Result> {
    const before = lines.get(name) ?? Promise.resolve();
    const next = before.then(task, task);
    const settled = next.then(
      () => undefined,
      () => undefined,
    );
    lines.set(name, settled);
    void settled.finally(() => {
      if (lines.get(name) === settled) lines.delete(name);
    });
    return next;
  }

  /** Reads, changes and writes the state until no other process came between. */
  function change<Result>(realmId: string, decide: (state: LimiterState) => { state?: LimiterState; result: Result }): Promise<Result> {
    return inLine(`state/${realmId}`, async () => {
      for (;;) {
        const loaded = await store.load(realmId);
        const { state, result } = decide(loaded ? loaded.state : EMPTY);
        if (!state || (await store.save(realmId, state, loaded?.version ?? 'new'))) return result;
      }
    });
  }

  async function start(realmId: string, kind: RequestKind, id: string): Promise<void> {
    for (;;) {
      const seen = releases;
      const wait = await change(realmId, (state) => admit(prune(state, clock.now()), { kind, id, now: clock.now(), limits }));
      if (wait.for === 'nothing') return;
      if (wait.for === 'time') await clock.sleep(wait.ms);
      else if (seen !== releases) continue;
      else if (wait.holders.some((holder) => mine.has(holder))) await untilFreed(realmId);
      else await clock.sleep(SLOT_POLL_MS);
    }
  }

  /** A slot held by this process announces itself; only other processes' slots must be asked after. */
  function untilFreed(realmId: string): Promise<void> {
    return new Promise((resolve) => {
      freed.set(realmId, [...(freed.get(realmId) ?? []), resolve]);
    });
  }

  return {
    async run({ realmId, kind }, task) {
      const id = newId();
      mine.add(id);
      try {
        await inLine(`start/${realmId}/${kind}`, () => start(realmId, kind, id));
        return await task();
      } finally {
        // What came back from QuickBooks counts more than a slot that is forgotten in time.
        await change(realmId, (state) => ({ ...release(state, id, clock.now()), result: undefined })).catch(() => undefined);
        mine.delete(id);
        releases += 1;
        const waiting = freed.get(realmId) ?? [];
        freed.delete(realmId);
        for (const resume of waiting) resume();
      }
    },
    async rest(realmId, ms) {
      const until = clock.now() + ms;
      for (let tries = 1; ; tries += 1) {
        try {
          return await change(realmId, (state) => ({
            state: { ...state, restUntil: Math.max(state.restUntil, until) },
            result: undefined,
          }));
        } catch (error) {
          // A rest that is not written down is kept by nobody else: a store that stumbles is asked again before the caller gives up.
          if (tries === MOST_REST_TRIES) throw error;
          await clock.sleep(SLOT_POLL_MS * tries);
        }
      }
    },
  };
}

const EMPTY: LimiterState = { starts: [], batches: [], inFlight: [], ended: [], restUntil: 0 };

function prune(state: LimiterState, now: number): LimiterState {
  return {
    ...state,
    starts: state.starts.filter((at) => at > now - MINUTE_MS),
    batches: state.batches.filter((at) => at > now - MINUTE_MS),
    inFlight: state.inFlight.filter(({ until }) => until > now),
    ended: state.ended.filter((at) => at > now - SECOND_MS),
  };
}

type Wait = { for: 'nothing' } | { for: 'time'; ms: number } | { for: 'slot'; holders: string[] };

/** A request that never started leaves nothing to give back. */
function release(state: LimiterState, id: string, now: number): { state?: LimiterState } {
  const inFlight = state.inFlight.filter((request) => request.id !== id);
  if (inFlight.length === state.inFlight.length) return {};
  return { state: { ...prune(state, now), inFlight, ended: [...state.ended, now] } };
}

/**
 * Lets the request start, or says what it waits for. The second is counted from a request's end, since it arrived at QuickBooks some time between
 * its start and its answer: however the network bunches them, no more than ten arrive in one.
 */
function admit(
  state: LimiterState,
  { kind, id, now, limits }: { kind: RequestKind; id: string; now: number; limits: Limits },
): { state?: LimiterState; result: Wait } {
  const ms = Math.max(
    state.restUntil - now,
    untilRoom(state.ended, { most: limits.perSecond - state.inFlight.length, windowMs: SECOND_MS, now }),
    untilRoom(state.starts, { most: limits.perMinute, windowMs: MINUTE_MS, now }),
    kind === 'batch' ? untilRoom(state.batches, { most: limits.batchesPerMinute, windowMs: MINUTE_MS, now }) : 0,
  );
  if (ms > 0) return { result: { for: 'time', ms } };
  if (state.inFlight.length >= Math.min(limits.inFlight, limits.perSecond))
    return { result: { for: 'slot', holders: state.inFlight.map((request) => request.id) } };
  return {
    state: {
      ...state,
      starts: [...state.starts, now],
      batches: kind === 'batch' ? [...state.batches, now] : state.batches,
      inFlight: [...state.inFlight, { id, until: now + FORGET_AFTER_MS }],
    },
    result: { for: 'nothing' },
  };
}

/** How long until fewer than `most` of these instants lie in the window. A clock set back never makes it wait longer than the window. */
function untilRoom(instants: readonly number[], { most, windowMs, now }: { most: number; windowMs: number; now: number }): number {
  const blocking = most <= 0 || instants.length < most ? undefined : instants.at(-most);
  return blocking === undefined ? 0 : Math.min(windowMs, Math.max(0, blocking + windowMs - now));
}

/** Counts of one process, for tests and for tools that run alone. */
export function createMemoryLimiterStore(): LimiterStore {
  const kept = new Map<string, { state: LimiterState; version: number }>();
  return {
    load: (realmId) => Promise.resolve(kept.get(realmId)),
    save(realmId, state, expectedVersion) {
      const found = kept.get(realmId);
      if ((found?.version ?? 'new') !== expectedVersion) return Promise.resolve(false);
      kept.set(realmId, { state, version: (found?.version ?? 0) + 1 });
      return Promise.resolve(true);
    },
  };
}
