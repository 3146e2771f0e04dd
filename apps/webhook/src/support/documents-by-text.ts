import { type DocumentKey, documentKey } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { CompanySettings } from '@vesper/core/settings';
import { loadCompany, toCompany } from '../company.ts';
import { subjectOfDocument } from './document-subject.ts';
import type { SupportRoom } from './support-room.ts';

export interface FoundDocument {
  companyId: string;
  key: DocumentKey;
  /** What its events are about; a customer's is one of its inspections. */
  subject?: string;
  /** Which of its numbers the text is. */
  by: 'document_number' | 'quickbooks_id' | 'intuit_tid';
  state: LedgerRecord['state'];
}

const ENTITIES = ['Customer', 'Invoice', 'Payment', 'SalesReceipt', 'RefundReceipt', 'CreditMemo', 'Deposit'];
/** Without a company named, this many are looked through. */
const MOST_COMPANIES = 200;

/** Documents whose number or QuickBooks id is exactly this text. */
export async function documentsByText(
  { store }: Pick<SupportRoom, 'store'>,
  { text, companyIds }: { text: string; companyIds: readonly string[] | undefined },
): Promise<FoundDocument[]> {
  if (text === '' || /\s/.test(text)) return [];
  const companies = companyIds
    ? (await Promise.all(companyIds.map((id) => loadCompany(store, id)))).flatMap((company) => company ?? [])
    : (await store.companies({ limit: MOST_COMPANIES })).map(toCompany);
  const found: FoundDocument[] = [];
  for (const { id: companyId, settings } of companies) {
    const numbered = [...(await store.ledger(companyId, keysOfNumber(text, settings))).values()];
    const carried = await store.ledgerByQuickbooks(
      companyId,
      ENTITIES.map((entity) => ({ entity, id: text })),
    );
    found.push(...numbered.map((record) => toFound(companyId, record, 'document_number')));
    found.push(...carried.map((record) => toFound(companyId, record, 'quickbooks_id')));
  }
  return found;
}

/** The documents that would carry this number by the company's templates. */
function keysOfNumber(number: string, { docNumbers }: CompanySettings): DocumentKey[] {
  const inspectionId = idIn(number, docNumbers.invoice);
  const receiptId = idIn(number, docNumbers.salesReceipt);
  const paymentId = idIn(number, docNumbers.payment);
  return [
    ...(inspectionId === undefined ? [] : [documentKey.invoice(inspectionId)]),
    ...(receiptId === undefined ? [] : [documentKey.salesReceipt(receiptId)]),
    ...(paymentId === undefined ? [] : [documentKey.payment(paymentId)]),
  ];
}

function idIn(number: string, template: string): string | undefined {
  const [before = '', after = ''] = template.split(/\{\w+\}/);
  const isMatch = number.length > before.length + after.length && number.startsWith(before) && number.endsWith(after);
  return isMatch ? number.slice(before.length, number.length - after.length) : undefined;
}

function toFound(companyId: string, { key, state, inspectionId }: LedgerRecord, by: FoundDocument['by']): FoundDocument {
  const subject = subjectOfDocument(key) ?? (inspectionId === undefined ? undefined : `inspection/${inspectionId}`);
  return { companyId, key, state, by, ...(subject !== undefined && { subject }) };
}
