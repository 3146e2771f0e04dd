import type { FlushClock } from '@vesper/outbox/flusher';
import type { Store } from '@vesper/outbox/store';
import { loadCompany } from '../company.ts';
import { inspectionStatus } from '../inspection-status.ts';
import type { ChannelSender, Deliveries } from '../outgoing/deliveries.ts';
import type { PostWebhook } from '../outgoing/post-webhook.ts';
import { signWebhook } from '../outgoing/sign-webhook.ts';

/** The platform's address for events from us, and the secrets it knows; every secret signs. */
export interface PlatformAddress {
  url: string;
  secrets: readonly string[];
}

/** One message tells all that a run did to an inspection, so it waits for the run's later batches. */
const SETTLE_MS = 60_000;

/** Durable notes that inspections were synchronised; several notes of one inspection become one event. */
export async function noteSynced(
  deliveries: Deliveries,
  { url }: PlatformAddress,
  { companyId, inspectionIds }: { companyId: string; inspectionIds: ReadonlySet<string> },
): Promise<void> {
  await Promise.all(
    [...inspectionIds].map((inspectionId) =>
      deliveries.put(
        `synced|${companyId}|${inspectionId}`,
        { channel: 'platform', companyId, to: url, about: inspectionId },
        { delayMs: SETTLE_MS },
      ),
    ),
  );
}

/**
 * Sends `inspection.synced` to the platform: the same shape as `GET /v1/companies/{id}/inspections/{inspectionId}`, as it is at the first attempt.
 * Delivered at least once; a repetition has the same `webhook-id`.
 */
export function createPlatformChannel({
  store,
  clock,
  post,
  platform,
}: {
  store: Store;
  clock: FlushClock;
  post: PostWebhook;
  platform: PlatformAddress;
}): ChannelSender {
  return {
    async make({ companyId, about = '' }) {
      const company = await loadCompany(store, companyId);
      const status = company && (await inspectionStatus(store, company, about, clock.now()));
      if (!status) return undefined;
      return JSON.stringify({
        type: 'inspection.synced',
        timestamp: new Date(clock.now()).toISOString(),
        data: { companyId, ...status },
      });
    },
    send: ({ messageId, content }) =>
      post({
        url: platform.url,
        headers: signWebhook(platform.secrets, { webhookId: messageId, nowMs: clock.now(), body: content }),
        body: content,
      }),
  };
}
