import { Cron } from 'croner';

/** The instant at which a clock in the zone shows this time (`HH:MM`) on this day; one that the clocks skip is moved on by the gap. */
export function localInstant({ date, time }: { date: string; time: string }, timezone: string): number {
  const at = new Cron(`${date}T${time}:00`, { timezone, paused: true }).getOnce();
  if (!at) throw new RangeError(`${date} ${time} is no time of day`);
  return at.getTime();
}
