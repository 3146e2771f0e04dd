import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ApiRoom } from '../api-room.ts';
import { toCompany } from '../company.ts';
import { toCompanyBody } from './company-body.ts';
import { mayReach } from '../people/reach.ts';
import { requireRole, type Caller } from './api-key.ts';
import { refuseInvalid } from './refuse-invalid.ts';
import { company, json, refusals } from './schemas.ts';

/** `/v1/companies`: those within the key's reach. */
export function companyListRoute({ store, checkKey }: Pick<ApiRoom, 'store' | 'checkKey'>) {
  const route = new OpenAPIHono<{ Variables: { caller: Caller } }>({ defaultHook: refuseInvalid });
  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/companies',
      summary: 'Companies, by id',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: { query: z.object({ after: z.string().max(100).optional(), limit: z.coerce.number().int().min(1).max(200).default(100) }) },
      responses: {
        200: json(
          z.object({ companies: z.array(company), next: z.string().optional() }),
          'A page; give `next` as `after` for the one behind it.',
        ),
        ...refusals,
      },
    }),
    async (context) => {
      const { after, limit } = context.req.valid('query');
      const page = await store.companies({ ...(after !== undefined && { after }), limit });
      const next = page.length === limit ? page.at(-1)?.id : undefined;
      const companies = page
        .filter(({ id }) => mayReach(context.var.caller, id))
        .map(toCompany)
        .map(toCompanyBody);
      return context.json({ companies, ...(next !== undefined && { next }) }, 200);
    },
  );
  return route;
}
