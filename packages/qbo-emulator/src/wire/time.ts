const QUARTER_HOUR_MS = 900_000;

/**
 * Instants as QuickBooks prints them: in the company's zone with an offset; MetaData without milliseconds, the
 * envelope's `time` with them (recorded answers, e.g. `2020-09-29T05:58:16-07:00` and `2020-09-29T05:58:16.187-07:00`).
 */
export class WireTime {
  readonly #format: Intl.DateTimeFormat;
  #block = Number.NaN;
  #offsetMs = 0;
  #suffix = '';
  #second = Number.NaN;
  #shown = '';

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  }

  /** Most calls ask for the second of the call before, so that one is kept. */
  seconds(at: number): string {
    const second = Math.floor(at / 1_000);
    if (second !== this.#second) {
      this.#shown = this.#local(at).slice(0, 19) + this.#suffix;
      this.#second = second;
    }
    return this.#shown;
  }

  milliseconds(at: number): string {
    const seconds = this.seconds(at);
    const thousandth = String(Math.floor(at) - Math.floor(at / 1_000) * 1_000).padStart(3, '0');
    return `${seconds.slice(0, 19)}.${thousandth}${this.#suffix}`;
  }

  /** The company's calendar day, yyyy-MM-dd. */
  day(at: number): string {
    return this.#local(at).slice(0, 10);
  }

  #local(at: number): string {
    const block = Math.floor(at / QUARTER_HOUR_MS);
    if (block !== this.#block) this.#measure(block);
    return new Date(at + this.#offsetMs).toISOString();
  }

  /** Zones change their offset on quarter hours only, so one measurement serves the whole block. */
  #measure(block: number): void {
    const start = block * QUARTER_HOUR_MS;
    const parts = Object.fromEntries(this.#format.formatToParts(start).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    this.#offsetMs = Date.UTC(year, month - 1, day, hour, minute) - start;
    const minutes = Math.abs(this.#offsetMs) / 60_000;
    this.#suffix = `${this.#offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
    this.#block = block;
  }
}

/** Adds days to a yyyy-MM-dd day. */
export function addDays(day: string, days: number): string {
  const date = new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1, Number(day.slice(8, 10)) + days));
  return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
