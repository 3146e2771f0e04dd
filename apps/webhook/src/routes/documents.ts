import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ApiError } from '../api-error.ts';
import type { ApiRoom } from '../api-room.ts';
import { hasRole } from '../people/reach.ts';
import { adoptRecord } from '../support/adopt-record.ts';
import { planUndo, undo, type UndoPlan } from '../support/undo.ts';
import { requireRole, type Caller } from './api-key.ts';
import { correctionBody } from './outbox.ts';
import { refuseInvalid } from './refuse-invalid.ts';
import { json, reason, refusals } from './schemas.ts';
import { act, changedDocument, correction, idempotencyKey } from './support-schemas.ts';

const params = z.object({ id: z.string().min(1).max(100) });
const key = z.string().regex(/^(customer|invoice|payment|sales_receipt|refund|deposit)\/./, 'is no document key, such as invoice/812');
const stays = z.array(z.object({ key: z.string(), reason }));
const undoPlan = z.object({
  takeBack: z.array(
    z.object({
      key: z.string(),
      how: z.enum(['void', 'delete']),
      docNumber: z.string().optional(),
      quickbooksId: z.string(),
      totalCents: z.int().optional(),
    }),
  ),
  stays,
  dependents: z.array(z.string()),
});
const undone = z.object({ message: z.string(), changed: z.array(changedDocument), stays, correction });

/** Below `/v1/companies/{id}`: link a document to a QuickBooks record that is there, take documents or a run back. */
export function documentsRoute(room: ApiRoom) {
  const { checkKey } = room;
  const route = new OpenAPIHono<{ Variables: { caller: Caller } }>({ defaultHook: refuseInvalid });

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/companies/{id}/documents/adopt',
      summary: 'Take an existing QuickBooks record for a document, after comparing the two',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: {
        params,
        headers: idempotencyKey,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: act.extend({
                key,
                quickbooksId: z.string().min(1).max(40),
                accept: z.boolean().default(false).openapi({ description: 'Adopt it although it differs; the differences stay shown.' }),
              }),
            },
          },
        },
      },
      responses: {
        200: json(z.object({ message: z.string(), quickbooksId: z.string(), differences: z.array(z.string()) }), 'Adopted.'),
        ...refusals,
      },
    }),
    async (context) => {
      const companyId = context.req.valid('param').id;
      const outcome = await adoptRecord(room, { who: context.var.caller, companyId, ...context.req.valid('json') });
      switch (outcome.outcome) {
        case 'not_found':
          throw new ApiError(404, 'unknown_document', outcome.message);
        case 'differs':
          throw new ApiError(409, 'differs', outcome.message, {
            issues: outcome.differences.map((message) => ({ path: 'quickbooksId', message })),
          });
        case 'busy':
        case 'refused':
          throw new ApiError(409, outcome.outcome, outcome.message);
        case 'adopted': {
          const { message, quickbooks, differences } = outcome;
          return context.json({ message, quickbooksId: quickbooks.id, differences }, 200);
        }
      }
    },
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/companies/{id}/undo',
      summary: 'Take documents, or all that a run created, back from QuickBooks; with `dryRun` only tell what would go and what stays',
      description: 'They are voided or deleted and kept out until the correction this makes is reverted. A whole run needs the role admin.',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: {
        params,
        headers: idempotencyKey,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: act.extend({
                keys: z.array(key).min(1).max(200).optional(),
                withDependents: z.boolean().default(false),
                runId: z.string().max(100).optional(),
                dryRun: z.boolean().default(false),
              }),
            },
          },
        },
      },
      responses: {
        200: json(z.union([undone, undoPlan]), 'What really changed; with `dryRun` the plan.'),
        202: json(z.object({ message: z.string(), correction }), 'Decided; a run is under way and the next one carries it out.'),
        ...refusals,
      },
    }),
    async (context) => {
      const companyId = context.req.valid('param').id;
      const { why, keys, runId, withDependents, dryRun } = context.req.valid('json');
      const { caller } = context.var;
      if ((keys === undefined) === (runId === undefined))
        throw new ApiError(400, 'invalid_request', 'Say either which documents (`keys`) or which run (`runId`) to take back.');
      if (runId !== undefined && !hasRole(caller, 'admin'))
        throw new ApiError(403, 'forbidden', 'Taking a whole run back needs the role admin.');
      const target = runId === undefined ? { keys: keys ?? [], withDependents } : { runId };
      if (dryRun) return context.json(planBody(await planUndo(room, { who: caller, companyId, target })), 200);
      const outcome = await undo(room, { who: caller, why, companyId, target });
      switch (outcome.outcome) {
        case 'not_found':
        case 'refused':
          return context.json(planBody(outcome), 200);
        case 'nothing_to_undo':
          throw new ApiError(409, outcome.outcome, outcome.message);
        case 'busy':
          return context.json({ message: outcome.message, correction: correctionBody(outcome.correction) }, 202);
        case 'undone': {
          const { message, changed } = outcome;
          return context.json({ message, changed, stays: outcome.stays, correction: correctionBody(outcome.correction) }, 200);
        }
      }
    },
  );

  return route;
}

function planBody(plan: UndoPlan) {
  switch (plan.outcome) {
    case 'not_found':
      throw new ApiError(404, 'unknown_document', plan.message);
    case 'refused':
      throw new ApiError(409, plan.reason.code, plan.message);
    case 'plan': {
      const { takeBack, stays: left, dependents } = plan;
      return { takeBack, stays: left, dependents };
    }
  }
}
