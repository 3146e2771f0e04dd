import { createHmac } from 'node:crypto';

/** Posts one signed webhook as a platform does and answers the status. */
export async function sendWebhook(
  url: string,
  secret: string,
  { webhookId, event, nowMs }: { webhookId: string; event: unknown; nowMs: number },
): Promise<number> {
  const body = JSON.stringify(event);
  const timestamp = String(Math.floor(nowMs / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${webhookId}.${timestamp}.${body}`).digest('base64');
  const answer = await fetch(`${url}/webhooks/vesper`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': webhookId,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}
