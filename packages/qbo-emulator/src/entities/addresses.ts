import type { Company } from '../state/company.ts';
import type { Fields, Json } from '../wire/json.ts';
import { isFields } from '../wire/json.ts';

/**
 * An address that was sent gets an Id of its own, and Lat and Long are "INVALID" as long as nobody knows better
 * (recorded on sales forms).
 */
export function newAddress(
  sent: Json | undefined,
  { company, before }: { company: Company; before?: Json | undefined },
): Fields | undefined {
  if (!isFields(sent)) return undefined;
  if (sent === before) return sent;
  return { Id: company.nextId('Address'), ...sent, Lat: 'INVALID', Long: 'INVALID' };
}
