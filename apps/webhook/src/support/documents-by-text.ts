import type { DocumentKey } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { DocumentMatch } from '@vesper/outbox/store';
import { subjectOfDocument } from './document-subject.ts';
import type { SupportRoom } from './support-room.ts';

export interface FoundDocument {
  companyId: string;
  key: DocumentKey;
  /** What its events are about; a customer's is one of its inspections. */
  subject?: string;
  /** Which of its numbers the text is. */
  by: DocumentMatch['by'];
  state: LedgerRecord['state'];
}

const MOST = 50;

/** Documents whose number or QuickBooks id is exactly this text, or that QuickBooks answered under it as `intuit_tid`. */
export async function documentsByText(
  { store }: Pick<SupportRoom, 'store'>,
  { text, companyIds }: { text: string; companyIds: readonly string[] | undefined },
): Promise<FoundDocument[]> {
  if (text === '') return [];
  const matches = await store.documentsByText({ text, ...(companyIds && { companyIds }), limit: MOST });
  return matches.map(({ companyId, by, record: { key, state, inspectionId } }) => {
    const subject = subjectOfDocument(key) ?? (inspectionId === undefined ? undefined : `inspection/${inspectionId}`);
    return { companyId, key, by, state, ...(subject !== undefined && { subject }) };
  });
}
