import type { DocumentType } from '@vesper/core/document';
import type { DocumentState, LedgerRecord } from '@vesper/core/ledger';
import { localDate } from '@vesper/core/local-date';
import type { Reason } from '@vesper/core/reason';
import { planInspections } from '@vesper/outbox/flush-plan';
import type { Store } from '@vesper/outbox/store';
import type { Company } from './company.ts';

/** What the platform shows on its inspection page. Amounts in cents, instants in UTC. */
export interface InspectionStatus {
  inspectionId: string;
  docNumber: string | null;
  lastSyncedAt: string | null;
  documents: {
    key: string;
    type: DocumentType;
    state: DocumentState;
    docNumber?: string;
    quickbooksId?: string;
    totalCents?: number;
    syncedAt?: string;
    reason?: Reason;
  }[];
  inFlight: { paymentId: string; method: string; amountCents: number; since: string }[];
}

/** Holds of money that has been promised and not arrived. */
const IN_FLIGHT = new Set(['ach_in_flight', 'pay_at_close_not_paid_out']);

/** `undefined` when no event ever told of this inspection. */
export async function inspectionStatus(
  store: Store,
  company: Company,
  inspectionId: string,
  nowMs: number,
): Promise<InspectionStatus | undefined> {
  const today = localDate(new Date(nowMs).toISOString(), company.settings.timezone);
  const chunk = await planInspections({ store, companyId: company.id, settings: company.settings, today }, [inspectionId]);
  const stored = await store.ledgerByInspection(company.id, inspectionId);
  const records = new Map(stored.map((record) => [record.key, record]));
  for (const [key, record] of chunk.ledger) if (record.type !== 'deposit') records.set(key, record);
  if (chunk.states.length === 0 && records.size === 0) return undefined;

  const documents = [...records.values()].map(toStatus);
  const invoice = documents.find(({ type, state }) => (type === 'invoice' || type === 'sales_receipt') && state === 'posted');
  const lastSyncedAt = documents.map(({ syncedAt }) => syncedAt ?? '').reduce((last, at) => (at > last ? at : last), '');
  return {
    inspectionId,
    docNumber: invoice?.docNumber ?? null,
    lastSyncedAt: lastSyncedAt || null,
    documents,
    inFlight: chunk.plan.holds.flatMap(({ subject, reason }) => {
      if (!IN_FLIGHT.has(reason.code)) return [];
      const paymentId = subject.slice('payment/'.length);
      const payment = chunk.states.flatMap(({ payments }) => payments).find((state) => state.payment.id === paymentId)?.payment;
      return payment ? [{ paymentId, method: payment.method, amountCents: payment.amountCents, since: payment.receivedAt }] : [];
    }),
  };
}

function toStatus({
  key,
  type,
  state,
  quickbooks,
  posted,
  wanted,
  syncedAt,
  reason,
  drift,
}: LedgerRecord): InspectionStatus['documents'][number] {
  const document = posted ?? wanted?.document;
  const total = quickbooks?.totalCents ?? (document && 'totalCents' in document ? document.totalCents : undefined);
  return {
    key,
    type,
    state,
    ...(quickbooks?.docNumber !== undefined && { docNumber: quickbooks.docNumber }),
    ...(quickbooks && { quickbooksId: quickbooks.id }),
    ...(total !== undefined && { totalCents: total }),
    ...(syncedAt !== undefined && { syncedAt }),
    ...(reason ? { reason } : drift !== undefined && { reason: changedInQuickbooks(drift) }),
  };
}

function changedInQuickbooks(words: string): Reason {
  return {
    code: 'changed_in_quickbooks',
    message: `A person changed it in QuickBooks since Vesper posted it: ${words}`,
    remedy: 'Nothing is overwritten without a decision: put it back in QuickBooks, or choose in the settings whose version wins.',
  };
}
