import type { AccountingDocument, DocumentKey } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { Company } from '../company.ts';
import { planCompany } from '../preview.ts';
import { subjectOfDocument } from './document-subject.ts';
import type { SupportRoom } from './support-room.ts';

/** A document as it should be now, with the ledger of all that was planned along with it. */
export async function wantedDocument(
  room: Pick<SupportRoom, 'store' | 'clock'>,
  company: Company,
  key: DocumentKey,
): Promise<{ document?: AccountingDocument; ledger: Map<DocumentKey, LedgerRecord> }> {
  const known = (await room.store.ledger(company.id, [key])).get(key);
  const subject = subjectOfDocument(key) ?? (known?.inspectionId === undefined ? undefined : `inspection/${known.inspectionId}`);
  const ledger = new Map<DocumentKey, LedgerRecord>(known ? [[key, known]] : []);
  let document = known?.wanted?.document ?? known?.posted;
  if (subject === undefined) return { ...(document && { document }), ledger };
  for (const chunk of await planCompany(room.store, company, room.clock.now(), { subjects: [subject] })) {
    for (const [other, record] of chunk.ledger) ledger.set(other, record);
    for (const wanted of chunk.plan.documents) if (wanted.presence === 'present' && wanted.document.key === key) document = wanted.document;
  }
  return { ...(document && { document }), ledger };
}
