import { randomBytes } from 'node:crypto';
import type { Answer } from './exchange.ts';
import type { FaultError, QboFault } from './faults.ts';
import { localise } from './localise.ts';

const tidPrefix = randomBytes(8).toString('hex');
let tids = 0;

/** Every answer has one; the form is recorded (`1-5f734f0e-58baa045003ab251111c54e6`). */
function intuitTid(now: number): string {
  tids += 1;
  return `1-${Math.floor(now / 1_000).toString(16)}-${tidPrefix}${tids.toString(16).padStart(8, '0')}`;
}

const caching = 'max-age=0, no-cache, no-store, must-revalidate, private';

/** Headers of a served request, as recorded. */
export function served(body: string, now: number): Answer {
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/json;charset=utf-8',
      intuit_tid: intuitTid(now),
      'Qbo-Version': '1944.190',
      'Service-Time': 'total=1, db=0',
      'Cache-Control': caching,
    },
    body,
  };
}

/** Recorded: 4xx answers have no charset, Qbo-Version or Service-Time. */
export function bare(
  status: number,
  body: string,
  { now, contentType = 'application/json' }: { now: number; contentType?: string },
): Answer {
  const headers = { 'Content-Type': contentType, intuit_tid: intuitTid(now), 'Cache-Control': caching };
  return { status, headers, body };
}

export type Language = 'en' | 'fr';

/** Shape A of Intuit's faults: upper-case keys, `code` a string. */
export function faultJson(fault: QboFault, language: Language): string {
  const Error = fault.errors.map((error) => errorFields(localise(error, language)));
  return JSON.stringify({ Error, type: fault.type });
}

function errorFields({ message, detail, code, element }: FaultError): object {
  return element === undefined ? { Message: message, Detail: detail, code } : { Message: message, Detail: detail, code, element };
}

/** Recorded: a 2030 has no `time`. */
export function faultAnswer(
  fault: QboFault,
  { time, now, language, xml }: { time: string; now: number; language: Language; xml: boolean },
): Answer {
  if (xml) {
    const errors = fault.errors.map((error) => localise(error, language));
    return bare(fault.status, xmlFault({ errors, type: fault.type, time }), { now, contentType: 'application/xml' });
  }
  const timed = fault.errors.some(({ code }) => code === '2030') ? '' : `,"time":"${time}"`;
  return bare(fault.status, `{"Fault":${faultJson(fault, language)}${timed}}`, { now });
}

/** Shape B, the gateway's: lower-case keys, epoch time, and the token echoed (recorded for authentication). */
export function gatewayJson(
  { message, detail, code, type }: { message: string; detail: string; code: string; type: string },
  now: number,
): string {
  return JSON.stringify({
    warnings: null,
    intuitObject: null,
    fault: { error: [{ message, detail, code, element: null }], type },
    report: null,
    queryResponse: null,
    batchItemResponse: [],
    attachableResponse: [],
    syncErrorResponse: null,
    requestId: null,
    time: now,
    status: null,
    cdcresponse: [],
  });
}

/** Recorded: HTTP 401 with this challenge for an expired or unknown access token. */
export function unauthorized(token: string, now: number): Answer {
  const fault = {
    message: 'message=AuthenticationFailed; errorCode=003200; statusCode=401',
    detail: `Token expired: ${token}`,
    code: '3200',
    type: 'AUTHENTICATION',
  };
  const answer = bare(401, gatewayJson(fault, now), { now });
  return { ...answer, headers: { ...answer.headers, 'WWW-Authenticate': 'Bearer realm="Intuit", error="invalid_token"' } };
}

export type ThrottleFormat = 'json' | 'xml';

/** Recorded as XML even for a client that accepts JSON only; the JSON form is inferred. Older days used 403. */
export function throttled({
  format,
  status,
  retryAfter,
  now,
  time,
}: {
  format: ThrottleFormat;
  status: number;
  retryAfter?: number | undefined;
  now: number;
  time: string;
}): Answer {
  const message = `message=ThrottleExceeded; errorCode=003001; statusCode=${status}`;
  const detail = 'The request limit was reached.  Try again later';
  const answer =
    format === 'xml'
      ? bare(status, xmlFault({ errors: [{ code: '3001', message, detail }], type: 'SERVICE', time }), {
          now,
          contentType: 'application/xml',
        })
      : bare(status, gatewayJson({ message, detail, code: '3001', type: 'SERVICE' }, now), { now });
  return retryAfter === undefined ? answer : { ...answer, headers: { ...answer.headers, 'Retry-After': String(retryAfter) } };
}

/** Shape C (recorded). */
function xmlFault({ errors, type, time }: { errors: readonly FaultError[]; type: string; time: string }): string {
  const list = errors.map(({ code, element, message, detail }) => {
    const where = element ? ` element="${escapeXml(element)}"` : '';
    return `<Error code="${code}"${where}><Message>${escapeXml(message)}</Message><Detail>${escapeXml(detail)}</Detail></Error>`;
  });
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<IntuitResponse time="${time}" xmlns="http://schema.intuit.com/finance/v3"><Fault type="${type}">${list.join('')}</Fault></IntuitResponse>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
