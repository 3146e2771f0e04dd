import { type DocumentKey, documentKey } from './document.ts';
import type { Payout } from './event.ts';
import type { PaymentState, PayoutShare } from './fold.ts';
import { type Ledger, isPerhapsInBooks } from './ledger.ts';

export type PayoutItem = Payout['items'][number];

interface MatchContext {
  payments: ReadonlyMap<string, PaymentState>;
  ledger: Ledger;
  /** The document a payment stands under in the books, if it does. */
  moneyKey: (paymentId: string) => DocumentKey | undefined;
}

/**
 * Which document each payment and refund item of a payout moves. An item names only its payment, so refunds are told apart by amount.
 * What several payouts claim goes to them in the order of arrival, and what a deposit holds already stays its own: nothing is
 * deposited twice, however often and in whatever order payouts are planned.
 */
export function matchItems(payout: Payout, context: MatchContext): ReadonlyMap<PayoutItem, DocumentKey> {
  const matches = new Map<PayoutItem, DocumentKey>();
  const groups = Map.groupBy(payout.items, ({ paymentId }) => paymentId);
  for (const [paymentId, items] of groups) {
    if (paymentId === undefined) continue;
    const own = { payoutId: payout.id, arrivedAt: payout.arrivedAt, items };
    for (const [item, key] of matchesOf(paymentId, own, context)) matches.set(item, key);
  }
  return matches;
}

function matchesOf(paymentId: string, own: PayoutShare, { payments, ledger, moneyKey }: MatchContext): Map<PayoutItem, DocumentKey> {
  const state = payments.get(paymentId);
  const candidates = candidatesOf(state, moneyKey(paymentId));
  const shares = sharesWith(own, state?.payouts ?? []);
  const held = new Map(shares.map(({ payoutId }) => [payoutId, heldBy(payoutId, candidates, ledger)]));
  const free = candidates.filter((candidate) => ![...held.values()].some((own) => own.includes(candidate)));

  const matches = new Map<PayoutItem, DocumentKey>();
  for (const { payoutId, items } of shares) {
    for (const item of items) {
      const candidate = takeFirst(held.get(payoutId) ?? [], item) ?? takeFirst(free, item);
      if (candidate && payoutId === own.payoutId) matches.set(item, candidate.key);
    }
  }
  return matches;
}

/** `amountCents` as a payout would state it; a payment goes by its identity alone. */
interface Candidate {
  kind: 'payment' | 'refund';
  key: DocumentKey;
  amountCents?: number;
}

function candidatesOf(state: PaymentState | undefined, moneyKey: DocumentKey | undefined): Candidate[] {
  const refunds = (state?.refunds ?? []).map(({ id, amountCents }) => ({
    kind: 'refund' as const,
    key: documentKey.refund(state?.paymentId ?? '', id),
    amountCents: -amountCents,
  }));
  return moneyKey === undefined ? refunds : [{ kind: 'payment', key: moneyKey }, ...refunds];
}

function sharesWith(own: PayoutShare, shares: PayoutShare[]): PayoutShare[] {
  const isKnown = shares.some(({ payoutId }) => payoutId === own.payoutId);
  return isKnown ? shares.map((share) => (share.payoutId === own.payoutId ? own : share)) : [...shares, own];
}

function heldBy(payoutId: string, candidates: Candidate[], ledger: Ledger): Candidate[] {
  const record = ledger.get(documentKey.deposit(payoutId));
  const deposit = isPerhapsInBooks(record) ? (record.posted ?? record.wanted?.document) : undefined;
  if (deposit?.type !== 'deposit') return [];
  return candidates.filter(({ key }) => deposit.lines.some((line) => line.kind === 'document' && line.documentKey === key));
}

function takeFirst(candidates: Candidate[], item: PayoutItem): Candidate | undefined {
  const index = candidates.findIndex(
    ({ kind, amountCents }) => kind === item.kind && (amountCents === undefined || amountCents === item.amountCents),
  );
  return index < 0 ? undefined : candidates.splice(index, 1)[0];
}
