import { createHmac } from 'node:crypto';

/**
 * Headers of one Standard Webhooks 1.0.0 message over exact bytes. Every secret signs, so that a receiver may hold the old or the new one
 * while they are changed. The id stays the same over all attempts; the timestamp is that of the attempt.
 */
export function signWebhook(
  secrets: readonly string[],
  { webhookId, nowMs, body }: { webhookId: string; nowMs: number; body: string },
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${webhookId}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': webhookId, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
