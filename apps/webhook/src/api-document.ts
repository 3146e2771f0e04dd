import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { platformEvent } from '@vesper/core/event';
import { json, refusal, refusals } from './routes/schemas.ts';

export type ApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

const OPEN = { security: [] };
const accepted = z.object({ id: z.string(), outcome: z.enum(['stored', 'duplicate']) });

/** Says what the routes have no schemas for to their registry: webhooks, which are read without one, and what monitors ask. */
export function describeOtherRoutes({ openAPIRegistry: registry }: OpenAPIHono): void {
  registry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer', description: 'A key of this service.' });
  registry.registerPath({
    method: 'post',
    path: '/webhooks/{source}',
    summary: 'Take one signed webhook; it is stored before it is answered',
    description:
      'Signed by Standard Webhooks 1.0.0 over the raw body, at most 256 KiB. Events of other types are stored and lead to nothing; send the same id again as often as needed.',
    ...OPEN,
    request: {
      params: z.object({ source: z.string() }),
      headers: z.object({
        'webhook-id': z.string(),
        'webhook-timestamp': z.string().openapi({ description: 'Seconds since 1970; at most five minutes from now.' }),
        'webhook-signature': z
          .string()
          .openapi({ description: '`v1,` and the base64 of the HMAC-SHA256; several with spaces between them.' }),
      }),
      body: { required: true, content: { 'application/json': { schema: platformEvent } } },
    },
    responses: {
      202: json(accepted, 'Stored.'),
      200: json(accepted, 'The same webhook was stored before.'),
      401: refusal('The signature does not hold, or its time is too far from now.'),
      404: refusal('There is no such source or company.'),
      409: refusal('The id came before with another body; the first one is kept.'),
      413: refusal('More than 256 KiB.'),
      415: refusal('Not application/json.'),
      422: refusal('Signed, but not a valid event; it is kept for support.'),
      503: refusal('Not stored; send it again after `Retry-After`.'),
    },
  });
  registry.registerPath({
    method: 'post',
    path: '/webhooks/intuit',
    summary: 'Take QuickBooks’ change notices, signed by Intuit, in both their shapes',
    ...OPEN,
    request: {
      headers: z.object({ 'intuit-signature': z.string() }),
      body: { required: true, content: { 'application/json': { schema: z.unknown() } } },
    },
    responses: {
      200: json(z.object({ accepted: z.int() }), 'Kept.'),
      401: refusals[401],
      404: refusal('No verifier token is set.'),
      413: refusal('More than 256 KiB.'),
      422: refusal('Neither of the shapes.'),
    },
  });
  const health = z.looseObject({ status: z.string() });
  registry.registerPath({
    method: 'get',
    path: '/healthz',
    summary: 'Whether the process answers',
    ...OPEN,
    responses: { 200: json(health, 'It does.') },
  });
  registry.registerPath({
    method: 'get',
    path: '/readyz',
    summary: 'Whether it can do its work: the store takes writes, the schedule is alive, it is not stopping',
    ...OPEN,
    responses: { 200: json(health, 'Ready.'), 503: json(health, 'Not ready; `checks` says why.') },
  });
  registry.registerPath({
    method: 'get',
    path: '/healthz/evening',
    summary: 'Whether all evenings ran, for a monitor',
    ...OPEN,
    responses: { 200: json(health, 'They did.'), 503: json(health, 'One is overdue, or the schedule is silent.') },
  });
  registry.registerPath({
    method: 'get',
    path: '/metrics',
    summary: 'Figures for Prometheus; with a token of its own where one is set',
    ...OPEN,
    responses: { 200: { description: 'The figures.', content: { 'text/plain': { schema: z.string() } } }, 401: refusals[401] },
  });
}

/** OpenAPI 3.1, from the schemas the routes check requests with. */
export function apiDocument(app: OpenAPIHono): ApiDocument {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Vesper', version: '1', description: 'Posts a home-inspection company’s day to QuickBooks Online every evening.' },
    security: [{ apiKey: [] }],
  });
}
