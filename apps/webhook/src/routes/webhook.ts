import { Hono, type Context } from 'hono';
import { ApiError } from '../api-error.ts';
import { readCapped } from './read-capped.ts';
import { receiveWebhook, type ReceiveOutcome, type ReceiveRoom } from '../receive-webhook.ts';

/** `POST /webhooks/{source}`: turns each outcome of receiving into its status, and nothing else. */
export function webhookRoute(room: ReceiveRoom, now: () => number): Hono {
  const route = new Hono();
  const receive = async (context: Context): Promise<Response> => {
    const name = context.req.param('source') ?? '';
    if (!/^application\/json\s*(;|$)/i.test(context.req.header('content-type') ?? ''))
      throw new ApiError(415, 'unsupported_media_type', 'A webhook is application/json.');
    const body = await readCapped(context);
    await together();
    const outcome = await receiveWebhook(room, {
      source: name,
      headers: Object.fromEntries((room.sources.get(name)?.headerNames ?? []).map((header) => [header, context.req.header(header)])),
      token: context.req.param('token'),
      body,
      receivedAtMs: now(),
    });
    if ('id' in outcome) context.set('entryId', outcome.id);
    return answer(context, outcome);
  };
  for (const path of ['/webhooks/:source', '/webhooks/:source/:token']) {
    route.post(path, receive);
    route.all(path, () => {
      throw new ApiError(405, 'method_not_allowed', 'Webhooks are posted.', { headers: { allow: 'POST' } });
    });
  }
  return route;
}

let arrived: Promise<void> | undefined;

/**
 * Resolves after this turn's input, for all requests read in it. What follows then runs for one request right after another while its code
 * is warm in the processor; between the reading of sockets the same work takes about a third longer (`npm run bench:ingest`).
 */
function together(): Promise<void> {
  arrived ??= new Promise((resolve) => {
    setImmediate(() => {
      arrived = undefined;
      resolve();
    });
  });
  return arrived;
}

function answer(context: Context, outcome: ReceiveOutcome): Response {
  switch (outcome.outcome) {
    case 'stored':
      return context.json({ id: outcome.id, outcome: 'stored' }, 202);
    case 'duplicate':
      return context.json({ id: outcome.id, outcome: 'duplicate' }, 200);
    case 'conflict':
      throw new ApiError(
        409,
        'webhook_id_reused',
        'This webhook id was used before with another body; the first one is kept. Send it under a new id.',
      );
    case 'quarantined':
      throw new ApiError(422, 'unreadable_event', 'The signature is good but the body is not a valid event; it is kept for support.', {
        issues: outcome.issues,
      });
    case 'unverified':
      throw new ApiError(401, 'unverified', 'The webhook could not be verified.');
    case 'unknown_source':
      throw new ApiError(404, 'unknown_source', 'No webhook source has this name.');
    case 'unknown_company':
      throw new ApiError(404, 'unknown_company', `There is no company ${outcome.companyId}; create it with PUT /v1/companies/{id} first.`);
    case 'unavailable':
      throw new ApiError(503, 'store_unavailable', 'The event could not be stored; send it again later.', {
        headers: { 'retry-after': String(Math.max(1, Math.ceil(outcome.retryAfterMs / 1000))) },
      });
  }
}
