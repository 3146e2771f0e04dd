import { z } from '@hono/zod-openapi';
import { reason, runCounts } from './schemas.ts';

/** Shapes of what is told about evenings: control totals, reports, reconciliation. Amounts are cents, days the company's local ones. */
const money = { paymentsCents: z.int(), refundsCents: z.int(), payoutsCents: z.int() };
const total = z.object({ count: z.int(), cents: z.int() });
const documentTotals = z.object({
  ...money,
  invoices: total,
  payments: total,
  salesReceipts: total,
  refunds: total,
  deposits: total,
});
const named = z.object({ count: z.int(), cents: z.int(), keys: z.array(z.string()) });

const day = {
  localDate: z.string(),
  platform: z.object({ ...money, statedAt: z.string() }).optional(),
  outbox: z.object({ ...money, externalPaymentsCents: z.int() }),
  ledger: documentTotals,
  quickbooks: documentTotals.nullable(),
  differences: z.array(z.string()),
  unexplained: z.array(z.string()),
};
const dayControl = z.object(day).openapi('DayControl');
const controlTotals = z.object({ ...day, earlier: z.array(dayControl) }).openapi('ControlTotals');

const completeness = z
  .object({
    paidButUnposted: named,
    confirmedButUninvoiced: named.omit({ cents: true }),
    achTooLong: named,
    daysWithoutStatement: z.array(z.string()),
  })
  .openapi('Completeness');

const waiting = z
  .object({
    key: z.string(),
    state: z.enum(['held', 'failed', 'unknown']),
    code: z.string(),
    message: z.string(),
    remedy: z.string(),
    amountCents: z.int().optional(),
    daysWaited: z.int().optional(),
    inspectionId: z.string().optional(),
    isUsual: z.boolean(),
  })
  .openapi('Waiting');

const changed = z.object({ posted: total, updated: total, voided: total });
export const runReport = z
  .object({
    companyId: z.string(),
    runId: z.string(),
    localDate: z.string(),
    trigger: z.enum(['evening', 'person', 'replay']),
    state: z.enum(['running', 'done', 'stopped']),
    startedAt: z.string(),
    finishedAt: z.string().optional(),
    durationMs: z.number(),
    requests: z.int(),
    counts: runCounts,
    amounts: z.object({
      customer: changed.optional(),
      invoice: changed.optional(),
      payment: changed.optional(),
      sales_receipt: changed.optional(),
      refund: changed.optional(),
      deposit: changed.optional(),
    }),
    reason: reason.optional(),
    controlTotals: controlTotals.optional(),
    completeness,
    waiting: z.array(waiting),
    waitingTotal: z.int(),
  })
  .openapi('RunReport');

export const reconciliation = z
  .object({
    companyId: z.string(),
    from: z.string(),
    to: z.string(),
    days: z.array(dayControl),
    sums: z.object({
      platform: z.object({ ...money, days: z.int() }),
      outbox: z.object(money),
      ledger: z.object(money),
      quickbooks: z.object(money).nullable(),
    }),
    differences: z.array(z.string()),
    completeness,
    waiting: z.array(waiting),
    waitingTotal: z.int(),
    undepositedFunds: z.union([
      z.object({
        outcome: z.literal('read'),
        totalCents: z.int(),
        rows: z.array(
          z.object({
            documentKey: z.string(),
            entity: z.string(),
            id: z.string(),
            date: z.string(),
            amountCents: z.int(),
            code: z.enum(['not_paid_out', 'payout_waits', 'external', 'deposit_gone', 'unknown_here']),
            why: z.string(),
          }),
        ),
      }),
      z.object({ outcome: z.literal('unreadable'), reason }),
    ]),
  })
  .openapi('Reconciliation');
