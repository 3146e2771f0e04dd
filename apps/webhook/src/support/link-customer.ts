import { documentKey } from '@vesper/core/document';
import { isInBooks, type QuickbooksRecord } from '@vesper/core/ledger';
import type { Company } from '../company.ts';
import { adopted, ownerOf } from './adopt-record.ts';
import type { Fix } from './correction.ts';
import { clientDocument } from './client-document.ts';
import { lookAtRecord } from './look-at-record.ts';
import { instantOf } from './note-act.ts';
import type { SupportRoom } from './support-room.ts';
import { withLease } from './with-lease.ts';

type CustomerLink = Extract<Fix, { kind: 'customer_link' }>;

export type LinkOutcome =
  /** `before` is the QuickBooks customer it was linked to until now. */
  | { outcome: 'linked'; before?: QuickbooksRecord }
  | { outcome: 'differs'; message: string; differences: string[] }
  | { outcome: 'refused'; message: string };

/**
 * Names the QuickBooks customer of a client: everything posted from now on goes to that one. What is posted already stays with the customer
 * it was posted to. QuickBooks' record is left as it is until the client's data changes on the platform.
 */
export async function linkCustomer(
  room: SupportRoom,
  company: Company,
  { fix, accept, note }: { fix: CustomerLink; accept: boolean; note: (before?: QuickbooksRecord) => Promise<void> },
): Promise<LinkOutcome> {
  const { store } = room;
  const key = documentKey.customer(fix.clientId);
  const ledger = await store.ledger(company.id, [key]);
  const document = await clientDocument(room, company, fix.clientId);
  if (!document) return { outcome: 'refused', message: `No event of ${company.id} told of a client ${fix.clientId}.` };
  const look = await lookAtRecord(room, company, { document, quickbooksId: fix.quickbooksId, ledger });
  if (look.outcome === 'unclear') return { outcome: 'refused', message: `${look.reason.message} ${look.reason.remedy}` };
  if (look.outcome !== 'found') return { outcome: 'refused', message: look.message };
  const { quickbooks, differences, name } = look;
  const other = await ownerOf(room, company, quickbooks, key);
  if (other !== undefined)
    return { outcome: 'refused', message: `QuickBooks customer ${fix.quickbooksId} is ${other} already; two clients are two customers.` };
  if (differences.length > 0 && !accept)
    return {
      outcome: 'differs',
      differences,
      message: `QuickBooks customer ${name ?? fix.quickbooksId} differs: ${differences.join('; ')}. Nothing was done.`,
    };

  const known = ledger.get(key);
  const before = isInBooks(known) ? known.quickbooks : undefined;
  const done = await withLease(room, company.id, async (lease) => {
    await note(before);
    return store.putLedger(lease, [adopted({ known, document, quickbooks, differences, at: instantOf(room) })]);
  });
  if (done.outcome === 'busy') return { outcome: 'refused', message: done.message };
  if (done.value.refused.length > 0)
    return { outcome: 'refused', message: 'The customer is on its way to QuickBooks; try again after the run.' };
  return { outcome: 'linked', ...(before && { before }) };
}

/** Puts back the customer it was, or forgets the link so that the next run matches or creates one. */
export async function unlinkCustomer(
  { ...room }: SupportRoom,
  companyId: string,
  { fix, before }: { fix: CustomerLink; before: QuickbooksRecord | undefined },
): Promise<{ outcome: 'done' } | { outcome: 'busy'; message: string }> {
  const key = documentKey.customer(fix.clientId);
  const done = await withLease(room, companyId, async (lease) => {
    const known = (await room.store.ledger(companyId, [key])).get(key);
    if (known?.quickbooks?.id !== fix.quickbooksId) return;
    const { posted, quickbooks: _, differences: __, ...rest } = known;
    await room.store.putLedger(lease, [before && posted ? { ...rest, posted, quickbooks: before } : { ...rest, state: 'planned' }]);
  });
  return done.outcome === 'busy' ? done : { outcome: 'done' };
}
