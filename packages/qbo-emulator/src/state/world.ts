import { Clock } from './clock.ts';
import type { Company } from './company.ts';
import { FaultPlan } from './fault-plan.ts';
import type { LoggedRequest } from './request-log.ts';
import { Tokens } from './tokens.ts';

const RECENT = 200;

export type RecentRequest = { readonly request: LoggedRequest; readonly realmId: string | undefined };
type Deferred = { readonly dueAt: number; readonly run: () => void };

/** Everything the emulator remembers; a reset forgets it. */
export class World {
  readonly clock: Clock;
  companies = new Map<string, Company>();
  tokens = new Tokens();
  faults = new FaultPlan();
  #recent: RecentRequest[] = [];
  #deferred: Deferred[] = [];
  #realms = 0;

  constructor(realClock: () => number) {
    this.clock = new Clock(realClock);
  }

  reset(): void {
    this.companies = new Map();
    this.tokens = new Tokens();
    this.faults = new FaultPlan();
    this.#recent = [];
    this.#deferred = [];
    this.clock.reset();
  }

  /** Realm ids are never given out twice, not even after a reset: an old token cannot open a new company. */
  newRealmId(): string {
    let realmId: string;
    do {
      this.#realms += 1;
      realmId = `91303500${String(this.#realms).padStart(8, '0')}`;
    } while (this.companies.has(realmId));
    return realmId;
  }

  /** The company made last. */
  get newest(): Company | undefined {
    return [...this.companies.values()].at(-1);
  }

  /** Runs something once the clock has passed an instant: by the next move of the clock or the next request. */
  defer(dueAt: number, run: () => void): void {
    this.#deferred.push({ dueAt, run });
  }

  runDue(): void {
    if (this.#deferred.length === 0) return;
    const now = this.clock.now();
    const due = this.#deferred.filter(({ dueAt }) => dueAt <= now).sort((a, b) => a.dueAt - b.dueAt);
    this.#deferred = this.#deferred.filter(({ dueAt }) => dueAt > now);
    for (const { run } of due) run();
  }

  note(request: LoggedRequest, realmId: string | undefined): void {
    this.#recent.push({ request, realmId });
    if (this.#recent.length >= 2 * RECENT) this.#recent.splice(0, RECENT);
  }

  /** The last 200 requests to QuickBooks' own routes, newest first. */
  get recent(): readonly RecentRequest[] {
    return this.#recent.slice(-RECENT).toReversed();
  }
}
