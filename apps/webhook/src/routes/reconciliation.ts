import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ApiError } from '../api-error.ts';
import type { ApiRoom } from '../api-room.ts';
import { loadCompany } from '../company.ts';
import { reconcile, reconciliationCsv, undepositedCsv } from '../reconciliation/reconcile.ts';
import { requireRole, type Caller } from './api-key.ts';
import { reconciliation } from './evening-schemas.ts';
import { withWaitingFor } from './impersonal.ts';
import { refuseInvalid } from './refuse-invalid.ts';
import { json, refusals } from './schemas.ts';

const DAY_MS = 86_400_000;
const MOST_DAYS = 366;

/** `/v1/companies/{id}/reconciliation`: a period from four sides, as JSON or CSV. */
export function reconciliationRoute({ store, clock, checkKey, clientOf }: Pick<ApiRoom, 'store' | 'clock' | 'checkKey' | 'clientOf'>) {
  const route = new OpenAPIHono<{ Variables: { caller: Caller } }>({ defaultHook: refuseInvalid });
  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/companies/{id}/reconciliation',
      summary:
        'Platform, webhooks, ledger and QuickBooks side by side for local days, both inclusive; `format=csv` or `undeposited.csv` to download',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: {
        params: z.object({ id: z.string().max(100) }),
        query: z.object({
          from: z.iso.date(),
          to: z.iso.date(),
          format: z.enum(['json', 'csv', 'undeposited.csv']).default('json'),
        }),
      },
      responses: { 200: json(reconciliation, 'The period.'), ...refusals },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const { from, to, format } = context.req.valid('query');
      const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
      if (days < 1 || days > MOST_DAYS)
        throw new ApiError(400, 'invalid_period', `A period is 1 to ${MOST_DAYS} days, and \`from\` comes first.`);
      const company = await loadCompany(store, id);
      if (!company) throw new ApiError(404, 'unknown_company', `There is no company ${id}.`);
      const found = withWaitingFor(context.var.caller, await reconcile({ store, clientOf, now: () => clock.now() }, company, { from, to }));
      if (format === 'json') return context.json(found, 200);
      const csv = format === 'csv' ? reconciliationCsv(found) : undepositedCsv(found.undepositedFunds);
      return context.body(csv, 200, download(`${id}-${from}-${to}-${format === 'csv' ? 'reconciliation' : 'undeposited'}.csv`)) as never;
    },
  );
  return route;
}

export function download(name: string): Record<string, string> {
  return {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${name.replaceAll(/[^\w.-]/g, '_')}"`,
    'cache-control': 'no-store',
  };
}
