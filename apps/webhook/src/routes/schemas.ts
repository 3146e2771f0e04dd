import { z } from '@hono/zod-openapi';
import { companySettings } from '@vesper/core/settings';

/** Shapes of answers, as the OpenAPI document tells them. Requests are checked by the schemas of core. */
export const reason = z
  .object({
    code: z.string(),
    message: z.string(),
    remedy: z.string(),
    amountCents: z.int().optional(),
    since: z.string().optional(),
    daysWaited: z.int().optional(),
    quickbooks: z.object({ code: z.string().optional(), detail: z.string().optional(), intuitTid: z.string().optional() }).optional(),
  })
  .openapi('Reason');

export const errorBody = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
      requestId: z.string(),
    }),
  })
  .openapi('Error');

const connection = z.object({
  state: z.enum(['none', 'connected', 'reconnect', 'refused', 'disconnected']),
  realmId: z.string().optional(),
  connectedAt: z.string().optional(),
  checkedAt: z.string().optional(),
  problems: z.array(reason),
  formerRealms: z
    .array(z.object({ realmId: z.string(), until: z.string() }))
    .optional()
    .openapi({ description: 'QuickBooks companies the books were in before; what was posted until then stands there.' }),
  choices: z
    .array(
      z.object({
        kind: z.enum(['item', 'account']),
        role: z.string(),
        how: z.enum(['chosen', 'found', 'made', 'to_be_made']),
        name: z.string(),
        id: z.string().optional(),
      }),
    )
    .optional()
    .openapi({ description: 'The accounts and items of QuickBooks that are posted to: chosen in the settings, found there, or made.' }),
});

export const company = companySettings.extend({ id: z.string(), connection }).openapi('Company');

const count = z.int().min(0);
export const runCounts = z.object({
  posted: count,
  updated: count,
  voided: count,
  held: count,
  failed: count,
  unknown: count,
  skipped: count,
});
export const run = z
  .object({
    id: z.string(),
    companyId: z.string(),
    localDate: z.string(),
    trigger: z.enum(['evening', 'person', 'replay']),
    state: z.enum(['running', 'done', 'stopped']),
    counts: runCounts,
    requests: count,
    startedAt: z.string(),
    finishedAt: z.string().optional(),
    controlTotals: z.unknown().optional(),
    reason: reason.optional(),
    progress: z.object({ done: count, total: count }).optional(),
    underWay: z.object({ subjects: z.array(z.string()), endings: count }).optional(),
  })
  .openapi('Run');

export const verdict = z
  .object({
    key: z.string(),
    type: z.string(),
    verdict: z.enum(['create', 'already_there', 'link', 'update', 'void', 'delete', 'hold', 'skip', 'unknown', 'nothing', 'refuse']),
    message: z.string(),
    totalCents: z.int().optional(),
    docNumber: z.string().optional(),
    quickbooksId: z.string().optional(),
    differences: z.array(z.string()).optional(),
    reason: reason.optional(),
  })
  .openapi('Verdict');

export const inspectionStatus = z
  .object({
    inspectionId: z.string(),
    docNumber: z.string().nullable(),
    lastSyncedAt: z.string().nullable(),
    documents: z.array(
      z.object({
        key: z.string(),
        type: z.string(),
        state: z.string(),
        docNumber: z.string().optional(),
        quickbooksId: z.string().optional(),
        totalCents: z.int().optional(),
        syncedAt: z.string().optional(),
        reason: reason.optional(),
      }),
    ),
    inFlight: z.array(z.object({ paymentId: z.string(), method: z.string(), amountCents: z.int(), since: z.string() })),
  })
  .openapi('InspectionStatus');

export const entryState = z.enum(['pending', 'posted', 'held', 'failed', 'ignored', 'canceled', 'quarantined']);
export const entry = z
  .object({
    id: z.string(),
    companyId: z.string(),
    type: z.string(),
    subject: z.string(),
    state: entryState,
    reason: reason.optional(),
    receivedAt: z.string(),
    attempts: z.int(),
  })
  .openapi('Entry');

export const refusal = (description: string) => ({ description, content: { 'application/json': { schema: errorBody } } });
export const refusals = {
  400: refusal('The request is malformed; `issues` names every fault.'),
  401: refusal('The API key is missing or unknown.'),
  403: refusal('The key may not do this.'),
  404: refusal('There is no such thing.'),
  409: refusal('It is not possible in its present state.'),
  503: refusal('The store cannot be reached; try again later.'),
} as const;

export const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
