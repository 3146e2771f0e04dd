import { documentKey } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import { daysBetween, localDate } from '@vesper/core/local-date';
import type { Reason } from '@vesper/core/reason';
import type { Store } from '@vesper/outbox/store';
import type { Company } from './company.ts';

/** One document, or subject without one yet, that is not in QuickBooks as it should be. */
export interface WaitingRow {
  /** `invoice/812`, or the subject (`payment/9`) when no document is named. */
  key: string;
  state: 'held' | 'failed' | 'unknown';
  code: string;
  message: string;
  remedy: string;
  amountCents?: number;
  /** Local days since it waits. */
  daysWaited?: number;
  inspectionId?: string;
  /** Waits for something that usually comes by itself, and not too long yet. */
  isUsual: boolean;
}

const PAGE = 1_000;
/** What a company's evening brings every day; none of it needs a person unless it takes too long. */
const USUAL = new Set([
  'unconfirmed',
  'inspection_unconfirmed',
  'ach_in_flight',
  'pay_at_close_not_paid_out',
  'invoice_date_unknown',
  'no_invoice',
  'refund_waits_for_payment',
  'payout_waits_for_documents',
  'inspection_unknown',
]);
/** An inspection may be booked months ahead; without money nothing about it is late. */
const NEVER_LATE = new Set(['unconfirmed', 'invoice_date_unknown']);

/** Whether what is held for this reason usually goes on by itself, so that nobody has to look at it. */
export function comesByItself(code: string): boolean {
  return USUAL.has(code);
}

/** Everything of a company that waits or failed, as the last run left it; what a person must look at comes first. */
export async function waitingRows(store: Store, { id: companyId, settings }: Company, nowMs: number): Promise<WaitingRow[]> {
  const today = localDate(new Date(nowMs).toISOString(), settings.timezone);
  const rows = new Map<string, WaitingRow>();
  const add = (key: string, state: WaitingRow['state'], reason: Reason | undefined, inspectionId?: string): void => {
    const { code, message, remedy, amountCents, since } = reason ?? NO_REASON;
    const daysWaited =
      reason?.daysWaited ?? (since === undefined ? undefined : daysBetween({ from: localDate(since, settings.timezone), to: today }));
    const isLate = !NEVER_LATE.has(code) && daysWaited !== undefined && daysWaited > settings.notices.achWaitDays;
    rows.set(key, {
      key,
      state,
      code,
      message,
      remedy,
      ...(amountCents !== undefined && { amountCents }),
      ...(daysWaited !== undefined && { daysWaited }),
      ...(inspectionId !== undefined && { inspectionId }),
      isUsual: state === 'held' && USUAL.has(code) && !isLate,
    });
  };

  for await (const { key, state, reason, inspectionId } of openDocuments(store, companyId))
    add(key, state === 'unknown' || state === 'failed' ? state : 'held', reason, inspectionId);
  for await (const { subject, state, reason } of openEntries(store, companyId)) {
    if (documentsOf(subject).some((key) => rows.has(key))) continue;
    add(subject, state === 'failed' ? 'failed' : 'held', reason);
  }
  return [...rows.values()].sort((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1));
}

async function* openDocuments(store: Store, companyId: string): AsyncGenerator<LedgerRecord> {
  for (let after: string | undefined; ;) {
    const page = await store.ledgerByState(companyId, ['failed', 'unknown', 'held'], {
      ...(after !== undefined && { after }),
      limit: PAGE,
    });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.key;
  }
}

async function* openEntries(store: Store, companyId: string) {
  for (let after: string | undefined; ;) {
    const page = await store.entriesByState(companyId, ['failed', 'held'], { ...(after !== undefined && { after }), limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.id;
  }
}

/** The documents an entry's reason would be told at. */
function documentsOf(subject: string): string[] {
  const id = subject.slice(subject.indexOf('/') + 1);
  if (subject.startsWith('inspection/')) return [subject, documentKey.invoice(id)];
  if (subject.startsWith('payment/')) return [documentKey.payment(id), documentKey.salesReceipt(id)];
  if (subject.startsWith('payout/')) return [subject, documentKey.deposit(id)];
  return [subject];
}

function rank({ isUsual, state }: WaitingRow): number {
  if (isUsual) return 3;
  return { failed: 0, unknown: 1, held: 2 }[state];
}

const NO_REASON: Reason = {
  code: 'no_reason',
  message: 'It waits, and no reason was kept.',
  remedy: 'Replay it: the run says what it would do, and why.',
};
