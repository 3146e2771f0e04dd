import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { ApiError } from '../api-error.ts';
import type { ApiRoom } from '../api-room.ts';
import { loadCompany } from '../company.ts';
import { previewImport, storeImport, toImportEntries } from '../import/import-events.ts';
import { requireRole, type Caller } from './api-key.ts';
import { refuseInvalid } from './refuse-invalid.ts';
import { json, refusals, verdict } from './schemas.ts';
import { idempotencyKey } from './support-schemas.ts';

const MOST_EVENTS = 1_000;
const MOST_BYTES = 16 * 1024 * 1024;

const imported = z
  .object({
    stored: z.int(),
    duplicates: z.int(),
    invalid: z.array(z.object({ index: z.int(), issues: z.array(z.object({ path: z.string(), message: z.string() })) })),
    verdicts: z.array(verdict).optional(),
  })
  .openapi('Imported');

/** `/v1/companies/{id}/imports`: events of a past period, a page at a time; the same page again stores nothing twice. */
export function importsRoute({ store, clock, checkKey }: Pick<ApiRoom, 'store' | 'clock' | 'checkKey'>) {
  const route = new OpenAPIHono<{ Variables: { caller: Caller } }>({ defaultHook: refuseInvalid });
  const tooLarge = () =>
    new ApiError(413, 'too_large', `A page of an import holds at most ${MOST_BYTES} bytes.`, { headers: { connection: 'close' } });
  route.use(
    '/v1/companies/:id/imports',
    bodyLimit({
      maxSize: MOST_BYTES,
      onError: () => {
        throw tooLarge();
      },
    }),
  );
  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/companies/{id}/imports',
      summary: 'Brings events of a past period; with dryRun only tells what the next run would do with them',
      middleware: [requireRole(checkKey, 'admin')] as const,
      request: {
        headers: idempotencyKey,
        params: z.object({ id: z.string().max(100) }),
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.strictObject({ events: z.array(z.unknown()).min(1).max(MOST_EVENTS), dryRun: z.boolean().default(false) }),
            },
          },
        },
      },
      responses: { 200: json(imported, 'What became of the page; with dryRun the verdicts.'), ...refusals },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const { events, dryRun } = context.req.valid('json');
      const company = await loadCompany(store, id);
      if (!company) throw new ApiError(404, 'unknown_company', `There is no company ${id}.`);
      const at = new Date(clock.now()).toISOString();
      const page = toImportEntries(id, events, at);
      const { invalid } = page;
      if (dryRun)
        return context.json({ stored: 0, duplicates: 0, invalid, verdicts: await previewImport(store, company, page, clock.now()) }, 200);
      await store.appendAudit({
        id: clock.newId(),
        at,
        actor: context.var.caller.name,
        action: 'import.page',
        companyId: id,
        subject: `company/${id}`,
        after: { events: page.entries.length },
      });
      const { stored, duplicates, retryAfterMs } = await storeImport(store, page);
      if (retryAfterMs !== undefined)
        throw new ApiError(503, 'store_full', 'The store takes no more at the moment; send the page again, nothing is stored twice.', {
          headers: { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) },
        });
      return context.json({ stored, duplicates, invalid }, 200);
    },
  );
  return route;
}
