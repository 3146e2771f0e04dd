import { type DocumentKey, type LocalDate, documentKey } from './document.ts';
import type { Inspection } from './event.ts';
import type { InspectionState, PaymentState } from './fold.ts';
import { type Ledger, isInBooks, isPerhapsInBooks, wasEverInBooks } from './ledger.ts';
import { sumCents } from './money.ts';
import { hasArrived, isToPost } from './payment-arrival.ts';
import { type PlanDraft } from './plan-draft.ts';
import type { CompanySettings } from './settings.ts';

export interface PlanContext {
  /** What is posted: the whole company's ledger, or as much of it as concerns these documents and the deposits of their payments. */
  ledger: Ledger;
  /** The company's local day, for days waited. */
  today: LocalDate;
}

/** One inspection on the table, with all that a rule may look at. */
export interface InspectionCase extends PlanContext {
  state: InspectionState;
  inspection: Inspection;
  subject: string;
  settings: CompanySettings;
  draft: PlanDraft;
  mode: CompanySettings['mode'];
  /** Whom the documents are for: the inspection's client, or the former one when money stands in that name. */
  customer: { key: DocumentKey; isFormer: boolean };
  /** Whether anything of it has ever been in the books: then it stays kept up, even if it moves before the synchronization start. */
  isKept: boolean;
  /** Payments that have come, are meant for the books and have not been taken back. */
  standing: PaymentState[];
  /** What the company keeps of them after refunds. */
  keptCents: number;
}

export function openCase(
  state: InspectionState & { inspection: Inspection },
  settings: CompanySettings,
  { ledger, today, draft }: PlanContext & { draft: PlanDraft },
): InspectionCase {
  const standing = state.payments.filter((payment) => isStanding(payment, settings, ledger));
  return {
    ledger,
    today,
    draft,
    state,
    inspection: state.inspection,
    subject: `inspection/${state.inspectionId}`,
    settings,
    mode: modeOf(state, settings, ledger),
    customer: customerOf(state, ledger),
    isKept: wasEverInBooks(ledger.get(documentKey.invoice(state.inspectionId))) || hasReceipt(state, ledger),
    standing,
    keptCents: sumCents(
      standing.map(({ payment, refunds }) => payment.amountCents - sumCents(refunds.map(({ amountCents }) => amountCents))),
    ),
  };
}

/** Canceled or deleted on the platform. */
export function isOff({ status }: Inspection): boolean {
  return status === 'canceled' || status === 'deleted';
}

/** A canceled inspection whose money all went back: both sides stand in the books, and nobody has to decide anything. */
export function isWhollyRefunded({ standing, keptCents }: InspectionCase): boolean {
  return standing.length > 0 && keptCents <= 0;
}

/** The key a payment is posted under, whichever of the two it is; undefined when it is not. */
export function postedMoneyKey(paymentId: string, ledger: Ledger): DocumentKey | undefined {
  return [documentKey.payment(paymentId), documentKey.salesReceipt(paymentId)].find((key) => isPerhapsInBooks(ledger.get(key)));
}

function isStanding(state: PaymentState, settings: CompanySettings, ledger: Ledger): boolean {
  if (state.fate !== 'good') return false;
  return postedMoneyKey(state.paymentId, ledger) !== undefined || (isToPost(state.payment, settings) && hasArrived(state));
}

/** The mode an inspection began with: a changed setting must not put an invoice beside a sales receipt for the same income. */
function modeOf(state: InspectionState, { mode }: CompanySettings, ledger: Ledger): CompanySettings['mode'] {
  if (isPerhapsInBooks(ledger.get(documentKey.invoice(state.inspectionId)))) return 'invoice_and_payment';
  return hasReceipt(state, ledger) ? 'sales_receipt' : mode;
}

function hasReceipt({ payments }: InspectionState, ledger: Ledger): boolean {
  return payments.some(({ paymentId }) => isPerhapsInBooks(ledger.get(documentKey.salesReceipt(paymentId))));
}

/** QuickBooks does not move an invoice with payments applied to another customer, nor a payment without its invoice. */
function customerOf(
  { inspectionId, inspection, payments }: InspectionState & { inspection: Inspection },
  ledger: Ledger,
): InspectionCase['customer'] {
  const key = documentKey.customer(inspection.client.id);
  const invoice = ledger.get(documentKey.invoice(inspectionId));
  if (!isInBooks(invoice) || invoice.posted.type !== 'invoice' || invoice.posted.customerKey === key) return { key, isFormer: false };
  const isPaid = payments.some(({ paymentId, fate }) => fate === 'good' && isPerhapsInBooks(ledger.get(documentKey.payment(paymentId))));
  return isPaid ? { key: invoice.posted.customerKey, isFormer: true } : { key, isFormer: false };
}
