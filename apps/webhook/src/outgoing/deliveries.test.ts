import { createMemoryStore } from '@vesper/outbox/memory-store';
import type { FlushClock } from '@vesper/outbox/flusher';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../logger.ts';
import { createDeliveries, type ChannelSender, type Delivery } from './deliveries.ts';
import type { SendResult } from './post-webhook.ts';

const HOUR = 3_600_000;

/** A receiver that answers what it is told to, and deliveries of as many processes as a test wants. */
function createScene(answer: (delivery: Delivery) => SendResult = () => ({ outcome: 'delivered' })) {
  let nowMs = Date.parse('2026-06-01T20:00:00Z');
  let ids = 0;
  const clock: FlushClock = { now: () => nowMs, sleep: () => Promise.resolve(), newId: () => `${(ids += 1)}` };
  const store = createMemoryStore({ now: () => nowMs });
  const received: { messageId: string; content: string }[] = [];
  const givenUp: string[] = [];
  let made = 0;
  const sender: ChannelSender = {
    make: () => Promise.resolve(`made ${(made += 1)}`),
    send(delivery) {
      const result = answer(delivery);
      received.push({ messageId: delivery.messageId, content: delivery.content });
      return Promise.resolve(result);
    },
  };
  const process = () =>
    createDeliveries({
      store,
      clock,
      logger: createLogger('silent'),
      channels: { platform: sender, webhook: sender },
      random: () => 0,
      onGivenUp: ({ messageId }) => givenUp.push(messageId),
    });
  return {
    deliveries: process(),
    process,
    received,
    givenUp,
    pass: (ms: number) => void (nowMs += ms),
    hoursSince: () => (nowMs - Date.parse('2026-06-01T20:00:00Z')) / HOUR,
  };
}

const synced = { channel: 'platform', companyId: 'tern', to: 'https://platform.example', about: '812' } as const;

describe('deliveries', () => {
  it('reach their receiver once', async () => {
    const { deliveries, received } = createScene();
    await deliveries.put('a', synced);
    expect(await deliveries.deliverDue()).toEqual({ delivered: 1, failed: 0, givenUp: 0 });
    await deliveries.deliverDue();
    expect(received).toHaveLength(1);
  });

  it('go out once from two processes that look at the same moment', async () => {
    const { deliveries, process, received } = createScene();
    const other = process();
    for (const id of ['a', 'b', 'c']) await deliveries.put(id, { ...synced, about: id });
    await Promise.all([deliveries.deliverDue(), other.deliverDue()]);
    expect(received).toHaveLength(3);
  });

  it('are sent again under the same id and with the same bytes', async () => {
    let answers = 0;
    const { deliveries, received, pass } = createScene(() =>
      (answers += 1) < 3 ? { outcome: 'failed', why: 'answered 500' } : { outcome: 'delivered' },
    );
    await deliveries.put('a', synced);
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await deliveries.deliverDue();
      pass(HOUR);
    }
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ messageId, content }) => `${messageId} ${content}`)).size).toBe(1);
  });

  it('are tried ten times over three days and then given up, visibly', async () => {
    const { deliveries, received, givenUp, pass, hoursSince } = createScene(() => ({ outcome: 'failed', why: 'answered 500' }));
    await deliveries.put('a', synced);
    while (givenUp.length === 0 && hoursSince() < 200) {
      await deliveries.deliverDue();
      pass(60_000);
    }
    expect(received).toHaveLength(10);
    expect(Math.round(hoursSince())).toBe(76);
    expect(await deliveries.waiting()).toEqual({ waiting: 0, givenUp: 1 });
  });

  it('wait as long as the receiver asks', async () => {
    const { deliveries, received, pass } = createScene(() => ({ outcome: 'failed', why: 'answered 429', retryAfterMs: 2 * HOUR }));
    await deliveries.put('a', synced);
    await deliveries.deliverDue();
    pass(HOUR);
    await deliveries.deliverDue();
    expect(received).toHaveLength(1);
    pass(HOUR);
    await deliveries.deliverDue();
    expect(received).toHaveLength(2);
  });

  it('stop at once when the receiver is gone for good', async () => {
    const { deliveries, givenUp } = createScene(() => ({ outcome: 'gone', why: 'answered 410' }));
    await deliveries.put('a', synced);
    await deliveries.deliverDue();
    expect(givenUp).toHaveLength(1);
  });

  it('do not all find out that one receiver is down', async () => {
    const { deliveries, received } = createScene(() => ({ outcome: 'failed', why: 'ECONNREFUSED' }));
    for (let id = 0; id < 100; id += 1) await deliveries.put(String(id).padStart(3, '0'), { ...synced, about: String(id) });
    await deliveries.deliverDue();
    expect(received.length).toBeLessThanOrEqual(8);
  });

  it('tell the newest of several messages about the same thing', async () => {
    const { deliveries, received } = createScene();
    await deliveries.put('synced|tern|812', synced);
    await deliveries.put('synced|tern|812', synced);
    await deliveries.deliverDue();
    expect(received).toHaveLength(1);
  });

  it('keep a message that replaced one under way', async () => {
    let scene: ReturnType<typeof createScene> | undefined;
    let replaced = false;
    scene = createScene(() => {
      if (!replaced) void scene?.deliveries.put('a', synced);
      replaced = true;
      return { outcome: 'delivered' };
    });
    await scene.deliveries.put('a', synced);
    await scene.deliveries.deliverDue();
    await scene.deliveries.deliverDue();
    expect(scene.received).toHaveLength(2);
    expect(new Set(scene.received.map(({ messageId }) => messageId)).size).toBe(2);
  });

  it('are not lost when their process dies between sending and noting it', async () => {
    let answers = 0;
    const { deliveries, process, received, pass } = createScene(() => {
      answers += 1;
      if (answers === 1) throw new Error('killed');
      return { outcome: 'delivered' };
    });
    await deliveries.put('a', synced);
    await deliveries.deliverDue();
    pass(3 * 60_000);
    expect(await process().deliverDue()).toEqual({ delivered: 1, failed: 0, givenUp: 0 });
    expect(received).toHaveLength(1);
  });

  it('leave what comes later alone', async () => {
    const { deliveries, received, pass } = createScene();
    await deliveries.put('a', synced, { delayMs: 60_000 });
    await deliveries.deliverDue();
    expect(received).toHaveLength(0);
    pass(60_000);
    await deliveries.deliverDue();
    expect(received).toHaveLength(1);
  });
});
