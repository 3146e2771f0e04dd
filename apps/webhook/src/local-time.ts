const formatters = new Map<string, Intl.DateTimeFormat>();

/** `HH:MM` on the company's clock, 00:00 to 23:59. */
export function localTime(instant: string, timezone: string): string {
  let formatter = formatters.get(timezone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    formatters.set(timezone, formatter);
  }
  return formatter.format(Date.parse(instant));
}
