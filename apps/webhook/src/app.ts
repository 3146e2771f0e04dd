import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { answerErrors } from './answer-errors.ts';
import { apiDocument, describeOtherRoutes } from './api-document.ts';
import { ApiError } from './api-error.ts';
import type { ApiRoom } from './api-room.ts';
import { requestLog } from './request-log.ts';
import { auditRoute } from './routes/audit.ts';
import { noStore } from './console/browser-safety.ts';
import type { ConsoleRoom } from './console/console-room.ts';
import { companiesRoute } from './routes/companies.ts';
import { consoleRoute } from './routes/console.ts';
import { companyListRoute } from './routes/company-list.ts';
import { correctionsRoute } from './routes/corrections.ts';
import { documentsRoute } from './routes/documents.ts';
import { healthRoute } from './routes/health.ts';
import { idempotentPosts } from './routes/idempotency.ts';
import { importsRoute } from './routes/imports.ts';
import { knownMethods } from './routes/known-methods.ts';
import { metricsRoute } from './routes/metrics.ts';
import { noticesRoute } from './routes/notices.ts';
import { oauthRoute } from './routes/oauth.ts';
import { outboxRoute } from './routes/outbox.ts';
import { pauseRoute } from './routes/pause.ts';
import { reconciliationRoute } from './routes/reconciliation.ts';
import { referenceRoute } from './routes/reference.ts';
import { replaysRoute } from './routes/replays.ts';
import { runReportRoute } from './routes/run-report.ts';
import { createWebhookApp } from './webhook-app.ts';

/** The whole service as one fetch handler. */
export function createApp(room: ApiRoom, consoleRoom?: ConsoleRoom): { fetch: Fetch } {
  const webhooks: Fetch = createWebhookApp(room).fetch;
  const others: Fetch = createPages(room, consoleRoom).fetch;
  return { fetch: (request, env) => (isWebhook(request.url) ? webhooks : others)(request, env) };
}

/** A thousand events of an import fit, many times over. */
const MOST_BODY_BYTES = 16 * 1024 * 1024;

function tooLarge(): never {
  throw new ApiError(413, 'too_large', `A request holds at most ${MOST_BODY_BYTES} bytes; send less at once.`, {
    headers: { connection: 'close' },
  });
}

type Fetch = (request: Request, env?: object) => Response | Promise<Response>;

/** Of `http://host/path`, without making a `URL` of each. */
function isWebhook(url: string): boolean {
  return url.startsWith('/webhooks/', url.indexOf('/', url.indexOf('//') + 2));
}

/** All but the webhooks. */
export function createPages(room: ApiRoom, consoleRoom: ConsoleRoom | undefined): OpenAPIHono {
  const app = new OpenAPIHono();
  app.use(requestId(), requestLog(room.logger), knownMethods());
  // The console comes before the API's headers: its pages bring stricter ones, which allow its one script and style.
  if (consoleRoom) app.route('/', consoleRoute(consoleRoom));
  app.route(
    '/',
    referenceRoute(() => apiDocument(app)),
  );
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
  app.use('/v1/*', bodyLimit({ maxSize: MOST_BODY_BYTES, onError: tooLarge }));
  for (const path of ['/v1/*', '/oauth/*']) app.use(path, noStore);
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
  app.get('/openapi.json', (context) => context.json(apiDocument(app)));
  describeOtherRoutes(app);
  answerErrors(app, room.logger);
  return app;
}
