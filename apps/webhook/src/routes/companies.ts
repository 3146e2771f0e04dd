import type { RunRecord } from '@vesper/outbox/run';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { companySettings } from '@vesper/core/settings';
import { ApiError } from '../api-error.ts';
import type { ApiRoom } from '../api-room.ts';
import { clockAsOf } from '../clock.ts';
import { loadCompany, saveSettings, type Company } from '../company.ts';
import { runCompany, type RunOutcome } from '../company-run.ts';
import { choosesOtherwise } from '../connect.ts';
import { inspectionStatus } from '../inspection-status.ts';
import { previewCompany } from '../preview.ts';
import { requireRole, type Caller } from './api-key.ts';
import { verdictFor, withReasonFor } from './impersonal.ts';
import { refuseInvalid, toIssues } from './refuse-invalid.ts';
import { toCompanyBody } from './company-body.ts';
import { company, inspectionStatus as statusSchema, json, refusals, run, verdict } from './schemas.ts';
import { idempotencyKey } from './support-schemas.ts';

const companyId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, 'is letters, digits, dot, dash and underscore, 100 at most');
const params = z.object({ id: companyId });

/** `/v1/companies/{id}` and what is below it. */
export function companiesRoute(room: ApiRoom) {
  const { store, checkKey, connections, clock } = room;
  const route = new OpenAPIHono<{ Variables: { caller: Caller } }>({ defaultHook: refuseInvalid });
  const find = async (id: string): Promise<Company> => {
    const found = await loadCompany(store, id);
    if (!found) throw new ApiError(404, 'unknown_company', `There is no company ${id}; create it with PUT /v1/companies/{id}.`);
    return found;
  };

  route.openapi(
    createRoute({
      method: 'put',
      path: '/v1/companies/{id}',
      summary: 'Create a company or replace its settings; its QuickBooks connection stays',
      middleware: [requireRole(checkKey, 'admin')] as const,
      request: { params, body: { required: true, content: { 'application/json': { schema: companySettings } } } },
      responses: { 200: json(company, 'Saved, defaults filled in.'), 201: json(company, 'Created.'), ...refusals },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const before = await loadCompany(store, id);
      await store.appendAudit({
        id: clock.newId(),
        at: new Date(clock.now()).toISOString(),
        actor: context.var.caller.name,
        action: 'company.settings',
        companyId: id,
        subject: `company/${id}`,
        ...(before && { before: before.settings }),
        after: context.req.valid('json'),
      });
      const saved = await saveSettings(store, id, context.req.valid('json'), new Date(clock.now()).toISOString());
      if (saved.outcome === 'invalid')
        throw new ApiError(400, 'invalid_request', 'The settings are not valid.', { issues: toIssues(saved.error) });
      const looked = before && choosesOtherwise(before.settings, saved.company.settings) ? await connections.recheck(id) : undefined;
      return context.json(toCompanyBody(looked ?? saved.company), saved.outcome === 'created' ? 201 : 200);
    },
  );

  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/companies/{id}',
      summary: 'Settings and connection of a company',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: { params },
      responses: { 200: json(company, 'The company.'), ...refusals },
    }),
    async (context) => context.json(toCompanyBody(await find(context.req.valid('param').id)), 200),
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/companies/{id}/connect',
      summary: 'Begin connecting to QuickBooks: open the url in a browser',
      middleware: [requireRole(checkKey, 'admin')] as const,
      request: {
        params,
        headers: idempotencyKey,
        body: {
          required: false,
          content: {
            'application/json': {
              schema: z.strictObject({
                move: z
                  .strictObject({ why: z.string().trim().min(1).max(1_000) })
                  .optional()
                  .openapi({
                    description: "The company's books are in another QuickBooks company from now on; without it, another one is refused.",
                  }),
              }),
            },
          },
        },
      },
      responses: { 200: json(z.object({ url: z.url() }), 'Where to go; valid once, for 15 minutes.'), ...refusals },
    }),
    async (context) => {
      const { id } = await find(context.req.valid('param').id);
      const { move } = context.req.valid('json') ?? {};
      return context.json({ url: await connections.begin(id, context.var.caller.name, move) }, 200);
    },
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/companies/{id}/disconnect',
      summary: 'Revoke the QuickBooks connection; entries go on being stored and wait',
      middleware: [requireRole(checkKey, 'admin')] as const,
      request: { params, headers: idempotencyKey },
      responses: { 200: json(company, 'Disconnected.'), ...refusals },
    }),
    async (context) => {
      const { id } = await find(context.req.valid('param').id);
      await connections.disconnect(id, context.var.caller.name);
      return context.json(toCompanyBody(await find(id)), 200);
    },
  );

  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/companies/{id}/preview',
      summary: "What tonight's run would do, document by document",
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: { params },
      responses: { 200: json(z.object({ verdicts: z.array(verdict) }), 'One verdict a document.'), ...refusals },
    }),
    async (context) => {
      const found = await find(context.req.valid('param').id);
      const verdicts = await previewCompany(store, found, clock.now());
      return context.json({ verdicts: verdicts.map((one) => verdictFor(context.var.caller, one)) }, 200);
    },
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/companies/{id}/runs',
      summary: 'Run now, or show with dryRun what a run would do',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: {
        headers: idempotencyKey,
        params,
        body: {
          required: false,
          content: {
            'application/json': {
              schema: z.strictObject({
                wait: z.boolean().default(false),
                dryRun: z.boolean().default(false),
                asOf: z.iso.datetime({ offset: true }).optional(),
              }),
            },
          },
        },
      },
      responses: {
        200: json(z.union([run, z.object({ verdicts: z.array(verdict) })]), 'The finished run, or with dryRun the verdicts.'),
        202: json(z.object({ id: z.string(), companyId: z.string(), state: z.literal('running') }), 'Begun; the run tells how far it is.'),
        ...refusals,
      },
    }),
    async (context) => {
      const { wait, dryRun, asOf } = context.req.valid('json') ?? {};
      const found = await find(context.req.valid('param').id);
      if (asOf !== undefined && !room.allowAsOf)
        throw new ApiError(400, 'as_of_refused', '`asOf` is for driving the emulator; real books are run as of now.');
      const runClock = asOf === undefined ? clock : clockAsOf(Date.parse(asOf), clock);
      if (dryRun) return context.json({ verdicts: await previewCompany(store, found, runClock.now()) }, 200);
      await store.appendAudit({
        id: clock.newId(),
        at: new Date(clock.now()).toISOString(),
        actor: context.var.caller.name,
        action: 'run.start',
        companyId: found.id,
        subject: `company/${found.id}`,
      });
      const begun = Promise.withResolvers<RunRecord>();
      const running = runCompany(room, {
        companyId: found.id,
        trigger: 'person',
        clock: runClock,
        signal: room.signal,
        onProgress: begun.resolve,
      });
      if (wait) return context.json(finished(found, await running), 200);
      const noted = running
        .catch((error: unknown) => room.logger.error({ err: error, companyId: found.id }, 'run broke off'))
        .finally(() => room.background.delete(noted));
      room.background.add(noted);
      // Whatever keeps a run from beginning is told at once, though nobody waits for its end.
      const { id } = await Promise.race([begun.promise, running.then((outcome) => finished(found, outcome))]);
      return context.json({ id, companyId: found.id, state: 'running' as const }, 202);
    },
  );

  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/companies/{id}/runs',
      summary: 'The latest runs, newest first',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: { params, query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(30) }) },
      responses: { 200: json(z.object({ runs: z.array(run) }), 'Runs.'), ...refusals },
    }),
    async (context) => {
      const { id } = await find(context.req.valid('param').id);
      const runs = await store.runs({ companyId: id, limit: context.req.valid('query').limit });
      return context.json({ runs: runs.map((one) => withReasonFor(context.var.caller, one)) }, 200);
    },
  );

  route.openapi(
    createRoute({
      method: 'get',
      path: '/v1/companies/{id}/inspections/{inspectionId}',
      summary: 'Document number, last synchronised time and money in flight of one inspection',
      middleware: [requireRole(checkKey, 'viewer')] as const,
      request: { params: params.extend({ inspectionId: z.string().min(1).max(200) }) },
      responses: { 200: json(statusSchema, 'What the platform shows on its inspection page.'), ...refusals },
    }),
    async (context) => {
      const { id, inspectionId } = context.req.valid('param');
      const status = await inspectionStatus(store, await find(id), inspectionId, clock.now());
      if (!status) throw new ApiError(404, 'unknown_inspection', `No event of company ${id} ever told of inspection ${inspectionId}.`);
      const documents = status.documents.map((one) => withReasonFor(context.var.caller, one));
      return context.json({ ...status, documents }, 200);
    },
  );

  return route;
}

function finished(found: Company, outcome: RunOutcome) {
  switch (outcome.outcome) {
    case 'ran':
    case 'exists':
      return outcome.run;
    case 'busy':
      throw new ApiError(409, 'run_under_way', `A run of company ${found.id} is under way already; wait for it, then look at its runs.`);
    case 'closed':
      throw new ApiError(409, outcome.reason.code, `${outcome.reason.message} ${outcome.reason.remedy}`);
    case 'unknown_company':
      throw new ApiError(404, 'unknown_company', `There is no company ${found.id}.`);
  }
}
