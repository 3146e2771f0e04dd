import type { World } from './world.ts';

/** QuickBooks' limits, judged where QuickBooks would: by the arrivals at one realm, over all processes, on true time. */
export interface LimitsWatch {
  /** A request leaves a process. */
  departs(realmId: string, by: { name: string; skewMs: number }): void;
  arrives(realmId: string, request: { isBatch: boolean; items: number }): void;
  leaves(realmId: string): void;
  /** A process has heard that it must rest. */
  throttled(realmId: string, by: { name: string }): void;
  /** A process is gone: what it had only just heard, nobody else can know. */
  died(by: { name: string }): void;
  /** Wall clocks disagree from here on for a while: budgets that processes share by their clocks cannot be judged to the second. */
  clocksDisagree(untilMs: number): void;
}

interface Realm {
  arrivals: number[];
  batches: number[];
  inFlight: number;
  restFrom: number;
  restUntil: number;
  restHeardBy: string;
}

const REST_MS = 60_000;
/** A request that had left the limiter before the others could know of the rest. */
const UNDER_WAY_MS = 3_000;

export function createLimitsWatch({ time, violate }: Pick<World, 'time' | 'violate'>): LimitsWatch {
  const realms = new Map<string, Realm>();
  let disagreeUntil = 0;
  const realmOf = (realmId: string): Realm => {
    const known = realms.get(realmId);
    if (known) return known;
    const made: Realm = { arrivals: [], batches: [], inFlight: 0, restFrom: 0, restUntil: 0, restHeardBy: '' };
    realms.set(realmId, made);
    return made;
  };

  return {
    departs(realmId, { name }) {
      const realm = realmOf(realmId);
      const now = time.now();
      if (now < disagreeUntil) return;
      if (now > realm.restFrom + UNDER_WAY_MS && now < realm.restUntil)
        violate('I10', `${name} sent to ${realmId} ${Math.round((realm.restUntil - now) / 1_000)} s before the rest after a 429 was over`);
    },
    arrives(realmId, { isBatch, items }) {
      const realm = realmOf(realmId);
      const now = time.now();
      realm.inFlight += 1;
      realm.arrivals.push(now);
      while ((realm.arrivals[0] ?? now) <= now - 60_000) realm.arrivals.shift();
      if (isBatch) realm.batches.push(now);
      while ((realm.batches[0] ?? now) <= now - 60_000) realm.batches.shift();
      if (items > 30) violate('I10', `a batch of ${items} items arrived at ${realmId}`);
      if (realm.inFlight > 10) violate('I10', `${realm.inFlight} requests in flight at ${realmId}`);
      if (now < disagreeUntil) return;
      const second = realm.arrivals.filter((at) => at > now - 1_000).length;
      if (second > 10) violate('I10', `${second} requests arrived at ${realmId} within a second`);
      if (realm.arrivals.length > 500) violate('I10', `${realm.arrivals.length} requests arrived at ${realmId} within a minute`);
      if (realm.batches.length > 40) violate('I10', `${realm.batches.length} batches arrived at ${realmId} within a minute`);
    },
    leaves(realmId) {
      realmOf(realmId).inFlight -= 1;
    },
    throttled(realmId, { name }) {
      const realm = realmOf(realmId);
      if (realm.restUntil <= time.now()) realm.restFrom = time.now();
      realm.restUntil = time.now() + REST_MS;
      realm.restHeardBy = name;
    },
    died({ name }) {
      for (const realm of realms.values())
        if (realm.restHeardBy === name && time.now() < realm.restFrom + UNDER_WAY_MS) realm.restUntil = 0;
    },
    clocksDisagree(untilMs) {
      disagreeUntil = Math.max(disagreeUntil, untilMs);
    },
  };
}
