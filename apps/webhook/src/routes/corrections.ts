import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ApiError } from '../api-error.ts';
import type { ApiRoom } from '../api-room.ts';
import { mayReach } from '../people/reach.ts';
import { alikeFailures } from '../support/alike-failures.ts';
import { fix } from '../support/correction.ts';
import { allCorrections } from '../support/corrections.ts';
import { makeCorrection } from '../support/make-correction.ts';
import { revertCorrection } from '../support/revert-correction.ts';
import { requireRole, type Caller } from './api-key.ts';
import { correctionBody, toBody } from './outbox.ts';
import { refuseInvalid } from './refuse-invalid.ts';
import { entry, json, refusals, verdict } from './schemas.ts';
import { act, correction, idempotencyKey, replayJob } from './support-schemas.ts';

const companyId = z.string().min(1).max(100);
const made = z.object({ message: z.string(), correction, alike: z.array(entry), replay: replayJob.optional() });
const shown = z.object({ text: z.string(), alike: z.array(entry), verdicts: z.array(verdict), more: z.boolean() });

/** `/v1/corrections`: what people decided once for all alike; shown, made, replayed, reverted. */
export function correctionsRoute(room: ApiRoom) {
  const { checkKey, store } = room;
  const route = new OpenAPIHono<{ Variables: { caller: Caller } }>({ defaultHook: refuseInvalid });
  const unknownCompany = (id: string): ApiError => new ApiError(404, 'unknown_company', `There is no company ${id}.`);

  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/corrections',
      summary: 'Corrections of a company, newest first, reverted ones included',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: { query: z.object({ company: companyId }) },
      responses: { 200: json(z.object({ corrections: z.array(correction) }), 'Corrections.'), ...refusals },
    }),
    async (context) => {
      const { company } = context.req.valid('query');
      if (!mayReach(context.var.caller, company)) throw unknownCompany(company);
      return context.json({ corrections: (await allCorrections(store, company)).map(correctionBody) }, 200);
    },
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/corrections/preview',
      summary: 'What a fix would reach: every open entry alike, and what becomes of it',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: {
        headers: idempotencyKey,
        body: { required: true, content: { 'application/json': { schema: z.strictObject({ companyId, fix }) } } },
      },
      responses: { 200: json(shown, 'Nothing is kept or done.'), ...refusals },
    }),
    async (context) => {
      const body = context.req.valid('json');
      const { caller } = context.var;
      const alike = await alikeFailures(room, { who: caller, ...body });
      if (alike.outcome === 'not_found') throw unknownCompany(body.companyId);
      const { text, entries, verdicts, more } = alike;
      return context.json({ text, alike: entries.map((one) => toBody(caller, one)), verdicts, more }, 200);
    },
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/corrections',
      summary: 'Fix once: keep a decision, and with `replay` replay every failure alike',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: {
        headers: idempotencyKey,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: act.extend({
                companyId,
                fix,
                replay: z.boolean().default(false),
                accept: z.boolean().default(false).openapi({ description: 'Link a customer although its data differ.' }),
              }),
            },
          },
        },
      },
      responses: { 201: json(made, 'Kept, with its author; revert it and it never was.'), ...refusals },
    }),
    async (context) => {
      const body = context.req.valid('json');
      const { caller } = context.var;
      if (body.fix.kind === 'take_back')
        throw new ApiError(400, 'invalid_request', 'To take documents back, use POST /v1/companies/{id}/undo: it reads QuickBooks first.');
      const outcome = await makeCorrection(room, { who: caller, ...body });
      switch (outcome.outcome) {
        case 'not_found':
          throw unknownCompany(body.companyId);
        case 'already_made':
        case 'differs':
        case 'refused':
          throw new ApiError(409, outcome.outcome, outcome.message);
        case 'made': {
          const { message, alike, replay } = outcome;
          return context.json(
            {
              message,
              correction: correctionBody(outcome.correction),
              alike: alike.map((one) => toBody(caller, one)),
              ...(replay && { replay }),
            },
            201,
          );
        }
      }
    },
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/corrections/{id}/revert',
      summary: 'Take a correction out of force; documents follow from the next run on',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: {
        params: z.object({ id: z.string().min(1).max(100) }),
        headers: idempotencyKey,
        body: { required: true, content: { 'application/json': { schema: act.extend({ companyId }) } } },
      },
      responses: { 200: json(correction, 'Reverted.'), ...refusals },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const outcome = await revertCorrection(room, { who: context.var.caller, ...context.req.valid('json'), id });
      switch (outcome.outcome) {
        case 'not_found':
          throw new ApiError(404, 'unknown_correction', `There is no correction ${id}.`);
        case 'already_reverted':
        case 'busy':
          throw new ApiError(409, outcome.outcome, outcome.message);
        case 'reverted':
          return context.json(correctionBody(outcome.correction), 200);
      }
    },
  );

  return route;
}
