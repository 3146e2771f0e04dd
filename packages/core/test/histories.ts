import * as fc from 'fast-check';
import type { InspectionEvent, Payment, PaymentEvent, Payout, PlatformEvent } from '../src/event.ts';
import { inspectionEvent, line, paymentEvent, payoutEvent } from './events.ts';

/** What a platform tells, each event with the evening (0 for the first) it is heard by: late, twice and out of order. */
export interface History {
  heard: { evening: number; event: PlatformEvent }[];
  evenings: number;
  payouts: Payout[];
}

type Inspection = InspectionEvent['data']['inspection'];
type Verb<Type extends string> = Type extends `${string}.${infer Name}` ? Name : never;

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('pay' as const),
      method: fc.constantFrom('card', 'ach', 'pay_at_close', 'check'),
      share: fc.constantFrom(30, 50, 100, 110),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('change' as const), cents: fc.integer({ min: -30_000, max: 30_000 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('refund' as const), cents: fc.constantFrom(500, 5_000, 90_000), adjusted: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('settle', 'fail', 'return', 'remove', 'dispute', 'win', 'lose', 'correct') }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('confirm', 'publish', 'cancel', 'delete', 'restore', 'replace client', 'correct client') }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pay out' as const), offCents: fc.constantFrom(0, 0, 0, 0, 7) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A platform's own bookkeeping is consistent: a payout holds what became ready, each item once, less fees. */
export const history: fc.Arbitrary<History> = fc
  .array(fc.record({ inspection: fc.integer({ min: 0, max: 2 }), payment: fc.nat(4), step, days: fc.constantFrom(0, 0, 1) }), {
    minLength: 3,
    maxLength: 25,
  })
  .chain((steps) => {
    const told = tell(steps);
    return fc
      .array(fc.record({ delay: fc.constantFrom(0, 0, 0, 1, 3), again: fc.constantFrom(0, 0, 0, 1) }), {
        minLength: told.events.length,
        maxLength: told.events.length,
      })
      .map((deliveries) => deliver(told, deliveries));
  });

interface Told {
  events: { day: number; event: PlatformEvent }[];
  payouts: Payout[];
}

function deliver({ events, payouts }: Told, deliveries: { delay: number; again: number }[]): History {
  const heard = events.flatMap(({ day, event }, index) => {
    const { delay = 0, again = 0 } = deliveries[index] ?? {};
    const evening = day + delay;
    return again > 0
      ? [
          { evening, event },
          { evening: evening + again, event },
        ]
      : [{ evening, event }];
  });
  return { heard: heard.sort((a, b) => a.evening - b.evening), evenings: Math.max(...heard.map(({ evening }) => evening)) + 1, payouts };
}

