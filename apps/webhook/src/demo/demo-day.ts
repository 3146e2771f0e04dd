import { localDate } from '@vesper/core/local-date';
import type { Inspection, InspectionLine, Payment, PlatformEvent } from '@vesper/core/event';

export interface DemoDelivery {
  webhookId: string;
  event: PlatformEvent;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
const SERVICE = { kind: 'service', serviceId: 'svc-home', name: 'General Home Inspection', quantity: 1, taxable: false } as const;
const RADON = { kind: 'addon', serviceId: 'svc-radon', name: 'Radon Test', quantity: 1, unitAmountCents: 15_000, taxable: false } as const;

/** One day of a small company, in the order the network delivers it: with duplicates, and with two events overtaken by their successors. */
export function demoDay(companyId: string, timezone: string, nowMs: number): DemoDelivery[] {
  const day = createDay(companyId, timezone, nowMs);

  const ada = day.inspection('812', ['31', 'Ada', 'Moreno'], [45_000]);
  day.say('inspection.scheduled', ada);
  day.say('inspection.updated', { ...ada, revision: 2, lines: [...ada.lines, { id: '812-2', ...RADON }] });
  day.pay('payment.settled', { id: '9001', inspectionId: '812', amountCents: 60_000, method: 'card', feeCents: 1_990 });

  const ben = day.inspection('813', ['32', 'Ben', 'Ochoa'], [52_500]);
  day.say('inspection.scheduled', { ...ben, status: 'unconfirmed' });

  const cleo = day.inspection('814', ['33', 'Cleo', 'Hart'], [39_900]);
  day.say('inspection.scheduled', cleo);
  const moved = { ...cleo, revision: 2, scheduledAt: new Date(nowMs + 3 * DAY).toISOString() };
  const movedAgain = { ...cleo, revision: 3, scheduledAt: new Date(nowMs + 4 * DAY).toISOString() };
  day.say('inspection.rescheduled', movedAgain);
  day.say('inspection.rescheduled', moved);

  const dan = day.inspection('815', ['34', 'Dan', 'Pell'], [41_000]);
  day.say('inspection.confirmed', dan);
  day.pay('payment.initiated', { id: '9002', inspectionId: '815', amountCents: 41_000, method: 'ach', feeCents: 399 });

  const eve = day.inspection('801', ['28', 'Eve', 'Sato'], [48_000], 5);
  day.say('inspection.published', { ...eve, status: 'published', publishedAt: new Date(nowMs - 4 * DAY).toISOString() });
  const bank = {
    id: '8990',
    inspectionId: '801',
    amountCents: 48_000,
    method: 'ach',
    feeCents: 399,
    receivedAt: new Date(nowMs - 4 * DAY).toISOString(),
  } as const;
  const settled = { ...bank, revision: 2, settledAt: new Date(nowMs - 90 * MINUTE).toISOString() };
  day.pay('payment.settled', settled);
  day.pay('payment.initiated', bank);

  const fay = day.inspection('816', ['35', 'Fay', 'Unger'], [43_500]);
  day.say('inspection.confirmed', fay);
  day.pay('payment.initiated', { id: '9003', inspectionId: '816', amountCents: 43_500, method: 'ach' });
  day.pay('payment.failed', { id: '9003', inspectionId: '816', amountCents: 43_500, method: 'ach', revision: 2 });

  const gus = day.inspection('817', ['36', 'Gus', 'Abara'], [40_000]);
  day.say('inspection.confirmed', gus);
  day.say('inspection.canceled', { ...gus, revision: 2, status: 'canceled' });

  day.repeat(0);
  day.repeat(2);
  day.close({ paymentsCents: 108_000, refundsCents: 0, payoutsCents: 0 });
  return day.deliveries;
}

function createDay(companyId: string, timezone: string, nowMs: number) {
  const deliveries: DemoDelivery[] = [];
  const startMs = nowMs - 60 * MINUTE;
  const nextAt = () => new Date(startMs + deliveries.length * MINUTE).toISOString();
  const add = (event: PlatformEvent) => deliveries.push({ webhookId: `msg_demo_${deliveries.length + 1}`, event });

  return {
    deliveries,
    inspection(id: string, [clientId, firstName, lastName]: [string, string, string], prices: number[], daysAgo = 0): Inspection {
      const lines = prices.map((unitAmountCents, index): InspectionLine => ({ id: `${id}-${index + 1}`, ...SERVICE, unitAmountCents }));
      const at = new Date(nowMs - daysAgo * DAY - 120 * MINUTE).toISOString();
      const email = `${firstName}.${lastName}@example.com`.toLowerCase();
      return {
        id,
        revision: 1,
        status: 'confirmed',
        createdAt: at,
        scheduledAt: at,
        client: { id: clientId, firstName, lastName, email },
        lines,
      };
    },
    say(
      type: `inspection.${'scheduled' | 'updated' | 'confirmed' | 'rescheduled' | 'published' | 'canceled'}`,
      inspection: Inspection,
    ): void {
      add({ type, timestamp: nextAt(), data: { companyId, inspection } });
    },
    pay(
      type: `payment.${'initiated' | 'settled' | 'failed'}`,
      payment: Pick<Payment, 'id' | 'inspectionId' | 'amountCents' | 'method'> & Partial<Payment>,
    ): void {
      const complete: Payment = { revision: 1, processor: 'platform', receivedAt: nextAt(), ...payment };
      add({ type, timestamp: nextAt(), data: { companyId, payment: complete } });
    },
    /** The platform retries a webhook it heard no answer to: same id, same body. */
    repeat(index: number): void {
      const delivery = deliveries[index];
      if (delivery) deliveries.push(delivery);
    },
    close(totals: { paymentsCents: number; refundsCents: number; payoutsCents: number }): void {
      const counts: Record<string, number> = {};
      for (const { event } of new Map(deliveries.map((delivery) => [delivery.webhookId, delivery])).values())
        counts[event.type] = (counts[event.type] ?? 0) + 1;
      add({ type: 'day.closed', timestamp: nextAt(), data: { companyId, date: localDate(nextAt(), timezone), counts, totals } });
    },
  };
}
