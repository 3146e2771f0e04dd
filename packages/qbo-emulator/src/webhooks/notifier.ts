import { randomUUID } from 'node:crypto';
import type { Settings } from '../state/settings.ts';
import type { World } from '../state/world.ts';
import type { Notice } from './notice.ts';
import { cloudEventsBody, isCovered, legacyBody, signature } from './notice.ts';

type Target = NonNullable<Settings['webhooks']>;

const MINUTE_MS = 60_000;
/** Intuit webhooks page: an answer within 3 s, retries after 20, 30 and 50 minutes on these statuses, then dropped. */
const timeoutMs = 3_000;
const retryMinutes = [20, 30, 50];
const retriedStatuses = new Set([408, 500, 502, 503, 504]);

export type Notifier = {
  readonly tell: (notice: Notice) => void;
  /** Resolves once everything told so far has been sent. */
  readonly sent: () => Promise<void>;
};

/**
 * Sends changes to the URL in the company's settings. Changes made together go in one body; `doubled` sends each body
 * twice, `outOfOrder` the latest change first. Retries wait for the emulator's clock.
 */
export function createNotifier(world: World, send: typeof fetch): Notifier {
  let queue: Notice[] = [];
  let flushing: Promise<void> | undefined;

  async function flush(): Promise<void> {
    await Promise.resolve();
    while (queue.length > 0) {
      const told = queue;
      queue = [];
      for (const [realmId, notices] of Map.groupBy(told, ({ realmId }) => realmId)) {
        const target = world.companies.get(realmId)?.settings.webhooks;
        if (target) await deliverAll(notices, target);
      }
    }
    flushing = undefined;
  }

  async function deliverAll(notices: readonly Notice[], target: Target): Promise<void> {
    const ordered = target.outOfOrder ? notices.toReversed() : notices;
    const body = target.shape === 'legacy' ? legacyBody(ordered) : cloudEventsBody(ordered);
    for (let copy = 0; copy < (target.doubled ? 2 : 1); copy += 1) await deliver(body, { target, attempt: 0 });
  }

  async function deliver(body: string, { target, attempt }: { target: Target; attempt: number }): Promise<void> {
    if (!(await isRetried(body, target))) return;
    const minutes = retryMinutes[attempt];
    if (minutes === undefined) return;
    world.defer(world.clock.now() + minutes * MINUTE_MS, () => void deliver(body, { target, attempt: attempt + 1 }));
  }

  /** Whether the receiver answered so that Intuit would try again; one that cannot be reached counts as 504. */
  async function isRetried(body: string, { url, verifierToken }: Target): Promise<boolean> {
    const headers = {
      'Content-Type': 'application/json',
      'intuit-signature': signature(body, verifierToken),
      'intuit-created-time': new Date(world.clock.now()).toISOString(),
      'intuit-t-id': randomUUID(),
      'intuit-notification-schema-version': '1.0',
    };
    try {
      const response = await send(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) });
      await response.arrayBuffer();
      return retriedStatuses.has(response.status);
    } catch {
      return true;
    }
  }

  return {
    tell: (notice) => {
      if (!isCovered(notice.name) || !world.companies.get(notice.realmId)?.settings.webhooks) return;
      queue.push(notice);
      flushing ??= flush();
    },
    sent: () => flushing ?? Promise.resolve(),
  };
}
