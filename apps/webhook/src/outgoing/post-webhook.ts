import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { useAgent } from 'request-filtering-agent';

/** What became of one sending. Only `delivered` is a success; `gone` means that the receiver wants nothing more. */
export type SendResult =
  | { outcome: 'delivered' }
  | { outcome: 'gone'; why: string }
  | { outcome: 'failed'; why: string; retryAfterMs?: number };

export interface WebhookMessage {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export type PostWebhook = (message: WebhookMessage) => Promise<SendResult>;

const TIMEOUT_MS = 15_000;
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;

/**
 * Posts JSON once. Redirects are failures. Unless `allowPrivate`, the request goes to public addresses only, whatever the name resolves to:
 * a company's administrator chooses the address, and must not reach what stands behind our own firewall with it.
 */
export function createPostWebhook({ allowPrivate }: { allowPrivate: boolean }): PostWebhook {
  return ({ url, headers, body }) =>
    new Promise((resolve) => {
      const target = new URL(url);
      if (target.protocol !== 'https:' && !allowPrivate) {
        resolve({ outcome: 'failed', why: 'the address is not https' });
        return;
      }
      const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
      const sent = send(
        target,
        {
          method: 'POST',
          agent: useAgent(url, { allowPrivateIPAddress: allowPrivate }),
          signal: AbortSignal.timeout(TIMEOUT_MS),
          headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'vesper', 'content-length': Buffer.byteLength(body) },
        },
        (answer) => {
          // The body is nobody's business; it is read away so that the connection can be used again.
          answer.resume();
          resolve(toResult(answer.statusCode ?? 0, answer.headers['retry-after']));
        },
      );
      sent.on('error', (error) => resolve({ outcome: 'failed', why: whyOf(error) }));
      sent.end(body);
    });
}

function toResult(status: number, retryAfter: string | undefined): SendResult {
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  if (status === 410) return { outcome: 'gone', why: 'answered 410: the receiver wants no more of these' };
  const seconds = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : undefined;
  return {
    outcome: 'failed',
    why: `answered ${status}`,
    ...(seconds !== undefined && { retryAfterMs: Math.min(seconds * 1_000, LONGEST_RETRY_AFTER_MS) }),
  };
}

/** A code, never the message: that may name addresses. */
function whyOf(error: Error): string {
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1_000} s`;
  if (/is not allowed/.test(error.message)) return 'the address is not a public one';
  return 'code' in error && typeof error.code === 'string' ? error.code : 'the connection broke';
}
