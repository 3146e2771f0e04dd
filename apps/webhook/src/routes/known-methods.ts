import type { MiddlewareHandler } from 'hono';
import { ApiError } from '../api-error.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT']);

/** Methods nobody needs are off, TRACE above all, whatever the path (Intuit security requirements). */
export function knownMethods(): MiddlewareHandler {
  return async (context, next) => {
    if (!METHODS.has(context.req.method))
      throw new ApiError(405, 'method_not_allowed', `${context.req.method} is not used here.`, {
        headers: { allow: [...METHODS].join(', ') },
      });
    await next();
  };
}
