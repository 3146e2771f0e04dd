import type { Inspection, Payment, Payout, PlatformEvent } from '@vesper/core/event';
import { localDate } from '@vesper/core/local-date';
import { localInstant } from '../local-instant.ts';
import { mulberry32 } from './mulberry32.ts';

export interface TimedDelivery {
  atMs: number;
  webhookId: string;
  event: PlatformEvent;
}

const DAY_MS = 86_400_000;
const NAMES = [
  'Ada Moreno',
  'Ben Ochoa',
  'Cleo Hart',
  'Dan Pell',
  'Eve Sato',
  'Fay Unger',
  'Gus Abara',
  'Ida Klein',
  'Joe Park',
  'Kay Reed',
];
const PRICES = [39_900, 42_500, 45_000, 47_500, 52_000, 61_000];
const CARD_FEE = { share: 0.0325, fixedCents: 40 };
const ACH_FEE_CENTS = 399;

/**
 * A month of a small company as its platform tells it: bookings, cards, bank transfers that settle days later or fail, confirmations on the next
 * day, cancellations, refunds, payouts on weekdays, and the platform's own totals each evening. The same seed makes the same month.
 */
export function monthTraffic(company: { id: string; timezone: string; seed: number }, days: readonly string[]): TimedDelivery[] {
  const month = createMonth(company, days);
  for (const [index, date] of days.entries()) {
    for (let booking = 0; booking < month.int(2, 5); booking += 1) month.book(date, index);
    month.payOut(date);
  }
  return month.deliveries();
}

