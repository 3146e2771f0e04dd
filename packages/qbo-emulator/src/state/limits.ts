/** Requests per company; `false` switches all limits off. */
export type Limits = {
  readonly inFlight: number;
  readonly perSecond: number;
  readonly perMinute: number;
  readonly batchesPerMinute: number;
};

/**
 * Intuit "limits and throttles": 500 requests a minute and 40 batches a minute per realm; the page says 10 requests a
 * second, older documentation 10 at the same time. Both are kept.
 */
export const quickBooksLimits: Limits = { inFlight: 10, perSecond: 10, perMinute: 500, batchesPerMinute: 40 };

/** Sliding windows over the requests that were let through, by the emulator's clock. */
export class RateLimiter {
  readonly #requests = new Window();
  readonly #batches = new Window();

  /** Whether the request may pass; only then does it count. `inFlight` includes this request. */
  admit({ limits, now, batch, inFlight }: { limits: Limits; now: number; batch: boolean; inFlight: number }): boolean {
    this.#requests.forget(now);
    this.#batches.forget(now);
    const full =
      inFlight > limits.inFlight ||
      this.#requests.since(now - 1_000) >= limits.perSecond ||
      this.#requests.size >= limits.perMinute ||
      (batch && this.#batches.size >= limits.batchesPerMinute);
    if (full) return false;
    this.#requests.add(now);
    if (batch) this.#batches.add(now);
    return true;
  }
}

/** The instants of the last minute, oldest first. A clock set back empties it. */
class Window {
  #instants: number[] = [];
  #head = 0;

  get size(): number {
    return this.#instants.length - this.#head;
  }

  add(now: number): void {
    this.#instants.push(now);
  }

  forget(now: number): void {
    const last = this.#instants.at(-1);
    if (last !== undefined && last > now) this.#head = this.#instants.length;
    while (this.#head < this.#instants.length && (this.#instants[this.#head] ?? 0) <= now - 60_000) this.#head += 1;
    if (this.#head > 1_000) {
      this.#instants = this.#instants.slice(this.#head);
      this.#head = 0;
    }
  }

  /** How many lie after the instant. */
  since(instant: number): number {
    let count = 0;
    for (let i = this.#instants.length - 1; i >= this.#head && (this.#instants[i] ?? 0) > instant; i -= 1) count += 1;
    return count;
  }
}
