import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ApiError } from '../api-error.ts';
import type { ApiRoom } from '../api-room.ts';
import { startReplay, stopReplay } from '../support/bulk-replay.ts';
import { planReplay, planReplayOf } from '../support/plan-replay.ts';
import { recentReplays, replayJob as jobOf } from '../support/replay-job.ts';
import { requireRole, type Caller } from './api-key.ts';
import { verdictFor } from './impersonal.ts';
import { refuseInvalid } from './refuse-invalid.ts';
import { entryState, json, refusals } from './schemas.ts';
import { act, idempotencyKey, replayJob, replayPlan } from './support-schemas.ts';

const params = z.object({ id: z.string().min(1).max(100) });
const instant = z.iso.datetime({ offset: true });

/** `/v1/replays`: plan and count, run, watch, stop. */
export function replaysRoute(room: ApiRoom) {
  const { checkKey } = room;
  const route = new OpenAPIHono<{ Variables: { caller: Caller } }>({ defaultHook: refuseInvalid });
  const unknown = (id: string): ApiError => new ApiError(404, 'unknown_replay', `There is no replay ${id}.`);
  const actBody = { required: true, content: { 'application/json': { schema: act } } } as const;

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/replays',
      summary: 'Plan a bulk replay: exact counts, and a token to run it',
      description: 'Of a filter, or of chosen entries. Nothing is done; without states the filter takes what is failed, held or pending.',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: {
        headers: idempotencyKey,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.union([
                z.strictObject({ entryIds: z.array(z.string().max(500)).min(1).max(1_000) }),
                z.strictObject({
                  company: z.string().optional(),
                  states: z.array(entryState).min(1).optional(),
                  type: z.string().optional(),
                  subject: z.string().optional(),
                  q: z.string().max(200).optional(),
                  from: instant.optional(),
                  to: instant.optional(),
                }),
              ]),
            },
          },
        },
      },
      responses: { 201: json(replayPlan, 'What it would do; valid for half an hour.'), ...refusals },
    }),
    async (context) => {
      const body = context.req.valid('json');
      const { caller } = context.var;
      const plan =
        'entryIds' in body
          ? await planReplayOf(room, { who: caller, entryIds: body.entryIds })
          : await planReplay(room, {
              who: caller,
              filter: {
                ...(body.company !== undefined && { company: body.company }),
                ...(body.states && { states: body.states }),
                ...(body.type !== undefined && { type: body.type }),
                ...(body.subject !== undefined && { subject: body.subject }),
                ...(body.q !== undefined && { q: body.q }),
                ...(body.from !== undefined && { from: body.from }),
                ...(body.to !== undefined && { to: body.to }),
              },
            });
      return context.json({ ...plan, sample: plan.sample.map((verdict) => verdictFor(caller, verdict)) }, 201);
    },
  );

  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/replays',
      summary: 'The latest bulk replays, newest first',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      responses: { 200: json(z.object({ replays: z.array(replayJob) }), 'Replays within reach.'), ...refusals },
    }),
    async (context) => context.json({ replays: await recentReplays(room, { who: context.var.caller }) }, 200),
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/replays/{id}/run',
      summary: 'Run a planned replay in the background; its id is the plan’s token',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: { params, headers: idempotencyKey, body: actBody },
      responses: {
        202: json(replayJob, 'Started.'),
        200: json(replayJob, 'It was started before: by a double click or by somebody else. Nothing is started twice.'),
        ...refusals,
      },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const outcome = await startReplay(room, { who: context.var.caller, ...context.req.valid('json'), token: id });
      switch (outcome.outcome) {
        case 'started':
          return context.json(outcome.job, 202);
        case 'already_started':
          return context.json(outcome.job, 200);
        case 'unknown_plan':
          throw new ApiError(404, outcome.outcome, outcome.message);
      }
    },
  );

  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/replays/{id}',
      summary: 'How far a bulk replay is, and what it really changed',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: { params },
      responses: { 200: json(replayJob, 'The replay.'), ...refusals },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const job = await jobOf(room, { who: context.var.caller, id });
      if (!job) throw unknown(id);
      return context.json(job, 200);
    },
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/replays/{id}/stop',
      summary: 'Stop a bulk replay after what it is sending now',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: { params, headers: idempotencyKey, body: actBody },
      responses: { 202: json(replayJob, 'It is stopping.'), ...refusals },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const outcome = await stopReplay(room, { who: context.var.caller, ...context.req.valid('json'), id });
      switch (outcome.outcome) {
        case 'not_found':
          throw unknown(id);
        case 'already_over':
          throw new ApiError(409, outcome.outcome, outcome.message);
        case 'stopping':
          return context.json(outcome.job, 202);
      }
    },
  );

  return route;
}
