import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ApiError } from '../api-error.ts';
import type { ApiRoom } from '../api-room.ts';
import { loadRunReport, runReportCsv } from '../run-report.ts';
import { requireRole, type Caller } from './api-key.ts';
import { runReport } from './evening-schemas.ts';
import { withReasonFor, withWaitingFor } from './impersonal.ts';
import { download } from './reconciliation.ts';
import { refuseInvalid } from './refuse-invalid.ts';
import { json, refusals, run } from './schemas.ts';

const params = z.object({ id: z.string().max(100), runId: z.string().max(100) });

/** One run, and its report as JSON or CSV. */
export function runReportRoute({ store, clock, checkKey }: Pick<ApiRoom, 'store' | 'clock' | 'checkKey'>) {
  const route = new OpenAPIHono<{ Variables: { caller: Caller } }>({ defaultHook: refuseInvalid });

  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/companies/{id}/runs/{runId}',
      summary: 'One run; while it is under way, its progress',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: { params },
      responses: { 200: json(run, 'The run.'), ...refusals },
    }),
    async (context) => {
      const { id, runId } = context.req.valid('param');
      const found = await store.run(id, runId);
      if (!found) throw new ApiError(404, 'unknown_run', `Company ${id} has no run ${runId}.`);
      return context.json(withReasonFor(context.var.caller, found), 200);
    },
  );

  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/companies/{id}/runs/{runId}/report',
      summary: 'What the run did, what waits and why, control totals; `format=csv` to download',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: { params, query: z.object({ format: z.enum(['json', 'csv']).default('json') }) },
      responses: { 200: json(runReport, 'The report.'), ...refusals },
    }),
    async (context) => {
      const { id, runId } = context.req.valid('param');
      const loaded = await loadRunReport(store, id, runId, clock.now());
      if (!loaded) throw new ApiError(404, 'unknown_run', `Company ${id} has no run ${runId}.`);
      const report = withWaitingFor(context.var.caller, loaded);
      if (context.req.valid('query').format === 'json') return context.json(report, 200);
      return context.body(runReportCsv(report), 200, download(`${id}-${report.localDate}-run.csv`)) as never;
    },
  );

  return route;
}
