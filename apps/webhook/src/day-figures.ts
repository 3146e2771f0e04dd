import { documentKey, type DocumentKey } from '@vesper/core/document';
import type { PlatformEvent } from '@vesper/core/event';
import { foldPayments, type PaymentState } from '@vesper/core/fold';
import { localDate } from '@vesper/core/local-date';
import { arrivalOf } from '@vesper/core/payment-arrival';
import type { Reason } from '@vesper/core/reason';
import type { EntryState } from '@vesper/outbox/entry';
import type { Store } from '@vesper/outbox/store';
import type { Company } from './company.ts';
import { readTold, subjectsOf, type Told } from './told-events.ts';

/** Money of one local day in cents, as the platform counts it: its own payments on the day they came, refunds, payouts. */
export interface MoneyTotals {
  paymentsCents: number;
  refundsCents: number;
  payoutsCents: number;
}

/** One payment, refund or payout that should stand in the books under that day. */
export interface Movement {
  kind: 'payment' | 'refund' | 'payout';
  /** `payment/9001`, `refund/9001/r1`, `payout/5`. */
  name: string;
  /** Whose entries tell of it. */
  subject: string;
  amountCents: number;
  /** Taken outside the platform, so not in its statement. */
  isExternal: boolean;
  /** Why its entries wait, when they do. */
  waiting?: { state: EntryState; reason?: Reason };
}

export interface DayFigures {
  /** The platform's latest statement for the day. */
  statement?: { statedAt: string; totals: MoneyTotals; counts: Readonly<Record<string, number>> };
  /** From all webhooks accepted by now. */
  outbox: MoneyTotals & { externalPaymentsCents: number };
  /** From those the statement can have known: told before it. Equal to `outbox` without a statement. */
  outboxWhenStated: MoneyTotals;
  /** Events by type that happened on the day, told before the statement. */
  countsWhenStated: Record<string, number>;
  movements: Movement[];
}

const DAY_MS = 86_400_000;
/** Subjects whose events are held in memory at a time. */
const CHUNK = 300;

/**
 * What the accepted webhooks say of each local day, both ends inclusive. Looks at everything received since the first day, at what the ledger
 * dates within the days, and at what waits however long; so it also sees days that were told of late.
 */
export async function dayFigures(
  store: Store,
  { id: companyId, settings }: Company,
  days: { from: string; to: string },
): Promise<Map<string, DayFigures>> {
  const dates = datesOf(days);
  const figures = new Map<string, DayFigures>(dates.map((date) => [date, emptyDay()]));
  await readStatements(store, companyId, figures);

  const subjects = [...(await subjectsOf(store, companyId, days))];
  for (let start = 0; start < subjects.length; start += CHUNK) {
    const told = await readTold(store, companyId, new Set(subjects.slice(start, start + CHUNK)));
    for (const [subject, about] of told) {
      const own = about.filter((one) => one.subject === subject);
      countEvents(own, figures, settings.timezone);
      const [kind = ''] = subject.split('/', 1);
      if (kind === 'payment') addPayment(subject, { about, own }, figures, settings);
      if (kind === 'payout') addPayout(subject, own, figures, settings.timezone);
    }
  }
  return figures;
}

/** Where a movement may stand in the books. */
export function keysOf({ kind, name }: Pick<Movement, 'kind' | 'name'>): DocumentKey[] {
  const id = name.slice(name.indexOf('/') + 1);
  switch (kind) {
    case 'payment':
      return [documentKey.payment(id), documentKey.salesReceipt(id)];
    case 'refund':
      return [name];
    case 'payout':
      return [documentKey.deposit(id)];
  }
}

function datesOf({ from, to }: { from: string; to: string }): string[] {
  const dates: string[] = [];
  for (let ms = Date.parse(from); ms <= Date.parse(to); ms += DAY_MS) dates.push(new Date(ms).toISOString().slice(0, 10));
  return dates;
}

function emptyDay(): DayFigures {
  return { outbox: { ...NO_MONEY, externalPaymentsCents: 0 }, outboxWhenStated: { ...NO_MONEY }, countsWhenStated: {}, movements: [] };
}

const NO_MONEY: MoneyTotals = { paymentsCents: 0, refundsCents: 0, payoutsCents: 0 };

async function readStatements(store: Store, companyId: string, figures: ReadonlyMap<string, DayFigures>): Promise<void> {
  const told = await readTold(store, companyId, new Set([...figures.keys()].map((date) => `day/${date}`)));
  for (const { event } of [...told.values()].flat()) {
    if (event.type !== 'day.closed') continue;
    const day = figures.get(event.data.date);
    if (!day || (day.statement && Date.parse(day.statement.statedAt) >= Date.parse(event.timestamp))) continue;
    const { paymentsCents, refundsCents, payoutsCents } = event.data.totals;
    day.statement = { statedAt: event.timestamp, totals: { paymentsCents, refundsCents, payoutsCents }, counts: event.data.counts };
  }
}

