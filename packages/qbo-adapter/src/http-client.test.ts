import { expect, test } from 'vitest';
import { baseUrlOf, createHttpClient, type HttpResult } from './http-client.ts';

const exchange = (answer: () => Promise<Response>) => {
  const requests: { url: string; init: RequestInit | undefined }[] = [];
  const client = createHttpClient({
    environment: 'production',
    timeoutMs: 1_000,
    fetch: (url, init) => {
      requests.push({ url: url instanceof URL ? url.href : '', init });
      return answer();
    },
  });
  return {
    requests,
    send: (path = '/v3/company/1/query') => client({ method: 'GET', path, query: { minorversion: '75' }, token: 'secret-token-1' }),
  };
};
const respond =
  (body: string, init: ResponseInit = {}) =>
  () =>
    Promise.resolve(new Response(body, init));

test('speaks to QuickBooks, to its sandbox, or to a named emulator, and to nothing else', () => {
  expect(baseUrlOf('production')).toBe('https://quickbooks.api.intuit.com');
  expect(baseUrlOf('sandbox')).toBe('https://sandbox-quickbooks.api.intuit.com');
  expect(baseUrlOf('emulator', 'http://127.0.0.1:9000/')).toBe('http://127.0.0.1:9000');
  expect(() => baseUrlOf('emulator')).toThrow('address');
  expect(() => baseUrlOf('emulator', 'file:///etc/passwd')).toThrow('HTTP');
  expect(() => baseUrlOf('emulator', 'https://quickbooks.api.intuit.com')).toThrow('not an emulator');
});

// A path that escapes the host would carry the token elsewhere.
test('never leaves the host', async () => {
  const { send, requests } = exchange(respond('{}'));
  await expect(send('@evil.example/')).rejects.toThrow('leave the QuickBooks host');
  expect(requests).toEqual([]);
});

test('asks for JSON, does not follow redirects, and reads intuit_tid in either spelling', async () => {
  const { send, requests } = exchange(
    respond('{}', { status: 302, headers: { location: 'https://evil.example', 'intuit-tid': 't1', 'retry-after': '30' } }),
  );
  expect(await send()).toMatchObject({ kind: 'answer', status: 302, intuitTid: 't1', retryAfterMs: 30_000 });
  expect(requests[0]?.init).toMatchObject({ redirect: 'manual', headers: { accept: 'application/json' } });
  expect(requests[0]?.url).toBe('https://quickbooks.api.intuit.com/v3/company/1/query?minorversion=75');
  const { send: other } = exchange(respond('{}', { headers: { intuit_tid: 't2' } }));
  expect(await other()).toMatchObject({ intuitTid: 't2' });
});

const broken =
  (code: string, message = 'broken') =>
  () =>
    Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) }));

test.each<[string, () => Promise<Response>, Partial<HttpResult>]>([
  ['a refused connection, which proves that nothing was sent', broken('ECONNREFUSED'), { kind: 'no_answer', why: 'not_sent' }],
  ['a broken connection, which proves nothing', broken('ECONNRESET'), { kind: 'no_answer', why: 'connection' }],
])('tells %s', async (_, answer, expected) => {
  expect(await exchange(answer).send()).toMatchObject(expected);
});

test('keeps the token out of what it says went wrong', async () => {
  const result = await exchange(broken('ECONNRESET', 'header authorization: Bearer secret-token-1 was cut')).send();
  expect(JSON.stringify(result)).not.toContain('secret-token-1');
});
