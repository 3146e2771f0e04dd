import PQueue from 'p-queue';
import type { FlushClock } from '@vesper/outbox/flusher';
import type { Store } from '@vesper/outbox/store';
import type { Logger } from '../logger.ts';
import type { SendResult } from './post-webhook.ts';

export type Channel = 'email' | 'webhook' | 'platform';

/** One message to somebody outside, kept until it is delivered or given up. */
export interface Delivery {
  channel: Channel;
  companyId: string;
  /** The same over all attempts: receivers recognise repetitions by it. */
  messageId: string;
  /** An address: a URL, or e-mail addresses. Messages to one that fails wait together. */
  to: string;
  /** The exact text sent. Absent until the first attempt when the channel makes it; never changed afterwards. */
  content?: string;
  /** What the channel makes the content from, e.g. an inspection's id. */
  about?: string;
  state: 'waiting' | 'given_up' | 'delivered';
  attempts: number;
  createdAt: string;
  nextAt: string;
  /** Of the last attempt. */
  why?: string;
}

export interface ChannelSender {
  /** Makes the content at the first attempt; `undefined` when there is nothing to say after all. */
  make?(delivery: Delivery): Promise<string | undefined>;
  send(delivery: Delivery & { content: string }): Promise<SendResult>;
}

export interface Deliveries {
  /** Durable when it resolves. The same `id` again replaces a message that waits. */
  put(
    id: string,
    message: Pick<Delivery, 'channel' | 'companyId' | 'to' | 'content' | 'about'>,
    options?: { delayMs?: number },
  ): Promise<void>;
  /** Sends all that is due, once each. Returns what became of them. */
  deliverDue(signal?: AbortSignal): Promise<{ delivered: number; failed: number; givenUp: number }>;
  waiting(): Promise<{ waiting: number; givenUp: number; oldestAt?: string }>;
}