function createMonth({ id: companyId, timezone, seed }: { id: string; timezone: string; seed: number }, days: readonly string[]) {
  const random = mulberry32(seed);
  const int = (from: number, to: number) => from + Math.floor(random() * (to - from));
  const sent: { atMs: number; event: PlatformEvent }[] = [];
  const totals = new Map(days.map((date) => [date, { paymentsCents: 0, refundsCents: 0, payoutsCents: 0 }]));
  const ready = new Map<string, Payout['items']>();
  const last = days.at(-1) ?? '';
  let ids = seed * 10_000;

  const at = (date: string, time: string) => localInstant({ date, time }, timezone);
  const instant = (ms: number) => new Date(ms).toISOString();
  const dayAfter = (date: string) => new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10);
  const send = (atMs: number, type: string, data: object): void => {
    // What comes after the month is left out: transfers stay on their way.
    if (localDate(instant(atMs), timezone) > last) return;
    sent.push({ atMs, event: { type, timestamp: instant(atMs), data: { companyId, ...data } } as PlatformEvent });
  };
  const count = (atMs: number, field: 'paymentsCents' | 'refundsCents' | 'payoutsCents', cents: number): void => {
    const day = totals.get(localDate(instant(atMs), timezone));
    if (day) day[field] += cents;
  };
  const earn = (date: string, items: Payout['items']): void => {
    const day = businessDayAfter(date, 1);
    ready.set(day, [...(ready.get(day) ?? []), ...items]);
  };

  const payByCard = (inspection: Inspection, atMs: number, amountCents: number): Payment => {
    const feeCents = Math.round(amountCents * CARD_FEE.share) + CARD_FEE.fixedCents;
    const payment: Payment = {
      id: String((ids += 1)),
      inspectionId: inspection.id,
      revision: 1,
      amountCents,
      method: 'card',
      processor: 'platform',
      receivedAt: instant(atMs),
      settledAt: instant(atMs),
      feeCents,
    };
    send(atMs, 'payment.settled', { payment });
    count(atMs, 'paymentsCents', amountCents);
    earn(localDate(instant(atMs), timezone), [
      { kind: 'payment', paymentId: payment.id, amountCents },
      { kind: 'fee', paymentId: payment.id, amountCents: -feeCents },
    ]);
    return payment;
  };
  const payByAch = (inspection: Inspection, atMs: number, amountCents: number): void => {
    const payment: Payment = {
      id: String((ids += 1)),
      inspectionId: inspection.id,
      revision: 1,
      amountCents,
      method: 'ach',
      processor: 'platform',
      receivedAt: instant(atMs),
      feeCents: ACH_FEE_CENTS,
    };
    send(atMs, 'payment.initiated', { payment });
    const date = businessDayAfter(localDate(instant(atMs), timezone), 3);
    const thenMs = at(date, '10:00');
    if (int(0, 10) === 0) return send(thenMs, 'payment.failed', { payment: { ...payment, revision: 2 } });
    send(thenMs, 'payment.settled', { payment: { ...payment, revision: 2, settledAt: instant(thenMs) } });
    count(thenMs, 'paymentsCents', amountCents);
    earn(date, [
      { kind: 'payment', paymentId: payment.id, amountCents },
      { kind: 'fee', paymentId: payment.id, amountCents: -ACH_FEE_CENTS },
    ]);
  };
  const refund = (payment: Payment, atMs: number, amountCents: number): void => {
    const refunds = [{ id: `r${payment.id}`, amountCents, refundedAt: instant(atMs), reason: 'Shorter inspection' }];
    send(atMs, 'payment.refunded', { payment: { ...payment, revision: 2, refunds } });
    count(atMs, 'refundsCents', amountCents);
    earn(localDate(instant(atMs), timezone), [{ kind: 'refund', paymentId: payment.id, amountCents: -amountCents }]);
  };

  return {
    int,
    book(date: string, index: number): void {
      const id = String((ids += 1));
      const atMs = at(date, `${String(int(9, 18)).padStart(2, '0')}:${String(int(0, 60)).padStart(2, '0')}`);
      const amountCents = PRICES[int(0, PRICES.length)] ?? 45_000;
      const [firstName = '', lastName = ''] = (NAMES[int(0, NAMES.length)] ?? '').split(' ');
      const inspection: Inspection = {
        id,
        revision: 1,
        status: 'confirmed',
        createdAt: instant(atMs),
        scheduledAt: instant(atMs + int(1, 4) * DAY_MS),
        client: { id: `c${id}`, firstName, lastName: `${lastName} ${index + 1}`, email: `c${id}@example.com` },
        lines: [
          {
            id: `${id}-1`,
            kind: 'service',
            serviceId: 'svc-home',
            name: 'General Home Inspection',
            quantity: 1,
            unitAmountCents: amountCents,
            taxable: false,
          },
        ],
      };
      const nextDay = at(dayAfter(date), '11:00');
      const fate = int(0, 20);
      if (fate < 2) {
        send(atMs, 'inspection.scheduled', { inspection: { ...inspection, status: 'unconfirmed' } });
        send(nextDay, 'inspection.confirmed', { inspection: { ...inspection, revision: 2, confirmedAt: instant(nextDay) } });
        if (localDate(instant(nextDay), timezone) <= last) payByCard(inspection, nextDay + 60_000, amountCents);
        return;
      }
      send(atMs, 'inspection.confirmed', { inspection: { ...inspection, confirmedAt: instant(atMs) } });
      if (fate < 3) return send(nextDay, 'inspection.canceled', { inspection: { ...inspection, revision: 2, status: 'canceled' } });
      if (fate < 7) return payByAch(inspection, atMs + 60_000, amountCents);
      const payment = payByCard(inspection, atMs + 60_000, amountCents);
      if (fate === 7 && dayAfter(date) <= last) refund(payment, nextDay, 5_000);
    },

    /** On weekdays, what became ready the business day before; a balance that is not positive waits. */
    payOut(date: string): void {
      const items = ready.get(date);
      if (!items) return;
      const netCents = items.reduce((sum, { amountCents }) => sum + amountCents, 0);
      if (netCents <= 0) return earn(date, items);
      const atMs = at(date, '08:30');
      send(atMs, 'payout.paid', { payout: { id: `po${seed}-${date}`, arrivedAt: instant(atMs), netCents, items } });
      count(atMs, 'payoutsCents', netCents);
    },

    deliveries(): TimedDelivery[] {
      const counts = new Map<string, Record<string, number>>();
      for (const { event } of sent) {
        const date = localDate(event.timestamp, timezone);
        const day = counts.get(date) ?? {};
        counts.set(date, { ...day, [event.type]: (day[event.type] ?? 0) + 1 });
      }
      for (const [date, sums] of totals) send(at(date, '19:50'), 'day.closed', { date, counts: counts.get(date) ?? {}, totals: sums });
      return sent
        .toSorted((a, b) => a.atMs - b.atMs)
        .map(({ atMs, event }, index) => ({ atMs, event, webhookId: `msg_month_${seed}_${index + 1}` }));
    },
  };
}

function businessDayAfter(date: string, days: number): string {
  let ms = Date.parse(date);
  for (let left = days; left > 0;) {
    ms += DAY_MS;
    const weekday = new Date(ms).getUTCDay();
    if (weekday !== 0 && weekday !== 6) left -= 1;
  }
  return new Date(ms).toISOString().slice(0, 10);
}
