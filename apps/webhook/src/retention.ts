import { Cron } from 'croner';
import type { FlushClock } from '@vesper/outbox/flusher';
import type { Store } from '@vesper/outbox/store';
import type { Logger } from './logger.ts';

const DAY_MS = 86_400_000;
/** Entries redacted by one write, so that webhooks get their turn in between. */
const STEP = 500;

export interface RetentionRoom {
  store: Pick<Store, 'redactBodies'>;
  clock: Pick<FlushClock, 'now'>;
  logger: Logger;
  /** How long the body of a settled entry is kept. */
  days: number;
}

/**
 * Drops the bodies of settled entries older than `days`: what a platform sent holds people's names and addresses. Ids, hashes and states
 * stay for ever, and so does the ledger: a webhook sent again is still a duplicate, and a document posted stays posted.
 * Answers how many were dropped.
 */
export async function dropOldBodies({ store, clock, days }: RetentionRoom, signal?: AbortSignal): Promise<number> {
  const before = new Date(clock.now() - days * DAY_MS).toISOString();
  let dropped = 0;
  const isOver = () => signal?.aborted === true;
  for (let step = STEP; step === STEP && !isOver(); dropped += step) step = await store.redactBodies(before, STEP);
  return dropped;
}

/** Once a day, when most companies' evenings are over. Several processes may do it at once. */
export function startRetention(room: RetentionRoom, signal: AbortSignal): Cron {
  return new Cron(
    '0 30 9 * * *',
    {
      timezone: 'Etc/UTC',
      unref: true,
      protect: true,
      catch: (error) => room.logger.error({ err: error }, 'dropping old bodies failed; tomorrow it is tried again'),
    },
    async () => {
      const dropped = await dropOldBodies(room, signal);
      if (dropped > 0) room.logger.info({ dropped, days: room.days }, 'bodies of old entries dropped');
    },
  );
}
