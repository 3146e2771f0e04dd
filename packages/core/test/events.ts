import type { InspectionEvent, InspectionLine, PaymentEvent, PayoutEvent, Payout } from '../src/event.ts';

/** Valid events to change one thing of. Everything happens on 1 June 2026, a Monday, in Chicago (UTC-5). */
type InspectionOver = Partial<InspectionEvent['data']['inspection']>;
type PaymentOver = Partial<PaymentEvent['data']['payment']>;
type Verb<Type extends string> = Type extends `${string}.${infer Name}` ? Name : never;

export const COMPANY = 'co-1';

export function inspectionEvent(
  verb: Verb<InspectionEvent['type']> = 'confirmed',
  over: InspectionOver = {},
  at = '2026-06-01T14:00:00.000Z',
): InspectionEvent {
  return {
    type: `inspection.${verb}`,
    timestamp: at,
    data: {
      companyId: COMPANY,
      inspection: {
        id: '812',
        number: '2026-00812',
        revision: 1,
        status: 'confirmed',
        createdAt: '2026-06-01T14:00:00.000Z',
        scheduledAt: '2026-06-03T14:00:00.000Z',
        address: { line1: '12 Alder Bend Rd', city: 'Marrow Falls', state: 'IA', zip: '50999' },
        client: { id: '77', firstName: 'Jolene', lastName: 'Chaudry', email: 'jolene@example.com' },
        lines: [line()],
        ...over,
      },
    },
  };
}

export function line(over: Partial<InspectionLine> = {}): InspectionLine {
  return {
    id: '812-1',
    kind: 'service',
    serviceId: 'svc-10',
    name: 'General Home Inspection',
    quantity: 1,
    unitAmountCents: 40_000,
    taxable: false,
    ...over,
  };
}

export function paymentEvent(
  verb: Verb<PaymentEvent['type']> = 'settled',
  over: PaymentOver = {},
  at = '2026-06-01T15:00:00.000Z',
): PaymentEvent {
  return {
    type: `payment.${verb}`,
    timestamp: at,
    data: {
      companyId: COMPANY,
      payment: {
        id: '9812',
        inspectionId: '812',
        revision: 1,
        amountCents: 40_000,
        method: 'card',
        processor: 'platform',
        receivedAt: '2026-06-01T15:00:00.000Z',
        ...over,
      },
    },
  };
}

export function payoutEvent(items: Payout['items'], over: Partial<Payout> = {}, at = '2026-06-02T15:15:00.000Z'): PayoutEvent {
  const netCents = items.reduce((sum, { amountCents }) => sum + amountCents, 0);
  return {
    type: 'payout.paid',
    timestamp: at,
    data: { companyId: COMPANY, payout: { id: '31', arrivedAt: at, netCents, items, ...over } },
  };
}
