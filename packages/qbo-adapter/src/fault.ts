import { XMLParser } from 'fast-xml-parser';
import { redact } from './redact.ts';
import { type Json, isJson, listAt, objectAt, textAt } from './wire.ts';

/** One error of a fault. `code` is QuickBooks' own ("6140"), or "" when the answer had none. Texts hold no token. */
export interface FaultError {
  code: string;
  message: string;
  detail: string;
  element?: string;
}

/** Whatever went wrong with a request or a batch item, in one shape. `status` 0 means that no answer came. */
export interface QboFault {
  status: number;
  type: string;
  errors: FaultError[];
  intuitTid?: string;
  retryAfterMs?: number;
}

const xml = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', parseTagValue: false, processEntities: false });

/** Reads a fault out of a parsed body: `Fault` or the gateway's `fault`, with the keys of either case. Undefined when there is none. */
export function faultIn(json: unknown, secrets: readonly string[] = []): Pick<QboFault, 'type' | 'errors'> | undefined {
  if (!isJson(json)) return undefined;
  const fault = objectAt(json, 'Fault') ?? objectAt(json, 'fault');
  if (!fault) return undefined;
  const listed = [...errorsIn(fault, 'Error'), ...errorsIn(fault, 'error')];
  return { type: textAt(fault, 'type') ?? '', errors: listed.map((error) => toError(error, secrets)) };
}

/** Reads any refused answer: JSON of both cases, XML whatever was asked for, or text nobody can parse. */
export function parseFault(body: string, secrets: readonly string[] = []): Pick<QboFault, 'type' | 'errors'> {
  const found = faultIn(parseBody(body), secrets);
  if (found && found.errors.length > 0) return found;
  const text = redact(body.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' '), secrets).trim();
  const throttled = /errorCode=003001|ThrottleExceeded/.test(body);
  return { type: found?.type ?? '', errors: [{ code: throttled ? '3001' : '', message: text.slice(0, 300), detail: '' }] };
}

function parseBody(body: string): unknown {
  const text = body.trimStart();
  if (text.startsWith('<')) {
    try {
      const parsed: unknown = xml.parse(text);
      return isJson(parsed) ? objectAt(parsed, 'IntuitResponse') : undefined;
    } catch {
      return undefined;
    }
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** XML has one error as an object where JSON has a list. */
function errorsIn(fault: Json, key: 'Error' | 'error'): Json[] {
  const single = objectAt(fault, key);
  return single ? [single] : listAt(fault, key);
}

function toError(error: Json, secrets: readonly string[]): FaultError {
  const read = (name: string) => textAt(error, name) ?? textAt(error, name.toLowerCase()) ?? '';
  const element = textAt(error, 'element');
  const code = read('code').replace(/^0+(?=\d)/, '');
  const message = redact(read('Message'), secrets);
  return {
    code: code || (/errorCode=0*(\d+)/.exec(message)?.[1] ?? ''),
    message,
    detail: redact(read('Detail'), secrets),
    ...(element && { element }),
  };
}
