import { z } from 'zod';

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const quickbooksId = z.string().min(1).max(40);

/** Settings are parsed each time a company is looked at, and asking for a zone costs more than all the rest: what is a zone stays one. */
const zones = new Set<string>();
const isTimezone = (zone: string): boolean => {
  if (zones.has(zone)) return true;
  try {
    const isZone = Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
    zones.add(zone);
    return isZone;
  } catch {
    return false;
  }
};

/** A document number: letters, digits and `{inspectionId}` or `{paymentId}`; QuickBooks takes 21 characters. */
const template = (name: string) =>
  z
    .string()
    .max(60)
    .regex(/^[^{}]*\{(inspectionId|paymentId)\}[^{}]*$/, `must hold {${name}} once`)
    .refine((text) => text.includes(`{${name}}`), `must hold {${name}} once`)
    .refine((text) => text.replace(/\{\w+\}/, '').length < 21, 'leaves no room for the number within the 21 characters QuickBooks takes');

const settingsOf = (object: typeof z.strictObject) =>
  object({
    name: z.string().min(1).max(200),
    timezone: z.string().refine(isTimezone, 'is no IANA time zone, such as America/Chicago'),
    eveningAt: z.string().regex(TIME, 'is no time of day, such as 20:00').default('20:00'),
    mode: z.enum(['invoice_and_payment', 'sales_receipt']).default('invoice_and_payment'),
    /** Inclusive: earlier inspections are skipped. A plain day or instant goes by `createdAt`. */
    syncFrom: z
      .union([z.iso.date(), z.iso.datetime({ offset: true })])
      .transform((from) => ({ by: 'createdAt' as const, from }))
      .or(
        object({
          by: z.enum(['createdAt', 'scheduledAt']).default('createdAt'),
          from: z.union([z.iso.date(), z.iso.datetime({ offset: true })]),
        }),
      )
      .optional(),
    invoiceDate: z.enum(['scheduled', 'created', 'published', 'confirmed']).default('scheduled'),
    onCancel: z.enum(['void', 'delete']).default('void'),
    refunds: z.enum(['refund_receipt', 'credit_memo']).default('refund_receipt'),
    docNumbers: object({
      invoice: template('inspectionId').default('sp{inspectionId}'),
      salesReceipt: template('paymentId').default('sp{paymentId}'),
      payment: template('paymentId').default('spp{paymentId}'),
    }).prefault({}),
    closedBooks: z.enum(['hold', 'first_open_day']).default('hold'),
    /** What to do when a person changed in QuickBooks what we posted. */
    onDrift: z.enum(['hold', 'ours', 'theirs']).default('hold'),
    items: object({
      default: quickbooksId.optional(),
      services: z.record(z.string(), quickbooksId).default({}),
      names: z.record(z.string(), quickbooksId).default({}),
      discount: quickbooksId.optional(),
      technologyFee: quickbooksId.optional(),
      refund: quickbooksId.optional(),
      tax: quickbooksId.optional(),
    }).prefault({}),
    accounts: object({
      bank: quickbooksId.optional(),
      processingFees: quickbooksId.optional(),
      refundFees: quickbooksId.optional(),
      returns: quickbooksId.optional(),
      disputes: quickbooksId.optional(),
    }).prefault({}),
    /** Classes and locations (QuickBooks departments) by inspector id or service id; the inspector's wins for the location. */
    classes: object({
      inspectors: z.record(z.string(), quickbooksId).default({}),
      services: z.record(z.string(), quickbooksId).default({}),
      locations: z.record(z.string(), quickbooksId).default({}),
    }).prefault({}),
    postExternalPayments: z.boolean().default(false),
    paused: z.boolean().default(false),
    notices: object({
      emails: z.array(z.email()).default([]),
      webhookUrl: z.url({ protocol: /^https?$/ }).optional(),
      when: z.enum(['always', 'exceptions']).default('exceptions'),
      achWaitDays: z.int().min(1).max(60).default(7),
    }).prefault({}),
  });

/**
 * A company's settings: the body of `PUT /v1/companies/{id}`, defaults filled in by parsing.
 * `items`, `accounts`, `classes` hold QuickBooks ids; what is left out is chosen or created at connect.
 */
export const companySettings = settingsOf(z.strictObject);

/** Settings as they are stored: those that a newer version knows stay, unread, so that two versions can share a store during an upgrade. */
export const storedSettings = settingsOf(z.looseObject);

export type CompanySettings = z.infer<typeof companySettings>;
export type CompanySettingsInput = z.input<typeof companySettings>;
