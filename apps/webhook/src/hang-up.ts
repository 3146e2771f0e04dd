import type { HttpClient, HttpResult } from '@vesper/qbo-adapter/http-client';

/**
 * A client that stops waiting when the process must end: what was on the wire then has an unknown outcome and is sealed, so the next start
 * resends it byte for byte; what would have been sent is not.
 */
export function withHangUp(http: HttpClient, hangUp: AbortSignal): HttpClient {
  return async (request) => {
    const startedAtMs = performance.now();
    const noAnswer = (why: 'not_sent' | 'connection'): HttpResult => ({
      kind: 'no_answer',
      why,
      message: 'Vesper is shutting down',
      ms: Math.round(performance.now() - startedAtMs),
    });
    if (hangUp.aborted) return noAnswer('not_sent');
    const waited = new AbortController();
    const hungUp = new Promise<HttpResult>((resolve) => {
      hangUp.addEventListener('abort', () => resolve(noAnswer('connection')), { once: true, signal: waited.signal });
    });
    try {
      return await Promise.race([http(request), hungUp]);
    } finally {
      waited.abort();
    }
  };
}
