import type { LedgerRecord } from '@vesper/core/ledger';
import type { CompanyConnection, Store } from '@vesper/outbox/store';
import { standsInFormerBooks } from './support/former-books.ts';

type Books = Pick<CompanyConnection, 'realmId' | 'formerRealms'>;

/**
 * The store with every ledger as the company's present QuickBooks company sees it. Ids mean nothing in another QuickBooks company, so what stands
 * in a former one shows no QuickBooks record here, only where it stands: nothing can be changed, voided, adopted or compared by an id of other
 * books. Going back to former books shows their records again. Nothing is rewritten, so a move is one write.
 */
export function inPresentBooks(store: Store): Store {
  const booksOf = async (companyId: string): Promise<Books> => (await store.company(companyId))?.connection ?? {};
  const seenBy = async (companyId: string, records: readonly LedgerRecord[]): Promise<LedgerRecord[]> => {
    if (records.length === 0) return [];
    const books = await booksOf(companyId);
    return records.map((record) => presentRecord(record, books));
  };
  const ledgers: Pick<
    Store,
    'ledger' | 'ledgerByInspection' | 'ledgerByState' | 'ledgerByDate' | 'ledgerByQuickbooks' | 'documentsByText'
  > = {
    async ledger(companyId, keys) {
      const found = await seenBy(companyId, [...(await store.ledger(companyId, keys)).values()]);
      return new Map(found.map((record) => [record.key, record]));
    },
    ledgerByInspection: async (companyId, inspectionId) => seenBy(companyId, await store.ledgerByInspection(companyId, inspectionId)),
    ledgerByState: async (companyId, states, page) => seenBy(companyId, await store.ledgerByState(companyId, states, page)),
    ledgerByDate: async (companyId, days, page) => seenBy(companyId, await store.ledgerByDate(companyId, days, page)),
    async ledgerByQuickbooks(companyId, records) {
      const found = await seenBy(companyId, await store.ledgerByQuickbooks(companyId, records));
      return found.filter(({ quickbooks }) => quickbooks !== undefined);
    },
    async documentsByText(search) {
      const found = await store.documentsByText(search);
      return Promise.all(found.map(async (match) => ({ ...match, record: presentRecord(match.record, await booksOf(match.companyId)) })));
    },
  };
  return Object.assign(Object.create(store) as Store, ledgers);
}

/** A record as the present books see it. */
export function presentRecord(record: LedgerRecord, { realmId, formerRealms = [] }: Books): LedgerRecord {
  if (realmId === undefined || formerRealms.length === 0) return record;
  const { former, quickbooks, posted } = record;
  if (quickbooks === undefined) {
    if (former?.realmId !== realmId || record.batchId !== undefined) return record;
    const { former: _, reason: __, wanted: ___, ...kept } = record;
    return { ...kept, state: 'posted', posted: former.posted, quickbooks: former.quickbooks };
  }
  const standsIn = formerRealms.find(({ until }) => (record.syncedAt ?? '') < until)?.realmId ?? realmId;
  if (standsIn === realmId || posted === undefined) return record;
  const { quickbooks: _, posted: __, differences: ___, drift: ____, wanted: _____, reason: ______, ...kept } = record;
  // An outcome not known yet, and what was taken back, stay what they are.
  if (record.state === 'voided') return kept;
  const moved = { ...kept, former: { realmId: standsIn, posted, quickbooks } };
  if (record.state === 'sealed' || record.state === 'unknown') return moved;
  if (record.type === 'customer') return { ...moved, state: 'planned' };
  return { ...moved, state: 'held', reason: standsInFormerBooks(moved.former) };
}
