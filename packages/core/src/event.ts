import { z } from 'zod';

/**
 * The canonical events a platform sends, as `{ type, timestamp, data }`. Money is integer cents, instants are ISO 8601 in UTC, ids are strings.
 * Objects are loose: a newer minor shape with more fields is kept, never refused; a wrong shape is refused with every fault's path at once.
 */
const id = z.string().min(1).max(200);
const instant = z.iso.datetime({ offset: true }).describe('ISO 8601 instant.');
const cents = z.int().describe('Integer cents.');
const revision = z.int().min(0).describe('Grows with every change of this subject; the highest one known is true.');

const address = z.looseObject({
  line1: z.string().optional(),
  line2: z.string().optional(),
  city: z.string().optional(),
  state: z.string().optional(),
  zip: z.string().optional(),
});

const client = z.looseObject({
  id,
  firstName: z.string().default(''),
  lastName: z.string().default(''),
  company: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional(),
  address: address.optional(),
});

const person = z.looseObject({ id, name: z.string() });

const inspectionLine = z.looseObject({
  id,
  kind: z.enum(['service', 'addon', 'fee', 'discount', 'technology_fee', 'refund_adjustment', 'tax']),
  serviceId: z.string().optional(),
  name: z.string(),
  quantity: z.number(),
  unitAmountCents: cents.describe('Integer cents; negative for discounts and refund adjustments.'),
  taxable: z.boolean().default(false),
});

const inspection = z.looseObject({
  id,
  number: z.string().optional(),
  revision,
  status: z.enum(['unconfirmed', 'confirmed', 'published', 'canceled', 'deleted']),
  createdAt: instant,
  scheduledAt: instant,
  confirmedAt: instant.optional(),
  publishedAt: instant.optional(),
  address: address.optional(),
  client,
  agent: person.optional(),
  inspector: person.optional(),
  lines: z.array(inspectionLine),
});

const refund = z.looseObject({
  id,
  amountCents: cents.positive().describe('Integer cents given back.'),
  refundedAt: instant,
  reason: z.string().optional(),
});

const payment = z.looseObject({
  id,
  inspectionId: id,
  revision,
  amountCents: cents.positive(),
  method: z.enum(['card', 'ach', 'pay_at_close', 'bnpl', 'cash', 'check', 'other']),
  processor: z.enum(['platform', 'external']),
  receivedAt: instant,
  settledAt: instant.optional(),
  feeCents: cents.optional(),
  refunds: z.array(refund).optional(),
});

const payout = z.looseObject({
  id,
  arrivedAt: instant,
  netCents: cents.describe('Integer cents that reach the bank: the sum of the items.'),
  items: z.array(
    z.looseObject({
      kind: z.enum(['payment', 'refund', 'fee', 'refund_fee', 'dispute', 'ach_return']),
      paymentId: id.optional(),
      amountCents: cents.describe('Integer cents, signed: fees, refunds and returns are negative.'),
    }),
  ),
});

const dayTotals = z.looseObject({ paymentsCents: cents, refundsCents: cents, payoutsCents: cents });

const companyId = id;
const event = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.looseObject({ type: z.literal(type), timestamp: instant, data });
const about = {
  inspection: z.looseObject({ companyId, inspection }),
  payment: z.looseObject({ companyId, payment }),
  payout: z.looseObject({ companyId, payout }),
  day: z.looseObject({ companyId, date: z.iso.date(), counts: z.record(z.string(), z.int()), totals: dayTotals }),
};

export const INSPECTION_VERBS = ['scheduled', 'confirmed', 'updated', 'rescheduled', 'published', 'canceled', 'deleted'] as const;
export const PAYMENT_VERBS = [
  'initiated',
  'settled',
  'failed',
  'returned',
  'refunded',
  'disputed',
  'dispute_won',
  'dispute_lost',
  'removed',
] as const;

const inspectionEvent = z.looseObject({
  type: z.enum(INSPECTION_VERBS.map((verb) => `inspection.${verb}` as const)),
  timestamp: instant,
  data: about.inspection,
});
const paymentEvent = z.looseObject({
  type: z.enum(PAYMENT_VERBS.map((verb) => `payment.${verb}` as const)),
  timestamp: instant,
  data: about.payment,
});
const payoutEvent = event('payout.paid', about.payout);
const dayClosedEvent = event('day.closed', about.day);

export const platformEvent = z.union([inspectionEvent, paymentEvent, payoutEvent, dayClosedEvent]);

