const format = new Intl.DateTimeFormat('en-US', { weekday: 'short', month: 'short', day: 'numeric', year: 'numeric', timeZone: 'UTC' });

/** A local day as people here write it: `Mon, Nov 2, 2026`. */
export function dayWords(localDate: string): string {
  return format.format(Date.parse(localDate));
}
