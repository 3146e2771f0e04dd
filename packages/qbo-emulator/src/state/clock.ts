/** The emulator's clock: starts at the real time, runs with it, and is moved or set by tests. Milliseconds since 1970. */
export class Clock {
  readonly #real: () => number;
  #aheadMs = 0;

  constructor(real: () => number) {
    this.#real = real;
  }

  now(): number {
    return this.#real() + this.#aheadMs;
  }

  advance(ms: number): void {
    this.#aheadMs += ms;
  }

  set(at: number): void {
    this.#aheadMs = at - this.#real();
  }

  reset(): void {
    this.#aheadMs = 0;
  }
}