/** `day.closed` counts the day's other events, on the day they are stamped with. */
function countEvents(own: readonly Told[], figures: ReadonlyMap<string, DayFigures>, timezone: string): void {
  for (const { event } of own) {
    const day = figures.get(localDate(event.timestamp, timezone));
    if (!day || !isBeforeStatement(event, day)) continue;
    day.countsWhenStated[event.type] = (day.countsWhenStated[event.type] ?? 0) + 1;
  }
}

function isBeforeStatement({ timestamp }: PlatformEvent, { statement }: DayFigures): boolean {
  return statement === undefined || Date.parse(timestamp) <= Date.parse(statement.statedAt);
}

function addPayment(
  subject: string,
  { about, own }: { about: readonly Told[]; own: readonly Told[] },
  figures: ReadonlyMap<string, DayFigures>,
  { timezone, postExternalPayments }: Company['settings'],
): void {
  const paymentId = subject.slice('payment/'.length);
  const events = about.map(({ event }) => event);
  const state = foldPayments(events).get(paymentId);
  if (!state) return;
  const dayOf = (instant: string | undefined): DayFigures | undefined =>
    instant === undefined ? undefined : figures.get(localDate(instant, timezone));
  const { amountCents, processor } = state.payment;
  const isExternal = processor === 'external';

  const cameOn = dayOf(cameAt(state));
  if (cameOn && isExternal) cameOn.outbox.externalPaymentsCents += amountCents;
  else if (cameOn) cameOn.outbox.paymentsCents += amountCents;
  for (const { amountCents: refunded, refundedAt } of isExternal ? [] : state.refunds) {
    const day = dayOf(refundedAt);
    if (day) day.outbox.refundsCents += refunded;
  }
  if (!isExternal) addWhenStated(paymentId, events, figures, timezone);

  // What the books should hold: dated by what makes the money count there, and only while the payment stands.
  if (state.fate !== 'good' || (isExternal && !postExternalPayments)) return;
  const waiting = waitingOf(own);
  const shared = { subject, isExternal, ...(waiting && { waiting }) };
  dayOf(arrivalOf(state))?.movements.push({ kind: 'payment', name: subject, amountCents, ...shared });
  for (const refund of state.refunds)
    dayOf(refund.refundedAt)?.movements.push({
      kind: 'refund',
      name: `refund/${paymentId}/${refund.id}`,
      amountCents: refund.amountCents,
      ...shared,
    });
}

/** A statement is held against what was told before it: a payment removed a day later was in it all the same. */
function addWhenStated(
  paymentId: string,
  events: readonly PlatformEvent[],
  figures: ReadonlyMap<string, DayFigures>,
  timezone: string,
): void {
  const dates = new Set(
    events.flatMap((event) => {
      if (!('payment' in event.data)) return [];
      const { receivedAt, settledAt, refunds = [] } = event.data.payment as PaymentState['payment'];
      return [receivedAt, settledAt, ...refunds.map(({ refundedAt }) => refundedAt)].flatMap((at) => (at ? [localDate(at, timezone)] : []));
    }),
  );
  for (const date of dates) {
    const day = figures.get(date);
    if (!day) continue;
    const state = foldPayments(events.filter((event) => isBeforeStatement(event, day))).get(paymentId);
    if (!state) continue;
    const at = cameAt(state);
    if (at !== undefined && localDate(at, timezone) === date) day.outboxWhenStated.paymentsCents += state.payment.amountCents;
    for (const { amountCents, refundedAt } of state.refunds)
      if (localDate(refundedAt, timezone) === date) day.outboxWhenStated.refundsCents += amountCents;
  }
}

/** When the platform had the money: ACH and pay at close once settled, everything else when received; what failed never came. */
function cameAt({ payment, fate }: PaymentState): string | undefined {
  if (fate === 'failed' || fate === 'removed') return undefined;
  return payment.method === 'ach' || payment.method === 'pay_at_close' ? payment.settledAt : payment.receivedAt;
}

function addPayout(subject: string, told: readonly Told[], figures: ReadonlyMap<string, DayFigures>, timezone: string): void {
  const own = told.toSorted((a, b) => Date.parse(a.event.timestamp) - Date.parse(b.event.timestamp));
  const latest = own.at(-1);
  if (latest?.event.type !== 'payout.paid') return;
  const { arrivedAt, netCents: amountCents } = latest.event.data.payout;
  const day = figures.get(localDate(arrivedAt, timezone));
  if (!day) return;
  day.outbox.payoutsCents += amountCents;
  const stated = own.filter(({ event }) => isBeforeStatement(event, day)).at(-1);
  if (stated?.event.type === 'payout.paid') day.outboxWhenStated.payoutsCents += stated.event.data.payout.netCents;
  const waiting = waitingOf(own);
  day.movements.push({ kind: 'payout', name: subject, subject, amountCents, isExternal: false, ...(waiting && { waiting }) });
}

function waitingOf(own: readonly Told[]): Movement['waiting'] {
  const open = own.findLast(({ state }) => state !== 'posted');
  return open && { state: open.state, ...(open.reason && { reason: open.reason }) };
}
