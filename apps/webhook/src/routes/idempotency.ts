import { createHash } from 'node:crypto';
import type { Store } from '@vesper/outbox/store';
import type { MiddlewareHandler } from 'hono';
import { ApiError } from '../api-error.ts';

/** What became of a POST under its key. `under_way` frees itself when the process that took it died. */
type Kept = { requestSha256: string } & ({ state: 'under_way' } | { state: 'answered'; status: number; body: string; contentType: string });

const KIND = 'idempotency';
const UNDER_WAY_MS = 15 * 60_000;
const KEPT_MS = 24 * 3_600_000;
const LONGEST_KEY = 200;

/**
 * POST with an `idempotency-key`: the first request is carried out, every later one of the same caller, path and key gets the first one's
 * answer, byte for byte, for a day. The same key with another body is refused; answers that say "try again" are not kept.
 */
export function idempotentPosts({
  store,
  now,
}: {
  store: Pick<Store, 'getRecord' | 'putRecord' | 'takeRecord'>;
  now: () => number;
}): MiddlewareHandler {
  const inMs = (ms: number): string => new Date(now() + ms).toISOString();
  return async (context, next) => {
    const key = context.req.header('idempotency-key');
    if (context.req.method !== 'POST' || key === undefined) return next();
    if (key.length === 0 || key.length > LONGEST_KEY)
      throw new ApiError(400, 'invalid_request', `An idempotency key is 1 to ${LONGEST_KEY} characters.`);
    const id = digest([context.req.header('authorization') ?? '', context.req.path, key].join('\n'));
    const requestSha256 = digest(await context.req.text());
    const claim: Kept = { requestSha256, state: 'under_way' };
    const claimed = await store.putRecord(KIND, id, claim, { expectedVersion: 'new', expiresAt: inMs(UNDER_WAY_MS) });
    if (claimed.outcome === 'changed_meanwhile') return repeat((await store.getRecord<Kept>(KIND, id))?.value, requestSha256);

    await next();
    const { res } = context;
    if (!isFinal(res.status)) {
      await store.takeRecord(KIND, id);
      return undefined;
    }
    const answered: Kept = {
      requestSha256,
      state: 'answered',
      status: res.status,
      body: await res.clone().text(),
      contentType: res.headers.get('content-type') ?? 'application/json',
    };
    await store.putRecord(KIND, id, answered, { expectedVersion: 'any', expiresAt: inMs(KEPT_MS) });
    return undefined;
  };
}

function repeat(kept: Kept | undefined, requestSha256: string): Response {
  if (kept && kept.requestSha256 !== requestSha256)
    throw new ApiError(
      409,
      'idempotency_key_reused',
      'This idempotency key came with another body before; take a new key for a new request.',
    );
  if (kept?.state !== 'answered')
    throw new ApiError(409, 'request_under_way', 'The same request is being carried out at this moment; ask again for its answer.', {
      headers: { 'retry-after': '2' },
    });
  return new Response(kept.body, {
    status: kept.status,
    headers: { 'content-type': kept.contentType, 'idempotent-replayed': 'true', 'cache-control': 'no-store' },
  });
}

/** Whether repeating the request could never come to anything else: not when it was refused at the door or broke. */
function isFinal(status: number): boolean {
  return status < 500 && status !== 401 && status !== 403 && status !== 409 && status !== 429;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
