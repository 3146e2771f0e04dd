import { type AccountingDocument, type DepositLine, type DocumentKey, documentKey } from './document.ts';
import { explainPayout } from './explain-payout.ts';
import type { PaymentState, PayoutState } from './fold.ts';
import type { PlanContext } from './inspection-case.ts';
import { isInBooks } from './ledger.ts';
import { localDate } from './local-date.ts';
import { type PayoutItem, matchItems } from './match-items.ts';
import { sumCents } from './money.ts';
import { accountLine, feeLines } from './payout-lines.ts';
import type { Plan, Wanted } from './plan.ts';
import { draftPlan } from './plan-draft.ts';

import type { CompanySettings } from './settings.ts';

export interface PayoutContext extends PlanContext {
  /** From `foldPayments` over the payments' events and the payouts that name them. */
  payments: ReadonlyMap<string, PaymentState>;
  /** Documents planned in the same run, by key. */
  wanted: ReadonlyMap<DocumentKey, Wanted>;
}

/**
 * A payout becomes a deposit that gathers the posted payments and refunds and books the fees, so that it equals the bank line
 * to the cent; or it waits, with the difference. A posted deposit is planned anew each time: a payment that has since been
 * returned leaves it, and the clearing account for returns takes its place.
 */
export function planPayout({ payoutId, payout }: PayoutState, settings: CompanySettings, context: PayoutContext): Plan {
  const draft = draftPlan();
  const subject = `payout/${payoutId}`;
  const key = documentKey.deposit(payoutId);
  const differenceCents = payout.netCents - sumCents(payout.items.map(({ amountCents }) => amountCents));
  if (differenceCents !== 0) {
    draft.hold(subject, explainPayout.doesNotAddUp(payout, differenceCents), key);
    return draft.plan;
  }
  if (payout.netCents <= 0) {
    draft.hold(subject, explainPayout.notPositive(payout), key);
    return draft.plan;
  }
  const matches = matchItems(payout, { ...context, moneyKey: (paymentId) => moneyKey(paymentId, context) });
  const lines: DepositLine[] = [];
  const missing: { what: string; amountCents: number }[] = [];
  for (const item of payout.items) {
    const line = lineOf(item, { ...context, settings, matches });
    if (line === 'missing') missing.push({ what: nameItem(item), amountCents: item.amountCents });
    else if (line) lines.push(line);
  }
  if (missing.length > 0) {
    draft.hold(subject, explainPayout.waitsForDocuments(payout, missing, sumCents(missing.map(({ amountCents }) => amountCents))), key);
    return draft.plan;
  }
  draft.want({
    type: 'deposit',
    key,
    payoutId,
    date: localDate(payout.arrivedAt, settings.timezone),
    totalCents: payout.netCents,
    lines: [...lines, ...feeLines(payout, settings)],
  });
  return draft.plan;
}

interface LineContext extends PayoutContext {
  settings: CompanySettings;
  matches: ReadonlyMap<PayoutItem, DocumentKey>;
}

/** Fees are gathered apart. Every other item must concern something that stands in the books. */
function lineOf(item: PayoutItem, context: LineContext): DepositLine | 'missing' | undefined {
  if (item.amountCents === 0) return undefined;
  switch (item.kind) {
    case 'payment':
      return paymentLine(item, context);
    case 'refund':
      return refundLine(item, context);
    case 'dispute':
      if (!concernsBooks(item, context)) return 'missing';
      return accountLine('disputes', `Disputed payment ${item.paymentId}`, item.amountCents, context.settings);
    case 'ach_return':
      if (!concernsBooks(item, context)) return 'missing';
      return accountLine('returns', `Returned payment ${item.paymentId}`, item.amountCents, context.settings);
    case 'fee':
    case 'refund_fee':
      return undefined;
  }
}

/**
 * A payment that was taken back cannot stand in a deposit, but its money came with this payout and leaves with a later one:
 * both sides go through the clearing account for returns, which nets to zero.
 */
function paymentLine(item: PayoutItem, context: LineContext): DepositLine | 'missing' {
  if (isReversed(item, context)) return accountLine('returns', `Payment ${item.paymentId}, taken back`, item.amountCents, context.settings);
  const document = matchOf(item, context);
  const isWhole = (document?.type === 'payment' || document?.type === 'sales_receipt') && document.totalCents === item.amountCents;
  return isWhole ? { kind: 'document', documentKey: document.key, amountCents: item.amountCents } : 'missing';
}

/**
 * A refund receipt was paid out of Undeposited Funds, so the deposit gathers it. A credit memo moves no money: the money that went back
 * is booked to the clearing account for returns, against the credit that stands on the customer.
 */
function refundLine(item: PayoutItem, context: LineContext): DepositLine | 'missing' {
  const document = matchOf(item, context);
  if (document?.type !== 'refund') return 'missing';
  if (document.as === 'credit_memo') {
    const description = `Refund ${document.refundId}, credit memo ${document.docNumber}`;
    return accountLine('returns', description, item.amountCents, context.settings);
  }
  return { kind: 'document', documentKey: document.key, amountCents: item.amountCents };
}

function matchOf(item: PayoutItem, context: LineContext): AccountingDocument | undefined {
  const key = context.matches.get(item);
  return key === undefined ? undefined : documentAt(key, context);
}

function concernsBooks(item: PayoutItem, context: LineContext): boolean {
  return isReversed(item, context) || (item.paymentId !== undefined && moneyKey(item.paymentId, context) !== undefined);
}

function isReversed({ paymentId }: PayoutItem, { payments }: PayoutContext): boolean {
  const state = paymentId === undefined ? undefined : payments.get(paymentId);
  return state !== undefined && state.fate !== 'good';
}

/** The payment or sales receipt that stands after this run. */
function moneyKey(paymentId: string, context: PayoutContext): DocumentKey | undefined {
  return [documentKey.payment(paymentId), documentKey.salesReceipt(paymentId)].find((key) => documentAt(key, context) !== undefined);
}

function documentAt(key: DocumentKey, { wanted, ledger }: PayoutContext): AccountingDocument | undefined {
  const planned = wanted.get(key);
  if (planned) return planned.presence === 'present' ? planned.document : undefined;
  const record = ledger.get(key);
  return isInBooks(record) ? record.posted : undefined;
}

const ITEMS: Record<PayoutItem['kind'], string> = {
  payment: 'payment',
  refund: 'a refund of payment',
  fee: 'a fee of payment',
  refund_fee: 'a refund fee of payment',
  dispute: 'a dispute about payment',
  ach_return: 'the return of payment',
};

function nameItem({ kind, paymentId }: PayoutItem): string {
  return `${ITEMS[kind]} ${paymentId ?? 'without id'}`;
}
