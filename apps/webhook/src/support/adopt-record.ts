import type { DocumentKey } from '@vesper/core/document';
import { isInBooks, type LedgerRecord, type QuickbooksRecord } from '@vesper/core/ledger';
import type { Reason } from '@vesper/core/reason';
import { loadCompany, type Company } from '../company.ts';
import { mayReach } from '../people/reach.ts';
import { subjectOfDocument } from './document-subject.ts';
import { lookAtRecord } from './look-at-record.ts';
import { instantOf, noteAct } from './note-act.ts';
import type { Act, SupportRoom } from './support-room.ts';
import { wantedDocument } from './wanted-document.ts';
import { withLease } from './with-lease.ts';

export type AdoptOutcome =
  | { outcome: 'not_found'; message: string }
  /** Vesper takes it for the document from now on. `differences` stay shown as "posted, but different". */
  | { outcome: 'adopted'; message: string; quickbooks: QuickbooksRecord; differences: string[] }
  /** It is there and not the same; nothing was done. With `accept` it is adopted all the same. */
  | { outcome: 'differs'; message: string; quickbooks: QuickbooksRecord; differences: string[] }
  | { outcome: 'busy'; message: string }
  | { outcome: 'refused'; message: string; reason?: Reason };

export type AdoptRequest = Act & { companyId: string; key: DocumentKey; quickbooksId: string; accept?: boolean };

/** Takes an existing QuickBooks record for a document of ours, after comparing the two. Nothing is written to QuickBooks. */
export async function adoptRecord(room: SupportRoom, request: AdoptRequest): Promise<AdoptOutcome> {
  const { who, why, companyId, key, quickbooksId, accept = false } = request;
  const { store } = room;
  const company = mayReach(who, companyId) ? await loadCompany(store, companyId) : undefined;
  if (!company) return { outcome: 'not_found', message: `There is no company ${companyId}.` };
  const { document, ledger } = await wantedDocument(room, company, key);
  if (!document) return { outcome: 'not_found', message: `No event of ${companyId} led to a document ${key}.` };
  const refusal = whyNot(ledger.get(key), quickbooksId);
  if (refusal !== undefined) return { outcome: 'refused', message: refusal };

  const look = await lookAtRecord(room, company, { document, quickbooksId, ledger });
  switch (look.outcome) {
    case 'absent':
    case 'voided':
      return { outcome: 'refused', message: look.message };
    case 'unclear':
      return { outcome: 'refused', message: `${look.reason.message} ${look.reason.remedy}`, reason: look.reason };
    case 'found':
      break;
  }
  const { quickbooks, differences } = look;
  const other = await ownerOf(room, company, quickbooks, key);
  if (other !== undefined) return { outcome: 'refused', message: `QuickBooks ${quickbooks.entity} ${quickbooksId} is ${other} already.` };
  if (differences.length > 0 && !accept)
    return { outcome: 'differs', quickbooks, differences, message: `It is not the same: ${differences.join('; ')}. Nothing was done.` };

  const record = adopted({ known: ledger.get(key), document, quickbooks, differences, at: instantOf(room) });
  const done = await withLease(room, companyId, async (lease) => {
    await noteAct(
      room,
      { who, why },
      { action: 'document.adopt', companyId, subject: `document/${key}`, before: ledger.get(key), after: record },
    );
    return store.putLedger(lease, [record]);
  });
  if (done.outcome === 'busy') return done;
  if (done.value.refused.length > 0) return { outcome: 'refused', message: ON_THE_WIRE };
  await wakeEntries(room, companyId, key);
  return {
    outcome: 'adopted',
    quickbooks,
    differences,
    message: `${key} is QuickBooks ${quickbooks.entity} ${quickbooks.docNumber ?? quickbooks.id} from now on. What waited for it follows on the next evening or replay.`,
  };
}

/** Whose record it is already, in words. */
export async function ownerOf(
  { store }: Pick<SupportRoom, 'store'>,
  { id }: Company,
  { entity, id: quickbooksId }: QuickbooksRecord,
  key: DocumentKey,
): Promise<string | undefined> {
  const owners = await store.ledgerByQuickbooks(id, [{ entity, id: quickbooksId }]);
  return owners.find((owner) => owner.key !== key && owner.state !== 'voided')?.key;
}

export function adopted({
  known,
  document,
  quickbooks,
  differences,
  at,
}: {
  known: LedgerRecord | undefined;
  document: NonNullable<LedgerRecord['posted']>;
  quickbooks: QuickbooksRecord;
  differences: string[];
  at: string;
}): LedgerRecord {
  return {
    key: document.key,
    type: document.type,
    state: 'posted',
    posted: document,
    quickbooks,
    attempts: known?.attempts ?? 0,
    syncedAt: at,
    ...('inspectionId' in document && { inspectionId: document.inspectionId }),
    ...(differences.length > 0 && { differences }),
  };
}

function whyNot(record: LedgerRecord | undefined, quickbooksId: string): string | undefined {
  if (record?.state === 'sealed' || record?.batchId !== undefined || record?.state === 'unknown') return ON_THE_WIRE;
  if (!isInBooks(record)) return undefined;
  if (record.quickbooks.id === quickbooksId) return 'It is that record already.';
  return `It is posted already, as QuickBooks ${record.quickbooks.entity} ${record.quickbooks.docNumber ?? record.quickbooks.id}. Undo that one first.`;
}

/** Failed entries would wait for a person for ever, although the person has just acted. */
async function wakeEntries({ store }: SupportRoom, companyId: string, key: DocumentKey): Promise<void> {
  const subject = subjectOfDocument(key);
  if (subject === undefined) return;
  for (const { id } of await store.entriesByRefs(companyId, [subject])) await store.moveEntry({ id, from: ['failed'], to: 'pending' });
}

const ON_THE_WIRE =
  'It was sent to QuickBooks and its outcome is not known yet. The next run looks for it and links what it finds; replay it now to look at once.';
