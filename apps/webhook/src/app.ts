import { OpenAPIHono } from '@hono/zod-openapi';
import { StoreError } from '@vesper/outbox/store-error';
import type { Context } from 'hono';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { ApiError } from './api-error.ts';
import type { ApiRoom } from './api-room.ts';
import { requestLog } from './request-log.ts';
import { auditRoute } from './routes/audit.ts';
import type { ConsoleRoom } from './console/console-room.ts';
import { companiesRoute } from './routes/companies.ts';
import { consoleRoute } from './routes/console.ts';
import { companyListRoute } from './routes/company-list.ts';
import { correctionsRoute } from './routes/corrections.ts';
import { documentsRoute } from './routes/documents.ts';
import { healthRoute } from './routes/health.ts';
import { idempotentPosts } from './routes/idempotency.ts';
import { importsRoute } from './routes/imports.ts';
import { countWebhooks, metricsRoute } from './routes/metrics.ts';
import { noticesRoute } from './routes/notices.ts';
import { intuitRoute } from './routes/intuit.ts';
import { oauthRoute } from './routes/oauth.ts';
import { outboxRoute } from './routes/outbox.ts';
import { pauseRoute } from './routes/pause.ts';
import { reconciliationRoute } from './routes/reconciliation.ts';
import { replaysRoute } from './routes/replays.ts';
import { runReportRoute } from './routes/run-report.ts';
import { webhookRoute } from './routes/webhook.ts';

/** The whole service as one fetch handler. Every refusal is turned into its answer here, once. */
export function createApp(room: ApiRoom, consoleRoom?: ConsoleRoom): OpenAPIHono {
  const app = new OpenAPIHono();
  app.use(requestId(), requestLog(room.logger));
  // The webhook route comes first and alone: headers for browsers are none of its business, and it is the hot path.
  app.use('/webhooks/*', countWebhooks(room.evening.metrics));
  app.route('/', intuitRoute({ drift: room.drift, verifierToken: room.intuitVerifierToken }));
  app.route(
    '/',
    webhookRoute(room, () => room.clock.now()),
  );
  // So does the console: its pages bring stricter headers of their own, which allow its one script and style.
  if (consoleRoom) app.route('/', consoleRoute(consoleRoom));
  app.use(
    secureHeaders({
      strictTransportSecurity: 'max-age=31536000; includeSubDomains',
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'"],
      },
      xFrameOptions: 'DENY',
      referrerPolicy: 'no-referrer',
    }),
  );
  app.use('/v1/*', idempotentPosts({ store: room.store, now: () => room.clock.now() }));
  app.route('/', healthRoute({ ...room, evenings: () => room.evening.state() }));
  app.route('/', metricsRoute({ metrics: room.evening.metrics, token: room.metricsToken }));
  app.route('/', oauthRoute(room));
  app.route('/', companyListRoute(room));
  app.route('/', companiesRoute(room));
  app.route('/', outboxRoute(room));
  app.route('/', replaysRoute(room));
  app.route('/', correctionsRoute(room));
  app.route('/', documentsRoute(room));
  app.route('/', auditRoute(room));
  app.route('/', pauseRoute(room));
  app.route('/', runReportRoute(room));
  app.route('/', importsRoute(room));
  app.route('/', reconciliationRoute(room));
  app.route('/', noticesRoute({ ...room, ...room.evening }));
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Vesper', version: '1', description: 'Posts a home-inspection company’s day to QuickBooks Online every evening.' },
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' });
  app.notFound((context) => refuse(context, new ApiError(404, 'not_found', 'There is nothing at this address.')));
  app.onError((error, context) => {
    if (error instanceof ApiError) return refuse(context, error);
    if (error instanceof StoreError && error.kind === 'unavailable')
      return refuse(
        context,
        new ApiError(503, 'store_unavailable', 'The store cannot be reached; try again later.', { headers: { 'retry-after': '5' } }),
      );
    room.logger.error({ err: error, requestId: context.get('requestId'), path: context.req.path }, 'request failed');
    return refuse(
      context,
      new ApiError(500, 'internal_error', 'Something went wrong on our side; the request id helps support to find it.'),
    );
  });
  return app;
}

function refuse(context: Context, { status, code, message, issues, headers }: ApiError): Response {
  return context.json({ error: { code, message, ...(issues && { issues }), requestId: context.get('requestId') } }, status, {
    ...headers,
    'cache-control': 'no-store',
  });
}
