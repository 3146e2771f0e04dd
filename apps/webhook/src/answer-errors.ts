import { StoreError } from '@vesper/outbox/store-error';
import type { Context, Env, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { ApiError } from './api-error.ts';
import type { Logger } from './logger.ts';
import { pathForLog } from './request-log.ts';

/** Turns every refusal and every failure of an app into its answer, in the one shape, once. */
export function answerErrors<E extends Env>(app: Pick<Hono<E>, 'notFound' | 'onError'>, logger: Logger): void {
  app.notFound((context) => refuse(context, new ApiError(404, 'not_found', 'There is nothing at this address.')));
  app.onError((error, context) => {
    if (error instanceof ApiError) return refuse(context, error);
    // The framework's own: a body that is no JSON, or none of the promised type.
    if (error instanceof HTTPException && error.status < 500)
      return refuse(context, new ApiError(error.status, 'invalid_request', `The request cannot be read: ${error.message}.`));
    if (error instanceof StoreError && error.kind === 'unavailable')
      return refuse(
        context,
        new ApiError(503, 'store_unavailable', 'The store cannot be reached; try again later.', { headers: { 'retry-after': '5' } }),
      );
    if (error instanceof StoreError && error.kind === 'stale_fence')
      return refuse(
        context,
        new ApiError(409, 'taken_over', 'Another process has taken over this company meanwhile and goes on with it; look at its runs.'),
      );
    logger.error({ err: error, requestId: context.get('requestId'), path: pathForLog(context.req.path) }, 'request failed');
    return refuse(
      context,
      new ApiError(500, 'internal_error', 'Something went wrong on our side; the request id helps support to find it.'),
    );
  });
}

function refuse(context: Context, { status, code, message, issues, headers }: ApiError): Response {
  return context.json({ error: { code, message, ...(issues && { issues }), requestId: context.get('requestId') } }, status, {
    ...headers,
    'cache-control': 'no-store',
  });
}