function tell(steps: { inspection: number; payment: number; step: Step; days: number }[]): Told {
  const told: Told = { events: [], payouts: [] };
  const world = { day: 0, ticks: 0, inspections: new Map<number, Inspection>(), payments: [] as Payment[], ready: [] as Payout['items'] };
  const now = () => new Date(Date.UTC(2026, 5, 1 + world.day, 14, 0, (world.ticks += 1))).toISOString();
  const emit = (event: PlatformEvent) => void told.events.push({ day: world.day, event: structuredClone(event) });

  const sayInspection = (inspection: Inspection, verb: Verb<InspectionEvent['type']>, over: Partial<Inspection> = {}) => {
    Object.assign(inspection, over, { revision: inspection.revision + 1 });
    emit(inspectionEvent(verb, inspection, now()));
  };
  const sayPayment = (payment: Payment, verb: Verb<PaymentEvent['type']>, over: Partial<Payment> = {}) => {
    Object.assign(payment, over, { revision: payment.revision + 1 });
    emit(paymentEvent(verb, payment, now()));
  };
  const inspectionOf = (number: number): Inspection => {
    let inspection = world.inspections.get(number);
    if (!inspection) {
      inspection = { ...inspectionEvent().data.inspection, id: `${810 + number}`, revision: 0, lines: [line({ id: `${number}-1` })] };
      // Two of the three inspections are of one client.
      inspection.client = { id: number === 1 ? '71' : '70', firstName: 'Jolene', lastName: 'Chaudry' };
      inspection.status = number === 1 ? 'unconfirmed' : 'confirmed';
      world.inspections.set(number, inspection);
      sayInspection(inspection, 'scheduled');
    }
    return inspection;
  };

  for (const { inspection: number, payment: place, step: one, days } of steps) {
    world.day += days;
    const inspection = inspectionOf(number);
    const payment = world.payments[place % Math.max(1, world.payments.length)];
    const totalCents = inspection.lines.reduce((sum, { unitAmountCents }) => sum + unitAmountCents, 0);
    switch (one.do) {
      case 'pay': {
        const method = one.method as Payment['method'];
        const amountCents = Math.max(100, Math.round((totalCents * one.share) / 100));
        const fresh = {
          ...paymentEvent().data.payment,
          id: `9${world.payments.length}`,
          inspectionId: inspection.id,
          revision: 0,
          amountCents,
          method,
        };
        fresh.receivedAt = now();
        fresh.processor = method === 'check' ? 'external' : 'platform';
        world.payments.push(fresh);
        sayPayment(fresh, method === 'card' || method === 'check' ? 'settled' : 'initiated');
        if (method === 'card' || method === 'pay_at_close') world.ready.push({ kind: 'payment', paymentId: fresh.id, amountCents });
        break;
      }
      case 'change': {
        const added = line({
          id: `${number}-${inspection.lines.length + 1}`,
          kind: one.cents < 0 ? 'discount' : 'addon',
          unitAmountCents: one.cents,
        });
        sayInspection(inspection, 'updated', { lines: [...inspection.lines, added] });
        break;
      }
      case 'refund': {
        if (!payment || payment.processor === 'external') break;
        const amountCents = Math.min(one.cents, payment.amountCents);
        const refunds = [
          ...(payment.refunds ?? []),
          { id: `r${payment.id}-${payment.refunds?.length ?? 0}`, amountCents, refundedAt: now() },
        ];
        sayPayment(payment, 'refunded', { refunds });
        world.ready.push({ kind: 'refund', paymentId: payment.id, amountCents: -amountCents });
        const owner = [...world.inspections.values()].find(({ id }) => id === payment.inspectionId);
        if (!one.adjusted || !owner) break;
        const adjustment = line({ id: `a${owner.lines.length}`, kind: 'refund_adjustment', unitAmountCents: -amountCents });
        sayInspection(owner, 'updated', { lines: [...owner.lines, adjustment] });
        break;
      }
      case 'settle':
        if (payment?.method !== 'ach' || payment.settledAt) break;
        sayPayment(payment, 'settled', { settledAt: now() });
        world.ready.push({ kind: 'payment', paymentId: payment.id, amountCents: payment.amountCents });
        break;
      case 'return':
        if (!payment?.settledAt) break;
        sayPayment(payment, 'returned');
        world.ready.push({ kind: 'ach_return', paymentId: payment.id, amountCents: -payment.amountCents });
        break;
      case 'dispute':
        if (payment) sayPayment(payment, 'disputed');
        if (payment) world.ready.push({ kind: 'dispute', paymentId: payment.id, amountCents: -payment.amountCents });
        break;
      case 'fail':
        if (payment?.method === 'ach' && !payment.settledAt) sayPayment(payment, 'failed');
        break;
      case 'remove':
        if (payment?.processor === 'external') sayPayment(payment, 'removed');
        break;
      case 'win':
      case 'lose':
        if (payment) sayPayment(payment, one.do === 'win' ? 'dispute_won' : 'dispute_lost');
        break;
      case 'correct':
        if (payment) sayPayment(payment, 'settled', { amountCents: payment.amountCents + 100 });
        break;
      case 'confirm':
        sayInspection(inspection, 'confirmed', { status: 'confirmed' });
        break;
      case 'publish':
        sayInspection(inspection, 'published', { status: 'published', publishedAt: now() });
        break;
      case 'cancel':
      case 'delete':
        sayInspection(inspection, one.do === 'cancel' ? 'canceled' : 'deleted', { status: one.do === 'cancel' ? 'canceled' : 'deleted' });
        break;
      case 'restore':
        sayInspection(inspection, 'updated', { status: 'confirmed' });
        break;
      case 'correct client':
        sayInspection(inspection, 'updated', { client: { ...inspection.client, email: `a${world.ticks}@example.com` } });
        break;
      case 'replace client':
        sayInspection(inspection, 'updated', { client: { id: `${90 + number}`, firstName: 'Noor', lastName: 'Quist' } });
        break;
      case 'pay out': {
        const items = [...world.ready, { kind: 'fee' as const, amountCents: -137 }];
        const netCents = items.reduce((sum, { amountCents }) => sum + amountCents, 0);
        if (netCents <= 0) break;
        world.ready = [];
        const at = now();
        const event = payoutEvent(items, { id: `p${told.payouts.length}`, arrivedAt: at, netCents: netCents + one.offCents }, at);
        told.payouts.push(event.data.payout);
        emit(event);
        break;
      }
    }
  }
  return told;
}
