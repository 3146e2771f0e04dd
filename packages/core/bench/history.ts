import type { PaymentEvent, PayoutEvent, PlatformEvent } from '@vesper/core/event';

/** So many payments share a payout, whatever the size of the company's history. */
const PAYMENTS_A_PAYOUT = 20;

export interface History {
  /** The events of each inspection, payouts of its payments included. */
  bookings: PlatformEvent[][];
  payouts: { payout: PayoutEvent; payments: PaymentEvent[] }[];
}

/** Inspections booked, confirmed, changed, published; paid by card or ACH; some refunded, some canceled; paid out in twenties. */
export function makeHistory({ from, to }: { from: number; to: number }): History {
  const bookings: PlatformEvent[][] = [];
  const payouts: History['payouts'] = [];
  let open: { booking: PlatformEvent[]; event: PaymentEvent }[] = [];
  for (let index = from; index < to; index += 1) {
    const booking: PlatformEvent[] = ['scheduled', 'confirmed', 'updated', 'published'].map((verb, place) =>
      inspectionEvent(index, { verb: verb as 'scheduled', revision: place + 1, isUnconfirmed: place === 0 && index % 7 === 0 }),
    );
    bookings.push(booking);
    if (index % 23 === 0) booking.push(inspectionEvent(index, { verb: 'canceled', revision: 5 }));
    else {
      const settled = paymentEvent(index, { verb: 'settled', revision: 2 });
      booking.push(paymentEvent(index, { verb: 'initiated', revision: 1 }), settled);
      open.push({ booking, event: settled });
    }
    if (open.length < PAYMENTS_A_PAYOUT) continue;
    const payments = open.map(({ event }) => event);
    const payout = payoutEvent(index, payments);
    for (const paid of open) paid.booking.push(payout);
    payouts.push({ payout, payments });
    open = [];
  }
  return { bookings, payouts };
}

const COMPANY = 'co-bench';
const START_MS = Date.UTC(2026, 5, 1, 14);
const iso = (ms: number) => new Date(ms).toISOString();
const atOf = (index: number) => START_MS + (index % 20_000) * 120_000;

function inspectionEvent(
  index: number,
  { verb, revision, isUnconfirmed = false }: { verb: 'scheduled' | 'canceled'; revision: number; isUnconfirmed?: boolean },
): PlatformEvent {
  const ms = atOf(index);
  return {
    type: `inspection.${verb}`,
    timestamp: iso(ms + revision * 60_000),
    data: {
      companyId: COMPANY,
      inspection: {
        id: String(500_000 + index),
        number: `2026-${String(index).padStart(6, '0')}`,
        revision,
        status: verb === 'canceled' ? 'canceled' : isUnconfirmed ? 'unconfirmed' : 'confirmed',
        createdAt: iso(ms),
        scheduledAt: iso(ms + 86_400_000),
        address: { line1: `${index} Alder Bend Rd`, city: 'Marrow Falls', state: 'IA', zip: '50999' },
        client: { id: String(900_000 + index), firstName: 'Jolene', lastName: `Chaudry ${index}`, email: `c${index}@example.com` },
        inspector: { id: '71', name: 'Cass Willoughby' },
        lines: [
          line(index, { place: 1, kind: 'service', unitAmountCents: 44_500 }),
          line(index, { place: 2, kind: 'addon', unitAmountCents: 15_500 }),
          line(index, { place: 3, kind: 'fee', unitAmountCents: 67, quantity: 12.5 }),
          line(index, { place: 4, kind: 'discount', unitAmountCents: -2_500 }),
        ],
      },
    },
  };
}

function line(
  index: number,
  {
    place,
    kind,
    unitAmountCents,
    quantity = 1,
  }: { place: number; kind: 'service' | 'addon' | 'fee' | 'discount'; unitAmountCents: number; quantity?: number },
) {
  return { id: `${index}-${place}`, kind, serviceId: `svc-${place}`, name: `Line ${place}`, quantity, unitAmountCents, taxable: false };
}

function paymentEvent(index: number, { verb, revision }: { verb: 'initiated' | 'settled'; revision: number }): PaymentEvent {
  const ms = atOf(index) + 7_200_000;
  const isRefunded = index % 19 === 0 && verb === 'settled';
  return {
    type: `payment.${verb}`,
    timestamp: iso(ms + revision * 1000),
    data: {
      companyId: COMPANY,
      payment: {
        id: `9${index}`,
        inspectionId: String(500_000 + index),
        revision,
        amountCents: 58_338,
        method: index % 5 === 0 ? 'ach' : 'card',
        processor: 'platform',
        receivedAt: iso(ms),
        feeCents: 1_936,
        ...(verb === 'settled' && { settledAt: iso(ms + 1000) }),
        ...(isRefunded && { refunds: [{ id: `r9${index}-1`, amountCents: 5_000, refundedAt: iso(ms + 2000) }] }),
      },
    },
  };
}

function payoutEvent(number: number, payments: PaymentEvent[]): PayoutEvent {
  const items = payments.flatMap(({ data: { payment } }) => [
    { kind: 'payment' as const, paymentId: payment.id, amountCents: payment.amountCents },
    { kind: 'fee' as const, paymentId: payment.id, amountCents: -1_936 },
    ...(payment.refunds ?? []).map(({ amountCents }) => ({ kind: 'refund' as const, paymentId: payment.id, amountCents: -amountCents })),
  ]);
  const at = iso(START_MS + (number % 20_000) * 600_000);
  const netCents = items.reduce((sum, { amountCents }) => sum + amountCents, 0);
  return {
    type: 'payout.paid',
    timestamp: at,
    data: { companyId: COMPANY, payout: { id: `po${number}`, arrivedAt: at, netCents, items } },
  };
}
