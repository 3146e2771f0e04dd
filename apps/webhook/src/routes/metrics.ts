import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { ApiError } from '../api-error.ts';
import type { Metrics } from '../metrics.ts';

/** `/metrics` for Prometheus: open, or with a token for those who ask through the internet. */
export function metricsRoute({ metrics, token }: { metrics: Metrics; token?: string | undefined }): Hono {
  const route = new Hono();
  route.get('/metrics', async (context) => {
    if (token !== undefined && !isSame(context.req.header('authorization') ?? '', `Bearer ${token}`))
      throw new ApiError(401, 'unauthorized', 'Send `Authorization: Bearer <metrics token>`.', {
        headers: { 'www-authenticate': 'Bearer' },
      });
    const { contentType, text } = await metrics.expose();
    return context.body(text, 200, { 'content-type': contentType, 'cache-control': 'no-store' });
  });
  return route;
}

function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
