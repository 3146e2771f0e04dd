import { randomBytes } from 'node:crypto';
import type { FlushClock } from '@vesper/outbox/flusher';
import type { Store } from '@vesper/outbox/store';
import type { ChannelSender } from '../outgoing/deliveries.ts';
import type { PostWebhook } from '../outgoing/post-webhook.ts';
import { signWebhook } from '../outgoing/sign-webhook.ts';

export const NOTICE_SECRET = 'notice_webhook';
/** How long the secret before goes on signing beside the new one. */
const OVERLAP_MS = 24 * 3_600_000;

interface NoticeSecrets {
  current: string;
  previous?: { secret: string; until: string };
}

/** Notices by Standard Webhooks, each company with a secret of its own: the event type is `vesper.notice`. */
export function createWebhookChannel({ store, clock, post }: { store: Store; clock: FlushClock; post: PostWebhook }): ChannelSender {
  return {
    async send({ companyId, to, content, messageId }) {
      const { current, previous } = await secretsOf(store, companyId);
      const secrets = previous && previous.until > new Date(clock.now()).toISOString() ? [current, previous.secret] : [current];
      const body = JSON.stringify({
        type: 'vesper.notice',
        timestamp: new Date(clock.now()).toISOString(),
        data: JSON.parse(content) as unknown,
      });
      return post({ url: to, headers: signWebhook(secrets, { webhookId: messageId, nowMs: clock.now(), body }), body });
    },
  };
}

/** A new secret for a company's notice webhook; the one before signs too for a day, so that the receiver can change over. */
export async function rotateNoticeSecret(store: Store, companyId: string, nowMs: number): Promise<string> {
  const fresh = makeSecret();
  for (;;) {
    const known = await store.getSecret(companyId, NOTICE_SECRET);
    const before = known && (JSON.parse(known.value) as NoticeSecrets);
    const secrets: NoticeSecrets = {
      current: fresh,
      ...(before && { previous: { secret: before.current, until: new Date(nowMs + OVERLAP_MS).toISOString() } }),
    };
    if (await store.putSecret(companyId, NOTICE_SECRET, JSON.stringify(secrets), known?.version ?? 'new')) return fresh;
  }
}

/** The company's secrets; the first is made when none was asked for yet. */
async function secretsOf(store: Store, companyId: string): Promise<NoticeSecrets> {
  for (;;) {
    const known = await store.getSecret(companyId, NOTICE_SECRET);
    if (known) return JSON.parse(known.value) as NoticeSecrets;
    await store.putSecret(companyId, NOTICE_SECRET, JSON.stringify({ current: makeSecret() } satisfies NoticeSecrets), 'new');
  }
}

function makeSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
