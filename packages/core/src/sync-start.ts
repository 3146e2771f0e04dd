import type { Inspection } from './event.ts';
import { compareInstants, localDate } from './local-date.ts';
import type { CompanySettings } from './settings.ts';

/** Whether an inspection lies before the company's synchronization start. The start itself is inside; a plain day is the company's local day. */
export function isBeforeSyncStart(inspection: Inspection, { syncFrom, timezone }: CompanySettings): boolean {
  if (!syncFrom) return false;
  const instant = inspection[syncFrom.by];
  return syncFrom.from.includes('T') ? compareInstants(instant, syncFrom.from) < 0 : localDate(instant, timezone) < syncFrom.from;
}
