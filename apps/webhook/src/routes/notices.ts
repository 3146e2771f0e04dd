import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { ApiError } from '../api-error.ts';
import type { ApiRoom } from '../api-room.ts';
import { loadCompany, type Company } from '../company.ts';
import type { NoticeDesk } from '../notices/notice-desk.ts';
import { rotateNoticeSecret } from '../notices/webhook-channel.ts';
import type { Preflight } from '../preflight.ts';
import { requireRole, type Caller } from './api-key.ts';
import { refuseInvalid } from './refuse-invalid.ts';
import { json, reason, refusals } from './schemas.ts';
import { idempotencyKey } from './support-schemas.ts';

const params = z.object({ id: z.string().max(100) });

/** Trying out a company's notices, the secret of their webhook, and the pre-flight by hand. */
export function noticesRoute({
  store,
  clock,
  checkKey,
  notices,
  preflight,
}: Pick<ApiRoom, 'store' | 'clock' | 'checkKey'> & { notices: NoticeDesk; preflight: Preflight }) {
  const route = new OpenAPIHono<{ Variables: { caller: Caller } }>({ defaultHook: refuseInvalid });
  const find = async (id: string): Promise<Company> => {
    const company = await loadCompany(store, id);
    if (!company) throw new ApiError(404, 'unknown_company', `There is no company ${id}.`);
    return company;
  };
  const audit = (companyId: string, { actor, action }: { actor: string; action: string }): Promise<void> =>
    store.appendAudit({
      id: clock.newId(),
      at: new Date(clock.now()).toISOString(),
      actor,
      action,
      companyId,
      subject: `company/${companyId}`,
    });

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/companies/{id}/notices/secret',
      summary: 'A new signing secret for the notice webhook, shown once; the one before signs too for a day',
      middleware: [requireRole(checkKey, 'admin')] as const,
      request: { params, headers: idempotencyKey },
      responses: { 200: json(z.object({ secret: z.string() }), 'The secret.'), ...refusals },
    }),
    async (context) => {
      const { id } = await find(context.req.valid('param').id);
      await audit(id, { actor: context.var.caller.name, action: 'notices.secret' });
      return context.json({ secret: await rotateNoticeSecret(store, id, clock.now()) }, 200, { 'cache-control': 'no-store' });
    },
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/companies/{id}/notices/test',
      summary: 'Sends a test to every address of the company',
      middleware: [requireRole(checkKey, 'admin')] as const,
      request: { params, headers: idempotencyKey },
      responses: { 202: json(z.object({ to: z.array(z.string()) }), 'On its way to these addresses.'), ...refusals },
    }),
    async (context) => {
      const company = await find(context.req.valid('param').id);
      await audit(company.id, { actor: context.var.caller.name, action: 'notices.test' });
      await notices.test(company);
      const { emails, webhookUrl } = company.settings.notices;
      return context.json({ to: [...emails, ...(webhookUrl === undefined ? [] : [webhookUrl])] }, 202);
    },
  );

  route.openapi(
    createRoute({
      method: 'post',
      path: '/v1/companies/{id}/preflight',
      summary: 'Checks now what would stand in the way of the evening; changes nothing in QuickBooks',
      middleware: [requireRole(checkKey, 'support')] as const,
      request: { params, headers: idempotencyKey },
      responses: { 200: json(z.object({ problems: z.array(reason) }), 'What was found; nothing when all is well.'), ...refusals },
    }),
    async (context) => context.json({ problems: await preflight.check(await find(context.req.valid('param').id)) }, 200),
  );

  return route;
}
