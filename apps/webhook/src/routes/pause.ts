import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ApiError } from '../api-error.ts';
import type { ApiRoom } from '../api-room.ts';
import { setPaused } from '../pause.ts';
import { requireRole, type Caller } from './api-key.ts';
import { refuseInvalid } from './refuse-invalid.ts';
import { json, refusals } from './schemas.ts';
import { idempotencyKey } from './support-schemas.ts';

const pauseState = z.object({ id: z.string(), paused: z.boolean() }).openapi('PauseState');

/** `/v1/companies/{id}/pause` and `/resume`: whether a company's evenings run. */
export function pauseRoute({ store, clock, checkKey }: Pick<ApiRoom, 'store' | 'clock' | 'checkKey'>) {
  const route = new OpenAPIHono<{ Variables: { caller: Caller } }>({ defaultHook: refuseInvalid });
  const request = {
    params: z.object({ id: z.string().max(100) }),
    headers: idempotencyKey,
    body: {
      required: false,
      content: { 'application/json': { schema: z.strictObject({ reason: z.string().max(500).optional() }) } },
    },
  };
  const responses = { 200: json(pauseState, 'How it is now.'), ...refusals };

  const change = async (companyId: string, paused: boolean, { actor, reason }: { actor: string; reason: string | undefined }) => {
    const company = await setPaused({ store, clock }, { companyId, paused, actor, reason });
    if (!company) throw new ApiError(404, 'unknown_company', `There is no company ${companyId}.`);
    return { id: companyId, paused: company.settings.paused };
  };

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/companies/{id}/pause',
      summary: 'Stop the evenings of a company; webhooks go on being stored, a run under way ends as usual',
      middleware: [requireRole(checkKey, 'support')] as const,
      request,
      responses,
    }),
    async (context) =>
      context.json(
        await change(context.req.valid('param').id, true, { actor: context.var.caller.name, reason: context.req.valid('json')?.reason }),
        200,
      ),
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/companies/{id}/resume',
      summary: 'Let the evenings of a company run again, from the next one on',
      middleware: [requireRole(checkKey, 'support')] as const,
      request,
      responses,
    }),
    async (context) =>
      context.json(
        await change(context.req.valid('param').id, false, { actor: context.var.caller.name, reason: context.req.valid('json')?.reason }),
        200,
      ),
  );

  return route;
}
