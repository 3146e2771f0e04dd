import { documentKey, type CustomerDocument } from '@vesper/core/document';
import { parseEvent, type InspectionEvent } from '@vesper/core/event';
import { toCustomer } from '@vesper/core/plan-invoice';
import type { Company } from '../company.ts';
import type { SupportRoom } from './support-room.ts';

/** A client as the newest inspection among those found by its id tells of them; from the ledger when the events are gone. */
export async function clientDocument(
  { store }: Pick<SupportRoom, 'store'>,
  { id: companyId }: Company,
  clientId: string,
): Promise<CustomerDocument | undefined> {
  const { entries } = await store.search({ companyIds: [companyId], q: clientId.toLowerCase(), limit: 200 });
  let newest: InspectionEvent | undefined;
  for (const { id } of entries) {
    const event = inspectionEvent((await store.entry(id))?.body);
    if (event?.data.inspection.client.id !== clientId) continue;
    if (!newest || Date.parse(event.timestamp) > Date.parse(newest.timestamp)) newest = event;
  }
  if (newest) return toCustomer(newest.data.inspection, newest.timestamp);
  const record = (await store.ledger(companyId, [documentKey.customer(clientId)])).values().next().value;
  const document = record?.wanted?.document ?? record?.posted;
  return document?.type === 'customer' ? document : undefined;
}

function inspectionEvent(body: Uint8Array | undefined): InspectionEvent | undefined {
  if (!body) return undefined;
  const parsed = parseEvent(JSON.parse(new TextDecoder().decode(body)));
  return parsed.outcome === 'known' && 'inspection' in parsed.event.data ? (parsed.event as InspectionEvent) : undefined;
}
