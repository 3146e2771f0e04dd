import { createHmac } from 'node:crypto';
import { createMemoryStore } from '@vesper/outbox/memory-store';
import { StoreError } from '@vesper/outbox/store-error';
import type { Store } from '@vesper/outbox/store';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../api-error.ts';
import { createStandardWebhooksSource } from '../sources/standard-webhooks.ts';
import { webhookRoute } from './webhook.ts';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const NOW_MS = Date.parse('2026-06-01T15:00:00Z');

const post = (append: Store['append']) => {
  const store = { ...createMemoryStore(), append };
  const room = {
    store,
    companies: { has: () => Promise.resolve(true) },
    sources: new Map([['vesper', createStandardWebhooksSource([SECRET])]]),
  };
  const app = new Hono().route(
    '/',
    webhookRoute(room, () => NOW_MS),
  );
  app.onError((error, context) =>
    error instanceof ApiError ? context.json({ code: error.code }, error.status, { ...error.headers }) : context.json({}, 500),
  );
  const body = JSON.stringify({ type: 'report.viewed', timestamp: '2026-06-01T15:00:00.000Z', data: { companyId: 'tern' } });
  const timestamp = String(NOW_MS / 1000);
  const signature = createHmac('sha256', Buffer.from(SECRET.slice(6), 'base64'))
    .update(`msg_1.${timestamp}.${body}`)
    .digest('base64');
  return app.request('/webhooks/vesper', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': 'msg_1',
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
    body,
  });
};

describe('POST /webhooks/{source} and its store', () => {
  it('answers 503 with Retry-After when the store cannot be written', async () => {
    const answer = await post(() => Promise.reject(new StoreError('unavailable', 'disk full')));
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('answers 503 with Retry-After when more waits than may wait', async () => {
    const answer = await post(() => Promise.resolve({ outcome: 'full', retryAfterMs: 1_500 }));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
  });

  // An answer before the commit would be a promise a crash can break.
  it('answers nothing before the commit', async () => {
    const appending = Promise.withResolvers<void>();
    const committed = Promise.withResolvers<Awaited<ReturnType<Store['append']>>>();
    let isAnswered = false;
    const answer = Promise.resolve(
      post(() => {
        appending.resolve();
        return committed.promise;
      }),
    ).then((response) => {
      isAnswered = true;
      return response;
    });
    await appending.promise;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(isAnswered).toBe(false);
    committed.resolve({ outcome: 'stored', id: 'tern|vesper|msg_1' });
    expect((await answer).status).toBe(202);
  });
});
