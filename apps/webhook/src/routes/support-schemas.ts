import { z } from '@hono/zod-openapi';
import { fix } from '../support/correction.ts';
import { entry, entryState, reason, run, runCounts, verdict } from './schemas.ts';

/** Shapes of what support asks and is told. Every act says why; it goes to the audit. */
export const act = z.strictObject({
  why: z.string().trim().min(3, 'say in a few words why; it is kept in the audit').max(500),
});
export const idempotencyKey = z.object({
  'idempotency-key': z
    .string()
    .max(200)
    .optional()
    .openapi({ description: 'Sent again with the same key, a request is answered as the first time and not carried out again.' }),
});
export const entryId = z.object({ id: z.string().min(1).max(500) });

const instant = z.string();
const documentState = z.enum(['planned', 'sealed', 'posted', 'unknown', 'held', 'failed', 'voided']);
const attempt = z.object({
  kind: z.enum(['create', 'update', 'void', 'delete']),
  requestId: z.string(),
  runId: z.string(),
  startedAt: instant.optional(),
  endedAt: instant.optional(),
  sent: z.enum(['answered', 'unknown', 'later', 'refused', 'stop']).optional(),
  outcome: z.enum(['posted', 'hold', 'fail', 'unknown', 'again', 'released']).optional(),
  code: z.string().optional(),
  detail: z.string().optional(),
  intuitTid: z.string().optional(),
});
export const foundDocument = z.object({
  companyId: z.string(),
  key: z.string(),
  subject: z.string().optional(),
  by: z.enum(['document_number', 'quickbooks_id', 'intuit_tid']),
  state: documentState,
});
export const auditRow = z
  .object({
    id: z.string(),
    at: instant,
    actor: z.string(),
    action: z.string(),
    companyId: z.string().optional(),
    subject: z.string(),
    reason: z.string().optional(),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
  })
  .openapi('AuditRow');
export const correction = z
  .object({
    id: z.string(),
    companyId: z.string(),
    fix,
    text: z.string(),
    madeBy: z.string(),
    madeAt: instant,
    why: z.string(),
    revertedBy: z.string().optional(),
    revertedAt: instant.optional(),
    revertedWhy: z.string().optional(),
  })
  .openapi('Correction');
export const story = entry
  .extend({
    inspectionId: z.string().optional(),
    event: z.unknown().optional(),
    text: z.string().optional(),
    conflicts: z.array(z.object({ receivedAt: instant, bodySha256: z.string() })),
    siblings: z.array(entry),
    documents: z.array(
      z.object({
        key: z.string(),
        type: z.string(),
        state: documentState,
        docNumber: z.string().optional(),
        quickbooks: z.object({ entity: z.string(), id: z.string() }).optional(),
        date: z.string().optional(),
        totalCents: z.int().optional(),
        reason: reason.optional(),
        differences: z.array(z.string()).optional(),
        drift: z.string().optional(),
        syncedAt: instant.optional(),
        attempts: z.array(attempt),
      }),
    ),
    waitsFor: z.array(z.object({ key: z.string(), reason })),
    blocks: z.array(z.object({ key: z.string(), waitsFor: z.string(), totalCents: z.int().optional() })),
    corrections: z.array(correction),
    audit: z.array(auditRow),
  })
  .openapi('EntryStory');

export const entryVerdict = z.object({
  outcome: z.enum(['replay', 'already_there', 'waits', 'refused']),
  message: z.string(),
  verdicts: z.array(verdict),
  reason: reason.optional(),
});
export const changedDocument = z.object({
  key: z.string(),
  type: z.string(),
  before: documentState.optional(),
  after: documentState,
  docNumber: z.string().optional(),
  quickbooksId: z.string().optional(),
  totalCents: z.int().optional(),
  reason: reason.optional(),
});
export const replayed = z.union([
  z.object({
    outcome: z.literal('replayed'),
    message: z.string(),
    run,
    state: entryState,
    reason: reason.optional(),
    changed: z.array(changedDocument),
  }),
  z.object({ outcome: z.enum(['already_there', 'waits']), message: z.string(), verdicts: z.array(verdict) }),
]);

const count = z.int().min(0);
export const replayPlan = z
  .object({
    token: z.string(),
    by: z.string(),
    plannedAt: instant,
    expiresAt: instant,
    entries: z.object({ matched: count, replay: count, alreadyThere: count, waits: count, refused: count }),
    documents: z.partialRecord(verdict.shape.verdict, count),
    companies: z.array(z.string()),
    more: z.boolean(),
    sample: z.array(verdict),
  })
  .openapi('ReplayPlan');
export const replayJob = z
  .object({
    id: z.string(),
    by: z.string(),
    why: z.string(),
    companies: z.array(z.string()),
    state: z.enum(['running', 'done', 'stopped', 'interrupted']),
    total: count,
    done: count,
    entries: z.partialRecord(entryState, count),
    skipped: count,
    changed: runCounts,
    waitingFor: z.string().optional(),
    problems: z.array(z.string()),
    startedAt: instant,
    heartbeatAt: instant,
    finishedAt: instant.optional(),
    stopRequestedBy: z.string().optional(),
  })
  .openapi('ReplayJob');
