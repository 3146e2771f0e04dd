import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ApiError } from '../api-error.ts';
import type { ApiRoom } from '../api-room.ts';
import { requireRole, type Caller } from './api-key.ts';
import { refuseInvalid } from './refuse-invalid.ts';
import { entry, entryState, json, refusals } from './schemas.ts';

/** `/v1/outbox`: search, and one entry. */
export function outboxRoute({ store, checkKey }: Pick<ApiRoom, 'store' | 'checkKey'>) {
  const route = new OpenAPIHono<{ Variables: { caller: Caller } }>({ defaultHook: refuseInvalid });

  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/outbox',
      summary: 'Search entries, newest first',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: {
        query: z.object({
          company: z.string().optional(),
          state: entryState.optional(),
          type: z.string().optional(),
          q: z.string().max(200).optional(),
          from: z.iso.datetime({ offset: true }).optional(),
          to: z.iso.datetime({ offset: true }).optional(),
          cursor: z.string().max(500).optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
      },
      responses: {
        200: json(z.object({ entries: z.array(entry), next: z.string().optional() }), 'A page; `next` is the cursor of the one after.'),
        ...refusals,
      },
    }),
    async (context) => {
      const { company, state, type, q, from, to, cursor, limit } = context.req.valid('query');
      const found = await store.search({
        ...(company !== undefined && { companyIds: [company] }),
        ...(state !== undefined && { states: [state] }),
        ...(type !== undefined && { type }),
        ...(q !== undefined && { q }),
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        ...(cursor !== undefined && { cursor }),
        limit,
      });
      return context.json({ entries: found.entries.map(toBody), ...(found.next !== undefined && { next: found.next }) }, 200);
    },
  );

  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/outbox/{id}',
      summary: 'One entry',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: { params: z.object({ id: z.string().max(500) }) },
      responses: { 200: json(entry, 'The entry.'), ...refusals },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const found = await store.entry(id);
      if (!found) throw new ApiError(404, 'unknown_entry', `There is no entry ${id}.`);
      return context.json(toBody(found), 200);
    },
  );

  return route;
}

function toBody({ id, companyId, type, subject, state, reason, receivedAt, attempts }: z.infer<typeof entry>): z.infer<typeof entry> {
  return { id, companyId, type, subject, state, ...(reason && { reason }), receivedAt, attempts };
}
