import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { PatternRouter } from 'hono/router/pattern-router';
import { answerErrors } from './answer-errors.ts';
import type { ApiRoom } from './api-room.ts';
import { requestLog } from './request-log.ts';
import { intuitRoute } from './routes/intuit.ts';
import { webhookRoute } from './routes/webhook.ts';

/**
 * Everything under `/webhooks/`: an app of its own, since most requests come here by far, and what browsers and the API need (headers, a
 * large routing table) would cost each of them a good part of its time.
 */
export function createWebhookApp(room: ApiRoom): Hono {
  const app = new Hono({ router: new PatternRouter() });
  // A header set beforehand would make every answer several times as dear; refusals name their request id in the body.
  app.use(
    requestId({ headerName: '' }),
    requestLog(room.logger, (status) => room.evening.metrics.webhook(status)),
  );
  app.route('/', intuitRoute({ drift: room.drift, verifierToken: room.intuitVerifierToken }));
  app.route(
    '/',
    webhookRoute(room, () => room.clock.now()),
  );
  answerErrors(app, room.logger);
  return app;
}
