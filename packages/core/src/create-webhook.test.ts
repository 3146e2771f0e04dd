import { expect, it } from 'vitest';
import { inspectionEvent } from '../test/events.ts';
import { CoreError } from './core-error.ts';
import { afterAnswer, createWebhook } from './create-webhook.ts';
import { verifyWebhook } from './webhook.ts';

const OLD = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const NEW = 'whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldC0wMA==';
const AT = 1_780_000_000;

it('makes a request the receiver verifies, with the old secret and with the new', () => {
  const { headers, body, method } = createWebhook([OLD, NEW]).request(inspectionEvent(), { id: 'msg_1', nowSeconds: AT });
  expect(method).toBe('POST');
  for (const secret of [OLD, NEW]) {
    const verified = verifyWebhook({ body: new TextEncoder().encode(body), headers: { ...headers }, secrets: [secret], nowSeconds: AT });
    expect(verified.outcome).toBe('verified');
  }
});

it('sends through the fetch it is given, and follows no redirect', () => {
  const sent = createWebhook(OLD).send(inspectionEvent(), {
    url: 'https://vesper.example/webhooks/vesper',
    id: 'msg_1',
    nowSeconds: AT,
    fetch: (url, request) => ({ url, request }),
  });
  expect(sent).toMatchObject({ url: 'https://vesper.example/webhooks/vesper', request: { method: 'POST', redirect: 'manual' } });
});

it('refuses a bad secret when it is created, not when the first event is lost', () => {
  expect(() => createWebhook('whsec_')).toThrow(CoreError);
});

it.each([
  [200, { outcome: 'accepted' }],
  [202, { outcome: 'accepted' }],
  [422, { outcome: 'refused' }],
  [409, { outcome: 'refused' }],
  [301, { outcome: 'again', afterSeconds: 5 }],
  [401, { outcome: 'again', afterSeconds: 5 }],
  [503, { outcome: 'again', afterSeconds: 5 }],
  [undefined, { outcome: 'again', afterSeconds: 5 }],
])('after a first answer of %s: %o', (status, expected) => {
  expect(afterAnswer({ status, attempt: 1 })).toEqual(expected);
});

it('waits as long as it is asked to, and never shorter than the schedule', () => {
  expect(afterAnswer({ status: 503, retryAfter: '60', attempt: 1 })).toEqual({ outcome: 'again', afterSeconds: 60 });
  expect(afterAnswer({ status: 503, retryAfter: '60', attempt: 3 })).toEqual({ outcome: 'again', afterSeconds: 1_800 });
  expect(afterAnswer({ status: 503, retryAfter: 'Wed, 21 Oct 2026 07:28:00 GMT', attempt: 1 })).toEqual({
    outcome: 'again',
    afterSeconds: 5,
  });
});

it('gives up after ten attempts', () => {
  expect(afterAnswer({ status: 503, attempt: 9 }).outcome).toBe('again');
  expect(afterAnswer({ status: 503, attempt: 10 })).toEqual({ outcome: 'given_up' });
});