export type InspectionEvent = z.infer<typeof inspectionEvent>;
export type PaymentEvent = z.infer<typeof paymentEvent>;
export type PayoutEvent = z.infer<typeof payoutEvent>;
export type DayClosedEvent = z.infer<typeof dayClosedEvent>;
export type PlatformEvent = InspectionEvent | PaymentEvent | PayoutEvent | DayClosedEvent;
export type Inspection = z.infer<typeof inspection>;
export type InspectionLine = z.infer<typeof inspectionLine>;
export type Client = z.infer<typeof client>;
export type Payment = z.infer<typeof payment>;
export type Refund = z.infer<typeof refund>;
export type Payout = z.infer<typeof payout>;
export type Address = z.infer<typeof address>;

export const isInspectionEvent = (event: PlatformEvent): event is InspectionEvent => event.type.startsWith('inspection.');
export const isPaymentEvent = (event: PlatformEvent): event is PaymentEvent => event.type.startsWith('payment.');
export const isPayoutEvent = (event: PlatformEvent): event is PayoutEvent => event.type === 'payout.paid';

const withType = <Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>, type: string) => schema.extend({ type: z.literal(type) });

/** The schema of each kind of event, by type. */
export const EVENT_SCHEMAS: ReadonlyMap<string, z.ZodType<PlatformEvent>> = new Map(
  [
    ...INSPECTION_VERBS.map((verb) => withType(inspectionEvent, `inspection.${verb}`)),
    ...PAYMENT_VERBS.map((verb) => withType(paymentEvent, `payment.${verb}`)),
    payoutEvent,
    dayClosedEvent,
  ].map((schema) => [schema.shape.type.value, schema as z.ZodType<PlatformEvent>]),
);

/** What every body must have, whatever its type: enough to store it under its company. */
const envelope = z.looseObject({ type: z.string().min(1).max(200), timestamp: instant, data: z.looseObject({ companyId }) });

/** One fault of a body: where, and what is wrong, both for the platform's engineer. */
export interface EventIssue {
  path: string;
  message: string;
}

export type ParsedEvent =
  | { outcome: 'known'; companyId: string; event: PlatformEvent; subject: string; refs: string[] }
  | { outcome: 'unknown_type'; companyId: string; type: string; timestamp: string; subject: string }
  | { outcome: 'invalid'; companyId?: string; issues: EventIssue[] };

/**
 * Reads a decoded body. `subject` is what the event is about (`inspection/812`); `refs` are all subjects it tells something of:
 * a payment its inspection too, a payout each payment in it, so that the events of one inspection can be found by key.
 */
export function parseEvent(body: unknown): ParsedEvent {
  const schema = EVENT_SCHEMAS.get(typeOf(body) ?? '');
  if (!schema) {
    const outer = envelope.safeParse(body);
    if (!outer.success) return toInvalid(body, outer.error);
    const { type, timestamp, data } = outer.data;
    return { outcome: 'unknown_type', companyId: data.companyId, type, timestamp, subject: `event/${type}` };
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) return toInvalid(body, parsed.error);
  return { outcome: 'known', companyId: parsed.data.data.companyId, event: parsed.data, ...subjectOf(parsed.data) };
}

const owned = z.object({ data: z.object({ companyId }) });

function typeOf(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null && 'type' in body && typeof body.type === 'string' ? body.type : undefined;
}

function toInvalid(body: unknown, error: z.ZodError): ParsedEvent {
  const issues = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const company = owned.safeParse(body).data?.data.companyId;
  return company === undefined ? { outcome: 'invalid', issues } : { outcome: 'invalid', companyId: company, issues };
}

/** What an event is about, and all subjects it tells something of. */
export function subjectOf({ data }: PlatformEvent): { subject: string; refs: string[] } {
  if ('inspection' in data) {
    const subject = `inspection/${(data.inspection as Inspection).id}`;
    return { subject, refs: [subject] };
  }
  if ('payment' in data) {
    const { id: paymentId, inspectionId } = data.payment as Payment;
    const subject = `payment/${paymentId}`;
    return { subject, refs: [subject, `inspection/${inspectionId}`] };
  }
  if ('payout' in data) {
    const { id: payoutId, items } = data.payout as Payout;
    const subject = `payout/${payoutId}`;
    const payments = items.flatMap(({ paymentId }) => (paymentId === undefined ? [] : [`payment/${paymentId}`]));
    return { subject, refs: [subject, ...new Set(payments)] };
  }
  const subject = `day/${data.date}`;
  return { subject, refs: [subject] };
}
