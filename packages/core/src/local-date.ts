import type { LocalDate } from './document.ts';

const DAY_MS = 86_400_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

/** The company's calendar day of an instant: 23:59 in Honolulu is still that day, whatever UTC says. */
export function localDate(instant: string, timezone: string): LocalDate {
  return formatterOf(timezone).format(Date.parse(instant));
}

/** Whole calendar days from one local day to another; negative when `to` is earlier. Nights of 23 or 25 hours count as one. */
export function daysBetween({ from, to }: { from: LocalDate; to: LocalDate }): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

/** Orders instants written with different offsets or precisions. */
export function compareInstants(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b);
}

/** Making a formatter costs a thousand times what using it does. Swedish writes dates as ISO 8601 does. */
function formatterOf(timezone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timezone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formatters.set(timezone, formatter);
  }
  return formatter;
}
