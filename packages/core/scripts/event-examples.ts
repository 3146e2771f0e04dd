import type { DayClosedEvent, InspectionEvent, PaymentEvent, PayoutEvent, PlatformEvent } from '../src/event.ts';

/** One believable event of each kind: an inspection with an add-on, a discount and a half-hour, and what can become of its money. */
const companyId = 'co-7';

const inspection: InspectionEvent['data']['inspection'] = {
  id: '400812',
  number: '2026-00812',
  revision: 1,
  status: 'unconfirmed',
  createdAt: '2026-06-01T14:02:11.000Z',
  scheduledAt: '2026-06-03T14:00:00.000Z',
  address: { line1: '12 Alder Bend Rd', line2: 'Unit 4', city: 'Marrow Falls', state: 'IA', zip: '50999' },
  client: {
    id: '200077',
    firstName: 'Jolene',
    lastName: 'Chaudry',
    email: 'jolene.chaudry@example.com',
    phone: '+15155550142',
    address: { line1: '9 Kiln St', city: 'Quillby', state: 'NC', zip: '27999' },
  },
  agent: { id: '3301', name: 'Odette Fairlie' },
  inspector: { id: '71', name: 'Cass Willoughby' },
  lines: [
    {
      id: '400812-1',
      kind: 'service',
      serviceId: 'svc-10',
      name: 'General Home Inspection',
      quantity: 1,
      unitAmountCents: 44_500,
      taxable: false,
    },
    { id: '400812-2', kind: 'addon', serviceId: 'svc-20', name: 'Radon Test (48 h)', quantity: 1, unitAmountCents: 15_500, taxable: false },
    { id: '400812-3', kind: 'fee', name: 'Extra inspector (hours)', quantity: 1.5, unitAmountCents: 6_000, taxable: false },
    { id: '400812-4', kind: 'discount', name: 'Returning Client', quantity: 1, unitAmountCents: -4_000, taxable: false },
  ],
};
const rescheduled = { scheduledAt: '2026-06-04T18:00:00.000Z' };
const published = { status: 'published', publishedAt: '2026-06-05T01:30:00.000Z' } as const;

const ach: PaymentEvent['data']['payment'] = {
  id: '94008121',
  inspectionId: '400812',
  revision: 1,
  amountCents: 65_000,
  method: 'ach',
  processor: 'platform',
  receivedAt: '2026-06-01T15:12:40.000Z',
  feeCents: 399,
};
const settled = { settledAt: '2026-06-04T16:20:00.000Z' };
const card: PaymentEvent['data']['payment'] = { ...ach, method: 'card', settledAt: '2026-06-01T15:12:40.000Z', feeCents: 2_153 };
const refunds = [{ id: 'r94008121-1', amountCents: 5_000, refundedAt: '2026-06-06T17:45:00.000Z', reason: 'goodwill' }];
const cash: PaymentEvent['data']['payment'] = {
  id: '94008122',
  inspectionId: '400812',
  revision: 2,
  amountCents: 65_000,
  method: 'cash',
  processor: 'external',
  receivedAt: '2026-06-04T19:00:00.000Z',
};

const aboutInspection = (verb: string, timestamp: string, over: Partial<typeof inspection>): InspectionEvent => ({
  type: `inspection.${verb}` as InspectionEvent['type'],
  timestamp,
  data: { companyId, inspection: { ...inspection, ...over } },
});
const aboutPayment = (verb: string, timestamp: string, payment: typeof ach): PaymentEvent => ({
  type: `payment.${verb}` as PaymentEvent['type'],
  timestamp,
  data: { companyId, payment },
});

const payout: PayoutEvent = {
  type: 'payout.paid',
  timestamp: '2026-06-08T15:15:00.000Z',
  data: {
    companyId,
    payout: {
      id: '120260608',
      arrivedAt: '2026-06-08T15:15:00.000Z',
      netCents: 57_968,
      items: [
        { kind: 'payment', paymentId: '94008121', amountCents: 65_000 },
        { kind: 'fee', paymentId: '94008121', amountCents: -2_153 },
        { kind: 'refund', paymentId: '94008121', amountCents: -5_000 },
        { kind: 'fee', paymentId: '94008121', amountCents: 166 },
        { kind: 'refund_fee', paymentId: '94008121', amountCents: -45 },
      ],
    },
  },
};

const dayClosed: DayClosedEvent = {
  type: 'day.closed',
  timestamp: '2026-06-02T00:50:00.000Z',
  data: {
    companyId,
    date: '2026-06-01',
    counts: { 'inspection.scheduled': 11, 'payment.initiated': 3, 'payment.settled': 6, 'payout.paid': 1 },
    totals: { paymentsCents: 304_850, refundsCents: 5_000, payoutsCents: 251_377 },
  },
};

export const EVENT_EXAMPLES: readonly PlatformEvent[] = [
  aboutInspection('scheduled', '2026-06-01T14:02:11.000Z', {}),
  aboutInspection('confirmed', '2026-06-01T14:20:00.000Z', { revision: 2, status: 'confirmed' }),
  aboutInspection('updated', '2026-06-02T13:00:00.000Z', { revision: 3, status: 'confirmed', lines: inspection.lines.slice(0, 2) }),
  aboutInspection('rescheduled', '2026-06-02T14:00:00.000Z', { revision: 4, status: 'confirmed', ...rescheduled }),
  aboutInspection('published', '2026-06-05T01:30:00.000Z', { revision: 5, ...rescheduled, ...published }),
  aboutInspection('canceled', '2026-06-02T15:00:00.000Z', { revision: 5, status: 'canceled' }),
  aboutInspection('deleted', '2026-06-02T16:00:00.000Z', { revision: 6, status: 'deleted' }),
  aboutPayment('initiated', '2026-06-01T15:12:40.000Z', ach),
  aboutPayment('settled', '2026-06-04T16:20:00.000Z', { ...ach, revision: 2, ...settled }),
  aboutPayment('failed', '2026-06-04T16:20:00.000Z', { ...ach, revision: 2 }),
  aboutPayment('returned', '2026-06-09T16:20:00.000Z', { ...ach, revision: 3, ...settled }),
  aboutPayment('refunded', '2026-06-06T17:45:00.000Z', { ...card, revision: 2, refunds }),
  aboutPayment('disputed', '2026-06-10T09:00:00.000Z', { ...card, revision: 2 }),
  aboutPayment('dispute_won', '2026-08-20T09:00:00.000Z', { ...card, revision: 3 }),
  aboutPayment('dispute_lost', '2026-08-20T09:00:00.000Z', { ...card, revision: 3 }),
  aboutPayment('removed', '2026-06-05T12:00:00.000Z', cash),
  payout,
  dayClosed,
];
