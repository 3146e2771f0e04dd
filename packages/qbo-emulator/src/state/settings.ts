import { z } from 'zod';
import type { Limits } from './limits.ts';

const webhooks = z.strictObject({
  url: z.url(),
  verifierToken: z.string().min(1),
  /** Intuit announced CloudEvents as the required shape from May 2026; both can be asked for. */
  shape: z.enum(['legacy', 'cloudevents']).default('legacy'),
  doubled: z.boolean().default(false),
  outOfOrder: z.boolean().default(false),
});

/** What QuickBooks knows about a company and its API does not show, and switches where QuickBooks is silent. */
const settings = z.strictObject({
  warnDuplicateDocNumber: z.boolean(),
  salesTax: z.enum(['off', 'manual', 'automated']),
  salesTaxPercent: z.number().min(0).max(100),
  overpaidPaymentLine: z.enum(['refuse', 'clamp']),
  linkedInvoiceVoid: z.enum(['refuse', 'unapply']),
  invoiceBelowPayments: z.enum(['refuse', 'unapply']),
  inactiveReference: z.enum(['610', '2500']),
  closingDatePassword: z.boolean(),
  subscription: z.enum(['active', 'lapsed']),
  user: z.enum(['admin', 'lost-rights', 'removed']),
  language: z.enum(['en', 'fr']),
  throttleFormat: z.enum(['xml', 'json']),
  latencyMs: z.number().int().min(0).max(60_000),
  requestIdRetentionMs: z.number().int().min(0).nullable(),
  requestIdOtherBody: z.enum(['replay', 'refuse']),
  requestIdWhileRunning: z.enum(['refuse', 'serve']),
  replayFaults: z.boolean(),
  batchOrder: z.enum(['kept', 'shuffled']),
  cdcWindow: z.enum(['enforced', 'open']),
  corePlusPerMonth: z.number().int().min(0).nullable(),
  webhooks: webhooks.nullable(),
});

export type Settings = z.infer<typeof settings>;

export const defaultSettings: Settings = {
  warnDuplicateDocNumber: false,
  salesTax: 'off',
  salesTaxPercent: 8,
  overpaidPaymentLine: 'refuse',
  linkedInvoiceVoid: 'refuse',
  invoiceBelowPayments: 'unapply',
  inactiveReference: '610',
  closingDatePassword: false,
  subscription: 'active',
  user: 'admin',
  language: 'en',
  throttleFormat: 'xml',
  latencyMs: 0,
  requestIdRetentionMs: null,
  requestIdOtherBody: 'replay',
  requestIdWhileRunning: 'refuse',
  replayFaults: true,
  batchOrder: 'kept',
  cdcWindow: 'enforced',
  corePlusPerMonth: null,
  webhooks: null,
};

const limit = z.number().int().min(0).optional();

function isTimeZone(zone: string): boolean {
  try {
    return Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The body of `POST /emulator/companies`; unknown keys are refused so that a misspelt setting cannot pass for a working one. */
export const companyChange = z.strictObject({
  realmId: z.string().regex(/^\d+$/).optional(),
  name: z.string().min(1).optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional(),
  timezone: z.string().refine(isTimeZone, 'is no IANA time zone').optional(),
  preferences: z.record(z.string(), z.json()).optional(),
  settings: settings.partial().optional(),
  limits: z
    .union([z.literal(false), z.strictObject({ inFlight: limit, perSecond: limit, perMinute: limit, batchesPerMinute: limit })])
    .optional(),
});

export type CompanyChange = z.infer<typeof companyChange>;
export type LimitSwitch = Limits | false;
