import { Hono } from 'hono';
import { z } from 'zod';
import { kinds } from '../entities/registry.ts';
import { applyChange, openCompany } from '../records/open-company.ts';
import { merge } from '../records/merge.ts';
import { show } from '../records/show.ts';
import type { Company } from '../state/company.ts';
import { clockMove } from '../state/clock-move.ts';
import { faultOrder } from '../state/fault-plan.ts';
import { companyChange } from '../state/settings.ts';
import type { World } from '../state/world.ts';
import type { Notice } from '../webhooks/notice.ts';
import { page } from './page.ts';

/** Merge exists for Customer and Vendor only (Intuit webhooks page). */
const mergeOrder = z.strictObject({ entity: z.enum(['Customer', 'Vendor']), survivor: z.string(), loser: z.string() });

/** The control API and the page at `/`: what an emulator offers beside QuickBooks' own routes. */
export function createControl(world: World, { reset, tell }: { reset: () => void; tell: (notice: Notice) => void }): Hono {
  const app = new Hono();

  app.post('/emulator/companies', async (c) => {
    const read = await readBody(c.req.raw, companyChange);
    if ('error' in read) return c.json(read, 400);
    const { realmId = world.newRealmId() } = read.body;
    const known = world.companies.get(realmId);
    if (known && read.body.country !== undefined && read.body.country !== known.country)
      return c.json({ error: 'country: can not be changed' }, 400);
    const now = world.clock.now();
    if (known) applyChange(known, read.body, now);
    else world.companies.set(realmId, openCompany({ realmId, change: read.body, now }));
    return c.json({ realmId }, known ? 200 : 201);
  });

  app.get('/emulator/companies/:realmId/ledger', (c) => {
    world.runDue();
    const company = world.companies.get(c.req.param('realmId'));
    if (!company) return c.json({ error: `there is no company ${c.req.param('realmId')}` }, 404);
    return c.body(ledgerOf(company, world), 200, { 'Content-Type': 'application/json' });
  });

  app.post('/emulator/companies/:realmId/merge', async (c) => {
    const company = world.companies.get(c.req.param('realmId'));
    if (!company) return c.json({ error: `there is no company ${c.req.param('realmId')}` }, 404);
    const read = await readBody(c.req.raw, mergeOrder);
    if ('error' in read) return c.json(read, 400);
    const { entity, survivor, loser } = read.body;
    const [kept, gone] = [company.row(entity, survivor), company.row(entity, loser)];
    if (!kept || !gone || kept === gone) return c.json({ error: `survivor and loser: two ${entity} records are needed` }, 400);
    const now = world.clock.now();
    merge({ survivor: kept, loser: gone }, { company, now });
    tell({ realmId: company.realmId, name: entity, id: survivor, operation: 'Merge', at: now, deletedId: loser });
    return c.json({});
  });

  app.post('/emulator/clock', async (c) => {
    const read = await readBody(c.req.raw, clockMove);
    if ('error' in read) return c.json(read, 400);
    if (read.body.now !== undefined) world.clock.set(Date.parse(read.body.now));
    if (read.body.advanceMs !== undefined) world.clock.advance(read.body.advanceMs);
    world.runDue();
    return c.json({ now: new Date(world.clock.now()).toISOString() });
  });

  app.post('/emulator/faults', async (c) => {
    const read = await readBody(c.req.raw, faultOrder);
    if ('error' in read) return c.json(read, 400);
    const { realmId } = read.body;
    if (realmId !== undefined && !world.companies.has(realmId)) return c.json({ error: `there is no company ${realmId}` }, 404);
    return c.json({ id: world.faults.arm(read.body) }, 201);
  });

  app.post('/emulator/reset', (c) => {
    reset();
    return c.json({});
  });

  app.get('/', (c) => c.html(page(world)));
  app.notFound((c) => c.json({ error: `there is no ${c.req.method} ${c.req.path}` }, 404));
  return app;
}

/** The body, or the words of a 400. An empty body is `{}`. */
async function readBody<T>(request: Request, schema: z.ZodType<T>): Promise<{ body: T } | { error: string }> {
  const text = await request.text();
  const parsed = parse(text === '' ? '{}' : text);
  if (parsed === undefined) return { error: 'the body is no JSON' };
  const read = schema.safeParse(parsed);
  if (read.success) return { body: read.data };
  return { error: read.error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message)).join('; ') };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Entities are spliced in as the JSON a read answers. */
function ledgerOf(company: Company, world: World): string {
  const entities = kinds.flatMap((kind) => {
    const rows = [...company.table(kind.name).values()];
    return rows.length === 0 ? [] : [`"${kind.name}":[${rows.map((row) => show(row, { kind, company })).join(',')}]`];
  });
  const { requests } = company;
  const rest = JSON.stringify({
    deleted: company.deleted.map(({ entity, id }) => ({ entity, Id: id })),
    requests: {
      total: requests.total,
      batches: requests.batches,
      throttled: requests.throttled,
      byMinute: requests.byMinute(),
      log: requests.log.map((request) => ({ ...request, at: new Date(request.at).toISOString() })),
    },
    faults: world.faults.report(company.realmId),
  });
  return `{"realmId":"${company.realmId}","entities":{${entities.join(',')}},${rest.slice(1)}`;
}
