import { OpenAPIHono } from '@hono/zod-openapi';
import { createMemoryStore } from '@vesper/outbox/memory-store';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../api-error.ts';
import { idempotentPosts } from './idempotency.ts';

function createTill() {
  let nowMs = Date.parse('2026-06-02T01:00:00.000Z');
  let sold = 0;
  let answerWith: (() => Promise<Response> | Response) | undefined;
  const app = new OpenAPIHono();
  app.use('/v1/*', idempotentPosts({ store: createMemoryStore({ now: () => nowMs }), now: () => nowMs }));
  app.post('/v1/sales', async (context) => {
    sold += 1;
    return answerWith ? answerWith() : context.json({ sale: sold, of: await context.req.json() }, 201);
  });
  app.onError((error, context) => (error instanceof ApiError ? context.json({ code: error.code }, error.status) : context.json({}, 500)));
  return {
    sales: () => sold,
    passMs: (ms: number) => (nowMs += ms),
    answer: (make: typeof answerWith) => (answerWith = make),
    sell: async (key: string | undefined, body: unknown = { apples: 1 }, authorization = 'Bearer one') => {
      const answer = await app.request('/v1/sales', {
        method: 'POST',
        headers: { authorization, ...(key !== undefined && { 'idempotency-key': key }) },
        body: JSON.stringify(body),
      });
      return { status: answer.status, json: await answer.json(), replayed: answer.headers.get('idempotent-replayed') };
    },
  };
}

describe('idempotentPosts', () => {
  it('answers a repeated request as the first time and does not carry it out again', async () => {
    const till = createTill();
    const first = await till.sell('k1');
    expect(await till.sell('k1')).toEqual({ ...first, replayed: 'true' });
    expect(till.sales()).toBe(1);
  });

  it('carries out requests without a key, with another key, and of another caller', async () => {
    const till = createTill();
    for (const [key, caller] of [[undefined], [undefined], ['k1'], ['k2'], ['k1', 'Bearer two']] as const)
      await till.sell(key, { apples: 1 }, caller);
    expect(till.sales()).toBe(5);
  });

  it('refuses the same key with another body', async () => {
    const till = createTill();
    await till.sell('k1');
    expect(await till.sell('k1', { apples: 2 })).toMatchObject({ status: 409, json: { code: 'idempotency_key_reused' } });
    expect(till.sales()).toBe(1);
  });

  it('tells a second one that comes while the first is being carried out', async () => {
    const till = createTill();
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    till.answer(async () => {
      begun.resolve();
      await gate.promise;
      return Response.json({ sale: 1 }, { status: 201 });
    });
    const first = till.sell('k1');
    await begun.promise;
    expect(await till.sell('k1')).toMatchObject({ status: 409, json: { code: 'request_under_way' } });
    gate.resolve();
    expect(await first).toMatchObject({ status: 201 });
    expect(till.sales()).toBe(1);
  });

  it.each([500, 503, 409])('lets a request answered %i be tried again', async (status) => {
    const till = createTill();
    till.answer(() => Response.json({}, { status }));
    await till.sell('k1');
    till.answer(undefined);
    expect(await till.sell('k1')).toMatchObject({ status: 201 });
  });

  it('forgets after a day', async () => {
    const till = createTill();
    await till.sell('k1');
    till.passMs(25 * 3_600_000);
    await till.sell('k1');
    expect(till.sales()).toBe(2);
  });
});
