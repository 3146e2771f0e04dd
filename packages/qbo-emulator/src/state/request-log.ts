const KEPT = 1_000;

export type LoggedRequest = {
  /** Milliseconds of the emulator's clock. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly operation: string | null;
  readonly requestid: string | null;
  readonly bodySha256: string | null;
  /** null while no answer was sent. */
  status: number | null;
};

/** Counts of all requests of a company, and the last thousand themselves. */
export class RequestLog {
  total = 0;
  batches = 0;
  throttled = 0;
  readonly #minutes = new Map<number, { total: number; batches: number }>();
  readonly #log: LoggedRequest[] = [];

  add(request: LoggedRequest, { now, batch }: { now: number; batch: boolean }): void {
    const minute = Math.floor(now / 60_000);
    const counts = this.#minutes.get(minute) ?? { total: 0, batches: 0 };
    counts.total += 1;
    this.total += 1;
    if (batch) {
      counts.batches += 1;
      this.batches += 1;
    }
    this.#minutes.set(minute, counts);
    this.#log.push(request);
    if (this.#log.length >= 2 * KEPT) this.#log.splice(0, KEPT);
  }

  get log(): readonly LoggedRequest[] {
    return this.#log.slice(-KEPT);
  }

  byMinute(): { minute: string; total: number; batches: number }[] {
    return [...this.#minutes].map(([minute, counts]) => ({
      minute: `${new Date(minute * 60_000).toISOString().slice(0, 16)}Z`,
      ...counts,
    }));
  }
}
