import { Cron } from 'croner';
import { localDate } from '@vesper/core/local-date';

/** When a company's evenings begin: its zone and the time on its clock. */
export interface EveningHour {
  timezone: string;
  /** `HH:MM`. */
  eveningAt: string;
}

export interface Evening {
  /** The company's local day. */
  localDate: string;
  /** Milliseconds since 1970. */
  atMs: number;
}

/**
 * The pattern of one zone and hour. It has one fixed time of day, so croner runs it once on each local day: a time the clocks skip comes
 * when the gap ends, a time they show twice comes the first time only.
 */
export function eveningPattern({ eveningAt }: Pick<EveningHour, 'eveningAt'>): string {
  const [hour, minute] = eveningAt.split(':').map(Number);
  return `0 ${minute} ${hour} * * *`;
}

/** The evenings that began up to and including an instant, oldest first, at most `most` and none at or before `afterMs`. */
export function eveningsBetween(hour: EveningHour, { afterMs, upToMs }: { afterMs: number; upToMs: number }, most: number): Evening[] {
  const found: Evening[] = [];
  for (let evening = latestEvening(hour, upToMs); evening && evening.atMs > afterMs && found.length < most;) {
    found.unshift(evening);
    evening = knownBefore(hour, evening);
  }
  return found;
}

/** The last evening that began at or before an instant. Asked for every company at every look, so the answer is kept until the next one. */
export function latestEvening(hour: EveningHour, atMs: number): Evening | undefined {
  const name = nameOf(hour);
  const known = latest.get(name);
  if (known && known.evening.atMs <= atMs && atMs < known.untilMs) return known.evening;
  // croner counts in whole seconds and leaves its reference out.
  const found = eveningBefore(hour, atMs + 1_000);
  const evening = found && found.atMs > atMs ? eveningBefore(hour, found.atMs) : found;
  if (evening) latest.set(name, { evening, untilMs: nextEvening(hour, evening.atMs)?.atMs ?? evening.atMs });
  return evening;
}

/** The first evening after an instant. */
export function nextEvening(hour: EveningHour, afterMs: number): Evening | undefined {
  return toEvening(hour, patternOf(hour).nextRun(new Date(afterMs)));
}

const patterns = new Map<string, Cron>();
const before = new Map<string, Evening>();
const latest = new Map<string, { evening: Evening; untilMs: number }>();

/** Every company of an hour walks back over the same evenings at every look, and a time zone is slow to ask. */
function knownBefore(hour: EveningHour, { atMs }: Evening): Evening | undefined {
  const name = `${nameOf(hour)} ${atMs}`;
  const known = before.get(name) ?? eveningBefore(hour, atMs);
  if (known) before.set(name, known);
  return known;
}

function eveningBefore(hour: EveningHour, atMs: number): Evening | undefined {
  const [at] = patternOf(hour).previousRuns(1, new Date(atMs));
  return toEvening(hour, at);
}

function toEvening({ timezone }: EveningHour, at: Date | null | undefined): Evening | undefined {
  return at ? { localDate: localDate(at.toISOString(), timezone), atMs: at.getTime() } : undefined;
}

function patternOf(hour: EveningHour): Cron {
  const name = nameOf(hour);
  let pattern = patterns.get(name);
  if (!pattern) {
    pattern = new Cron(eveningPattern(hour), { timezone: hour.timezone, paused: true });
    patterns.set(name, pattern);
  }
  return pattern;
}

function nameOf({ timezone, eveningAt }: EveningHour): string {
  return `${timezone} ${eveningAt}`;
}
