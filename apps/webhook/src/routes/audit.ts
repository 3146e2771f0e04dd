import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ApiError } from '../api-error.ts';
import type { ApiRoom } from '../api-room.ts';
import { mayReach } from '../people/reach.ts';
import { requireRole, type Caller } from './api-key.ts';
import { refuseInvalid } from './refuse-invalid.ts';
import { json, refusals } from './schemas.ts';
import { auditRow } from './support-schemas.ts';

/** `/v1/audit`: who did what, when and why. */
export function auditRoute({ store, checkKey }: Pick<ApiRoom, 'store' | 'checkKey'>) {
  const route = new OpenAPIHono<{ Variables: { caller: Caller } }>({ defaultHook: refuseInvalid });
  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/audit',
      summary: 'Audit rows, newest first',
      description: 'Keys limited to companies must name one of theirs.',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: {
        query: z.object({
          company: z.string().optional(),
          subject: z.string().max(600).optional(),
          before: z.iso.datetime({ offset: true }).optional(),
          after: z.string().max(100).optional().openapi({ description: 'The id of the last row of the page before.' }),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
      },
      responses: { 200: json(z.object({ rows: z.array(auditRow), next: z.string().optional() }), 'A page.'), ...refusals },
    }),
    async (context) => {
      const { company, subject, before, after, limit } = context.req.valid('query');
      const { caller } = context.var;
      if (company === undefined && caller.companies)
        throw new ApiError(400, 'invalid_request', 'This key is limited to companies: say which with `company`.');
      if (company !== undefined && !mayReach(caller, company))
        throw new ApiError(404, 'unknown_company', `There is no company ${company}.`);
      const rows = await store.audit({
        ...(company !== undefined && { companyId: company }),
        ...(subject !== undefined && { subject }),
        ...(before !== undefined && { before: new Date(before).toISOString() }),
        ...(after !== undefined && { after }),
        limit,
      });
      const next = rows.length === limit ? rows.at(-1)?.id : undefined;
      return context.json({ rows, ...(next !== undefined && { next }) }, 200);
    },
  );
  return route;
}
