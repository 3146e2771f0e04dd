import { redact } from './redact.ts';

/** One exchange with QuickBooks. `no_answer` proves nothing, what was sent may have been carried out; save `not_sent`, when no connection came about. */
export type HttpResult =
  | { kind: 'answer'; status: number; body: string; intuitTid?: string; retryAfterMs?: number; ms: number }
  | { kind: 'no_answer'; why: 'not_sent' | 'timeout' | 'connection' | 'truncated'; message: string; ms: number };

export interface HttpRequest {
  method: 'GET' | 'POST';
  /** Below the base URL, starting with "/". */
  path: string;
  query?: Record<string, string>;
  body?: Uint8Array | string;
  contentType?: string;
  token: string;
}

export type HttpClient = (request: HttpRequest) => Promise<HttpResult>;

/** The only hosts a QuickBooks token is ever sent to; an emulator's address is allowed besides when it is named as such. */
const HOSTS = {
  production: 'https://quickbooks.api.intuit.com',
  sandbox: 'https://sandbox-quickbooks.api.intuit.com',
} as const;

export type QboEnvironment = 'sandbox' | 'production' | 'emulator';

/** QuickBooks itself may take 120 s; giving up earlier would make unknown outcomes out of slow ones. */
const TIMEOUT_MS = 130_000;
/** 1,000 full records fit; an answer without end does not. */
const MOST_BYTES = 64 * 1024 * 1024;

export function baseUrlOf(environment: QboEnvironment, emulatorUrl?: string): string {
  if (environment !== 'emulator') return HOSTS[environment];
  if (emulatorUrl === undefined) throw new TypeError('the emulator environment needs the address of an emulator');
  const url = new URL(emulatorUrl);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError(`an emulator speaks HTTP, not ${url.protocol}`);
  if (Object.values(HOSTS).includes(url.origin as (typeof HOSTS)['sandbox'])) throw new TypeError('that is QuickBooks, not an emulator');
  return url.origin;
}

/** Fetch with what money needs: a long timeout, no redirects, no token in any text, both spellings of intuit_tid. */
export function createHttpClient({
  environment,
  emulatorUrl,
  timeoutMs = TIMEOUT_MS,
  fetch = globalThis.fetch,
}: {
  environment: QboEnvironment;
  emulatorUrl?: string;
  timeoutMs?: number;
  fetch?: typeof globalThis.fetch;
}): HttpClient {
  const base = baseUrlOf(environment, emulatorUrl);
  return async ({ method, path, query = {}, body, contentType = 'application/json', token }) => {
    const url = new URL(`${base}${path}`);
    if (url.origin !== base) throw new TypeError('a request may not leave the QuickBooks host');
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    const timeout = AbortSignal.timeout(timeoutMs);
    const startedAt = performance.now();
    const elapsed = () => Math.round(performance.now() - startedAt);
    let answered = false;
    try {
      const response = await fetch(url, {
        method,
        redirect: 'manual',
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': `${contentType}${contentType.includes('charset') ? '' : '; charset=utf-8'}` }),
        },
        ...(body !== undefined && { body: body as RequestInit['body'] & {} }),
        signal: timeout,
      });
      answered = true;
      const text = await readText(response);
      const intuitTid = response.headers.get('intuit_tid') ?? response.headers.get('intuit-tid');
      const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'));
      return {
        kind: 'answer',
        status: response.status,
        body: text,
        ms: elapsed(),
        ...(intuitTid !== null && { intuitTid }),
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      };
    } catch (error) {
      const why = timeout.aborted ? 'timeout' : answered ? 'truncated' : wasNeverSent(error) ? 'not_sent' : 'connection';
      return { kind: 'no_answer', why, message: redact(describe(error), [token]), ms: elapsed() };
    }
  };
}

/** Refused, or no such host: then not a byte has left. */
function wasNeverSent(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && NEVER_SENT.has(String(cause.code));
}

const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

async function readText(response: Response): Promise<string> {
  if (!response.body) return '';
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of response.body) {
    const bytes = chunk as Uint8Array;
    size += bytes.byteLength;
    if (size > MOST_BYTES) throw new RangeError(`the answer is larger than ${MOST_BYTES} bytes`);
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

/** Seconds only: nobody has seen Intuit send a date. More than an hour is not believed. */
function parseRetryAfter(header: string | null): number | undefined {
  const seconds = header === null ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 && seconds <= 3_600 ? seconds * 1_000 : undefined;
}

/** "fetch failed" says nothing; its cause does. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : undefined;
  const code = cause && 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
  return `${error.message}${cause ? `: ${cause.message}${code}` : ''}`;
}
