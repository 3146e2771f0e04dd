import { CoreError } from './core-error.ts';
import {
  type DayClosedEvent,
  type Inspection,
  type InspectionEvent,
  type Payment,
  type PaymentEvent,
  type Payout,
  type PayoutEvent,
  type PlatformEvent,
  type Refund,
  isInspectionEvent,
  isPaymentEvent,
  isPayoutEvent,
} from './event.ts';
import { compareInstants } from './local-date.ts';

/**
 * What all events heard so far say about one inspection. Insensitive to order and repetition: the highest revision wins,
 * and between equal revisions the later timestamp, then the text.
 */
export interface InspectionState {
  inspectionId: string;
  /** The newest snapshot; missing while only payments have been heard of. */
  inspection?: Inspection;
  /** The snapshot's own, else the timestamp of the lowest revision known to be confirmed or published. */
  confirmedAt?: string;
  /** Timestamp of the event the snapshot is from; without one, of the newest payment event. */
  asOf: string;
  /** By `receivedAt`, then id. */
  payments: PaymentState[];
}

export interface PaymentState {
  paymentId: string;
  /** The newest snapshot. */
  payment: Payment;
  /** The last of `failed`, `returned`, `removed` by revision. */
  fate: 'good' | 'failed' | 'returned' | 'removed';
  dispute: 'none' | 'disputed' | 'dispute_won' | 'dispute_lost';
  /** Of all snapshots, by id, oldest first. */
  refunds: Refund[];
  /** What payouts say of this payment, by `arrivedAt`, then id. Only as far as payout events were folded with it. */
  payouts: PayoutShare[];
  asOf: string;
}

export interface PayoutShare {
  payoutId: string;
  arrivedAt: string;
  items: Payout['items'];
}

export interface PayoutState {
  payoutId: string;
  payout: Payout;
  asOf: string;
}

/** `events` are all that touch one inspection: its own, its payments', and the payouts that contain those payments. Throws when they name none. */
export function foldInspection(events: readonly PlatformEvent[]): InspectionState {
  const own = events.filter(isInspectionEvent).sort(byRevisionOf(({ data }) => data.inspection.revision));
  const heard = [...foldPayments(events).values()].sort(byReceipt);
  const newest = own.at(-1);
  const inspectionId = newest?.data.inspection.id ?? heard[0]?.payment.inspectionId;
  if (inspectionId === undefined)
    throw new CoreError('no_events', 'foldInspection needs at least one event of an inspection or of its payments');
  const payments = heard.filter(({ payment }) => payment.inspectionId === inspectionId);
  if (!newest) return { inspectionId, asOf: newestOf(payments), payments };

  const { inspection } = newest.data;
  const confirmed = own.find(({ data }) => data.inspection.status === 'confirmed' || data.inspection.status === 'published');
  const confirmedAt = inspection.confirmedAt ?? confirmed?.timestamp;
  return { inspectionId, inspection, ...(confirmedAt !== undefined && { confirmedAt }), asOf: newest.timestamp, payments };
}

/** Every payment the events tell of, by id. */
export function foldPayments(events: readonly PlatformEvent[]): ReadonlyMap<string, PaymentState> {
  const groups = new Map<string, PaymentEvent[]>();
  for (const event of events) {
    if (!isPaymentEvent(event)) continue;
    const group = groups.get(event.data.payment.id);
    if (group) group.push(event);
    else groups.set(event.data.payment.id, [event]);
  }
  const shares = sharesOf(events.filter(isPayoutEvent), groups);
  const states = new Map<string, PaymentState>();
  for (const [paymentId, group] of groups) states.set(paymentId, toPaymentState(group, shares.get(paymentId) ?? []));
  return states;
}

/** `events` are those of one payout; stated again, the later statement counts. Throws when there is none. */
export function foldPayout(events: readonly PlatformEvent[]): PayoutState {
  const newest = events.filter(isPayoutEvent).sort(byTime).at(-1);
  if (!newest) throw new CoreError('no_events', 'foldPayout needs at least one payout.paid event');
  return { payoutId: newest.data.payout.id, payout: newest.data.payout, asOf: newest.timestamp };
}

/** The platform's control totals by local day; the latest statement for a date counts. */
export function foldDays(events: readonly DayClosedEvent[]): ReadonlyMap<string, DayClosedEvent['data']> {
  return new Map([...events].sort(byTime).map(({ data }) => [data.date, data]));
}

function toPaymentState(events: PaymentEvent[], payouts: PayoutShare[]): PaymentState {
  events.sort(byRevisionOf(({ data }) => data.payment.revision));
  let fate: PaymentState['fate'] = 'good';
  let dispute: PaymentState['dispute'] = 'none';
  const refunds = new Map<string, Refund>();
  for (const { type, data } of events) {
    fate = FATES[type] ?? fate;
    dispute = DISPUTES[type] ?? dispute;
    for (const refund of data.payment.refunds ?? []) refunds.set(refund.id, refund);
  }
  const newest = events.at(-1) as PaymentEvent;
  return {
    paymentId: newest.data.payment.id,
    payment: newest.data.payment,
    fate,
    dispute,
    refunds: [...refunds.values()].sort((a, b) => compareInstants(a.refundedAt, b.refundedAt) || compareText(a.id, b.id)),
    payouts,
    asOf: newest.timestamp,
  };
}

const FATES: Partial<Record<PaymentEvent['type'], PaymentState['fate']>> = {
  'payment.failed': 'failed',
  'payment.returned': 'returned',
  'payment.removed': 'removed',
};
const DISPUTES: Partial<Record<PaymentEvent['type'], PaymentState['dispute']>> = {
  'payment.disputed': 'disputed',
  'payment.dispute_won': 'dispute_won',
  'payment.dispute_lost': 'dispute_lost',
};

/** What each payout, in its latest statement, holds of the payments asked for. */
function sharesOf(events: PayoutEvent[], asked: ReadonlyMap<string, unknown>): Map<string, PayoutShare[]> {
  const latest = new Map(events.sort(byTime).map(({ data }) => [data.payout.id, data.payout]));
  const payouts = [...latest.values()].sort((a, b) => compareInstants(a.arrivedAt, b.arrivedAt) || compareText(a.id, b.id));
  const shares = new Map<string, PayoutShare[]>();
  for (const { id, arrivedAt, items } of payouts) {
    for (const item of items) {
      if (item.paymentId === undefined || !asked.has(item.paymentId)) continue;
      let list = shares.get(item.paymentId);
      if (!list) shares.set(item.paymentId, (list = []));
      const last = list.at(-1);
      if (last?.payoutId === id) last.items.push(item);
      else list.push({ payoutId: id, arrivedAt, items: [item] });
    }
  }
  return shares;
}

function byReceipt(a: PaymentState, b: PaymentState): number {
  return compareInstants(a.payment.receivedAt, b.payment.receivedAt) || compareText(a.paymentId, b.paymentId);
}

function newestOf(payments: PaymentState[]): string {
  return payments.map(({ asOf }) => asOf).reduce((newest, asOf) => (compareInstants(asOf, newest) > 0 ? asOf : newest));
}

function byRevisionOf<Event extends InspectionEvent | PaymentEvent>(revisionOf: (event: Event) => number) {
  return (a: Event, b: Event) => revisionOf(a) - revisionOf(b) || byTime(a, b);
}

function byTime(a: PlatformEvent, b: PlatformEvent): number {
  return compareInstants(a.timestamp, b.timestamp) || compareText(a.type, b.type) || compareText(JSON.stringify(a), JSON.stringify(b));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
