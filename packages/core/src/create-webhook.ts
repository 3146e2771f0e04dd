import type { PlatformEvent } from './event.ts';
import { type WebhookHeaders, parseSecret, signWebhook } from './webhook.ts';

/** A request that `fetch(url, request)` takes. Redirects are not followed: a receiver answers, it does not send on. */
export interface WebhookRequest {
  method: 'POST';
  headers: WebhookHeaders & { 'content-type': 'application/json' };
  body: string;
  redirect: 'manual';
}

/**
 * The sending side, for platforms. Keep the id of an event across attempts: the receiver knows an event by it. Ids hold no dot.
 * `secrets`: one, or both while one is being replaced. Throws a CoreError on a bad secret.
 */
export function createWebhook(secrets: string | readonly string[]) {
  const list = typeof secrets === 'string' ? [secrets] : secrets;
  for (const secret of list) parseSecret(secret);

  const sign = (message: { id: string; timestampSeconds: number; body: string | Uint8Array }): WebhookHeaders =>
    signWebhook({ secrets: list, ...message });

  const request = (event: PlatformEvent, { id, nowSeconds }: { id: string; nowSeconds: number }): WebhookRequest => {
    const body = JSON.stringify(event);
    return {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...sign({ id, timestampSeconds: nowSeconds, body }) },
      body,
      redirect: 'manual',
    };
  };

  /** Sends with the `fetch` given and answers what that answers. */
  const send = <Answer>(
    event: PlatformEvent,
    options: { url: string; id: string; nowSeconds: number; fetch: (url: string, request: WebhookRequest) => Answer },
  ): Answer => options.fetch(options.url, request(event, options));

  return { sign, request, send };
}

/** Seconds to wait before each further attempt: ten attempts over 75 h 35 min, the sample schedule of Standard Webhooks. */
const WAITS_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] as const;

/** Answers about the message itself. All others (a redirect, a secret being replaced, a service down) may be different next time. */
const HOPELESS = new Set([400, 409, 410, 413, 415, 422]);

export type NextAttempt =
  | { outcome: 'accepted' }
  /** Send the same event under the same id again. */
  | { outcome: 'again'; afterSeconds: number }
  /** Trying again cannot help: the message itself is wrong. */
  | { outcome: 'refused' }
  | { outcome: 'given_up' };

/** What to do after an answer. `status` undefined: none came. `attempt` counts from 1. */
export function afterAnswer(answer: { status: number | undefined; retryAfter?: string | null; attempt: number }): NextAttempt {
  const { status, retryAfter, attempt } = answer;
  if (status !== undefined && status >= 200 && status < 300) return { outcome: 'accepted' };
  if (status !== undefined && HOPELESS.has(status)) return { outcome: 'refused' };
  const usualSeconds = WAITS_SECONDS[attempt - 1];
  if (usualSeconds === undefined) return { outcome: 'given_up' };
  const askedSeconds = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : 0;
  return { outcome: 'again', afterSeconds: Math.max(usualSeconds, askedSeconds) };
}