const KIND = 'delivery';
const PAGE = 200;
const AT_ONCE = 8;
/** Another process sends it again if this one dies in the middle. */
const CLAIM_MS = 120_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The sample schedule of Standard Webhooks: ten attempts over 75 h 35 min. */
const BACK_OFF_MS = [5_000, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
const KEEP_GIVEN_UP_MS = 30 * 24 * HOUR;

/**
 * Messages to the outside as records of the store: put before the effect they tell of, sent with back-off until they are answered, by whichever
 * process comes first. A receiver may hear one twice, never not at all unless it refuses for three days.
 */
export function createDeliveries({
  store,
  clock,
  logger,
  channels,
  random = Math.random,
  onGivenUp,
}: {
  store: Store;
  clock: FlushClock;
  logger: Logger;
  channels: Partial<Record<Channel, ChannelSender>>;
  /** 0 ≤ x < 1, for jitter. */
  random?: () => number;
  onGivenUp?: (delivery: Delivery) => void;
}): Deliveries {
  /** Receivers that failed, until when they are left alone: a thousand messages must not each find out. */
  const restingUntil = new Map<string, number>();

  const deliver = async (
    id: string,
    { value, version }: { value: Delivery; version: number },
  ): Promise<'delivered' | 'failed' | 'givenUp' | undefined> => {
    if ((restingUntil.get(value.to) ?? 0) > clock.now()) return undefined;
    const attempts = value.attempts + 1;
    const claimed = { ...value, attempts, nextAt: instant(clock.now() + CLAIM_MS) };
    const claim = await store.putRecord(KIND, id, claimed, { expectedVersion: version });
    if (claim.outcome === 'changed_meanwhile') return undefined;
    const sender = channels[value.channel];
    const content = value.content ?? (await sender?.make?.(value));
    const made = { ...claimed, ...(content !== undefined && { content }) };
    let expectedVersion = claim.version;
    if (value.content === undefined && content !== undefined) {
      const kept = await store.putRecord(KIND, id, made, { expectedVersion });
      if (kept.outcome === 'changed_meanwhile') return undefined;
      expectedVersion = kept.version;
    }
    const result: SendResult =
      content === undefined ? { outcome: 'delivered' } : ((await sender?.send({ ...made, content })) ?? NO_CHANNEL);
    return conclude(id, made, { result, expectedVersion });
  };

  const conclude = async (
    id: string,
    delivery: Delivery,
    { result, expectedVersion }: { result: SendResult; expectedVersion: number },
  ): Promise<'delivered' | 'failed' | 'givenUp'> => {
    const { channel, companyId, messageId, attempts } = delivery;
    // A message that replaced this one meanwhile has another version and is left alone.
    const keep = (changes: Partial<Delivery>, keptMs?: number) =>
      store.putRecord(
        KIND,
        id,
        { ...delivery, ...changes },
        { expectedVersion, ...(keptMs !== undefined && { expiresAt: instant(clock.now() + keptMs) }) },
      );
    if (result.outcome === 'delivered') {
      restingUntil.delete(delivery.to);
      await keep({ state: 'delivered' }, MINUTE);
      return 'delivered';
    }
    const pauseMs = result.outcome === 'failed' ? BACK_OFF_MS[attempts - 1] : undefined;
    if (pauseMs === undefined) {
      await keep({ state: 'given_up', why: result.why }, KEEP_GIVEN_UP_MS);
      logger.error({ channel, companyId, messageId, attempts, why: result.why }, 'message given up');
      onGivenUp?.(delivery);
      return 'givenUp';
    }
    const waitMs = Math.max(pauseMs * (1 + random() / 4), result.outcome === 'failed' ? (result.retryAfterMs ?? 0) : 0);
    restingUntil.set(delivery.to, clock.now() + Math.min(waitMs, 5 * MINUTE));
    await keep({ nextAt: instant(clock.now() + waitMs), why: result.why });
    logger.warn({ channel, companyId, messageId, attempts, why: result.why, waitMs: Math.round(waitMs) }, 'message not delivered yet');
    return 'failed';
  };

  return {
    async put(id, message, { delayMs = 0 } = {}) {
      const now = clock.now();
      const delivery: Delivery = {
        ...message,
        messageId: `msg_${clock.newId()}`,
        state: 'waiting',
        attempts: 0,
        createdAt: instant(now),
        nextAt: instant(now + delayMs),
      };
      await store.putRecord(KIND, id, delivery, { expectedVersion: 'any' });
    },

    async deliverDue(signal) {
      const sums = { delivered: 0, failed: 0, givenUp: 0 };
      const queue = new PQueue({ concurrency: AT_ONCE });
      for await (const { id, ...record } of all(store)) {
        if (signal?.aborted) break;
        if (record.value.state !== 'waiting' || record.value.nextAt > instant(clock.now())) continue;
        await queue.onSizeLessThan(AT_ONCE);
        void queue.add(async () => {
          try {
            const outcome = await deliver(id, record);
            if (outcome) sums[outcome] += 1;
          } catch (error) {
            logger.error({ err: error, channel: record.value.channel, companyId: record.value.companyId }, 'delivery broke off');
          }
        });
      }
      await queue.onIdle();
      return sums;
    },

    async waiting() {
      let waiting = 0;
      let givenUp = 0;
      let oldestAt: string | undefined;
      for await (const { value } of all(store)) {
        if (value.state === 'given_up') givenUp += 1;
        if (value.state !== 'waiting') continue;
        waiting += 1;
        if (oldestAt === undefined || value.createdAt < oldestAt) oldestAt = value.createdAt;
      }
      return { waiting, givenUp, ...(oldestAt !== undefined && { oldestAt }) };
    },
  };
}

const NO_CHANNEL: SendResult = { outcome: 'failed', why: 'this service is not set up to send such messages' };

async function* all(store: Store): AsyncGenerator<{ id: string; value: Delivery; version: number }> {
  for (let after: string | undefined; ;) {
    const page = await store.listRecords<Delivery>(KIND, { ...(after !== undefined && { after }), limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.id;
  }
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
