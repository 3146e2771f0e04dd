import { hash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import type { EntityKind, WriteOperation } from '../entities/entity.ts';
import { kindInAnyCase, kindNamed } from '../entities/registry.ts';
import { runQuery } from '../query/run.ts';
import { show } from '../records/show.ts';
import type { Change } from '../records/write.ts';
import { find } from '../records/write.ts';
import type { Company } from '../state/company.ts';
import type { World } from '../state/world.ts';
import {
  applicationError,
  invalidRequestId,
  invalidValue,
  missing,
  QboFault,
  requestIdInUse,
  unsupportedOperation,
} from '../wire/faults.ts';
import { bare, faultAnswer, served, throttled, unauthorized } from '../wire/answers.ts';
import type { Answer, Arrival } from '../wire/exchange.ts';
import type { Fields } from '../wire/json.ts';
import { isFields, listOf } from '../wire/json.ts';
import { runBatch } from './batch.ts';
import { changesSince } from './changes.ts';
import { operationOf, write } from './write-request.ts';

export type Operation = WriteOperation | 'read' | 'query' | 'batch' | 'cdc';

/** A request to a company, understood as far as its path and body allow. */
export type AccountingRequest = {
  readonly arrival: Arrival;
  readonly realmId: string;
  /** What follows `/v3/company/{realmId}`. */
  readonly path: string;
  readonly operation: Operation | null;
  readonly kind: EntityKind | undefined;
  readonly id: string;
  readonly body: Fields | undefined;
  readonly bodySha256: string | null;
  readonly requestId: string | null;
};

const prefix = '/v3/company/';

export function isAccounting(path: string): boolean {
  return path.startsWith(prefix);
}

export function readRequest(arrival: Arrival): AccountingRequest {
  const slash = arrival.path.indexOf('/', prefix.length);
  const realmId = slash < 0 ? arrival.path.slice(prefix.length) : arrival.path.slice(prefix.length, slash);
  const path = slash < 0 ? '' : arrival.path.slice(slash);
  const body = arrival.method === 'POST' && path !== '/query' ? parse(arrival.body) : undefined;
  const bodySha256 = arrival.body.length > 0 ? hash('sha256', arrival.body) : null;
  const requestId = arrival.query.get('requestid');
  return { arrival, realmId, path, body, bodySha256, requestId, ...route({ arrival, path, body }) };
}

function parse(bytes: Buffer): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(bytes.toString());
    return isFields(parsed) ? parsed : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function route({
  arrival,
  path,
  body,
}: {
  arrival: Arrival;
  path: string;
  body: Fields | undefined;
}): Pick<AccountingRequest, 'operation' | 'kind' | 'id'> {
  const { method, query } = arrival;
  const none = { kind: undefined, id: '' };
  if (path === '/query') return { operation: 'query', ...none };
  if (path === '/batch' && method === 'POST') return { operation: 'batch', ...none };
  if (path === '/cdc' && method === 'GET') return { operation: 'cdc', ...none };
  const [, name = '', id = '', ...rest] = path.split('/');
  const kind = name === name.toLowerCase() ? kindInAnyCase(name) : undefined;
  if (!kind || rest.length > 0) return { operation: null, ...none };
  if (method === 'POST' && id === '')
    return { operation: operationOf({ operation: query.get('operation'), include: query.get('include'), body }), kind, id };
  if (method !== 'GET') return { operation: null, ...none };
  if (kind.name === 'Preferences' && (id === '' || id === '1')) return { operation: 'read', kind, id: '1' };
  return id === '' ? { operation: null, ...none } : { operation: 'read', kind, id: safeDecode(id) };
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

/** Entities that a request is about: its own, the ones of a batch's items. */
export function entitiesOf({ kind, operation, body }: AccountingRequest): string[] {
  if (kind) return [kind.name];
  if (operation !== 'batch') return [];
  return listOf(body?.['BatchItemRequest']).flatMap((item) => (isFields(item) ? Object.keys(item).filter((key) => kindNamed(key)) : []));
}

export function isWrite(operation: Operation | null): boolean {
  return operation === 'create' || operation === 'update' || operation === 'void' || operation === 'delete' || operation === 'batch';
}

/** Limits, then authentication: an answer that refuses, or undefined to let the request in. */
export function gate(request: AccountingRequest, { world, company }: { world: World; company: Company | undefined }): Answer | undefined {
  const now = world.clock.now();
  const { limits = false } = company ?? {};
  if (
    company &&
    limits !== false &&
    !company.limiter.admit({ limits, now, batch: request.operation === 'batch', inFlight: company.inFlight })
  ) {
    company.requests.throttled += 1;
    return throttle(company, now);
  }
  const token = /^Bearer (.+)$/i.exec(request.arrival.header('authorization') ?? '')?.[1] ?? '';
  const connection = world.tokens.open(token, now);
  if (!connection) return unauthorized(token, now);
  if (!company || connection.realmId !== request.realmId)
    return denied('100', 'AuthenticationErrorGeneral: SRV-110-Authentication Failure , statusCode: 401', now);
  if (company.settings.user !== 'admin')
    return denied('120', 'AuthorizationFailure: -11014-You do not have access to use QuickBooks Online Plus.', now);
  return undefined;
}

function throttle(company: Company, now: number): Answer {
  return throttled({ format: company.settings.throttleFormat, status: 429, now, time: company.time.milliseconds(now) });
}

/** Recorded: HTTP 401 with code 100 for another company's token, 120 for a user without rights. */
function denied(code: '100' | '120', detail: string, now: number): Answer {
  const message = code === '100' ? 'AuthenticationFailed' : 'AuthorizationFailed';
  const type = code === '100' ? 'AuthenticationFault' : 'AuthorizationFault';
  return bare(
    401,
    JSON.stringify({
      Fault: { Error: [{ Message: message, Detail: detail, code, element: '' }], type },
      time: new Date(now).toISOString(),
    }),
    { now },
  );
}

/** Executes a request that was let in, and remembers its answer by its request id. */
export function execute(
  request: AccountingRequest,
  { world, company, changed }: { world: World; company: Company; changed: (change: Change) => void },
): Answer {
  const now = world.clock.now();
  const { settings, answers, time } = company;
  const { requestId, bodySha256, operation } = request;
  const known = requestId !== null && isWrite(operation) && operation !== 'batch' ? requestId : undefined;
  try {
    checkRequestId(request);
    if (requestId !== null && isWrite(operation) && answers.isRunning(requestId) && settings.requestIdWhileRunning === 'refuse')
      throw requestIdInUse();
    const remembered = known === undefined ? undefined : answers.recall(known, { now, retentionMs: settings.requestIdRetentionMs });
    if (remembered) {
      if (settings.requestIdOtherBody === 'refuse' && remembered.bodySha256 !== bodySha256) throw requestIdInUse();
      return remembered.answer;
    }
    if (isOverCorePlus(request, { company, now })) return throttle(company, now);
    const answer = served(`{${serve(request, { company, now, changed })},"time":"${time.milliseconds(now)}"}`, now);
    if (known !== undefined) answers.keep(known, { answer, bodySha256, at: now });
    return answer;
  } catch (error) {
    const fault = error instanceof QboFault ? error : applicationError();
    if (fault !== error) console.error(error);
    const answer = faultAnswer(fault, { time: time.milliseconds(now), now, language: settings.language, xml: wantsXml(request) });
    const isOwn = !fault.errors.some(({ code }) => code === '600' || code === '2130');
    if (known !== undefined && settings.replayFaults && isOwn) answers.keep(known, { answer, bodySha256, at: now });
    return answer;
  }
}

/** Intuit "requestid": at most 50 characters, 36 with a batch. */
function checkRequestId({ requestId, operation }: AccountingRequest): void {
  if (requestId === null) return;
  if (requestId === '' || requestId.length > (operation === 'batch' ? 36 : 50)) throw invalidRequestId();
}

/** Every error of a request that does not accept JSON comes as XML (recorded). */
function wantsXml({ arrival }: AccountingRequest): boolean {
  const accept = arrival.header('accept') ?? '';
  return accept.includes('xml') && !accept.includes('json');
}

function serve(
  request: AccountingRequest,
  { company, now, changed }: { company: Company; now: number; changed: (change: Change) => void },
): string {
  const { arrival, operation, kind, id, body, requestId } = request;
  if (!isUtf8(arrival.body)) throw unsupportedOperation('Invalid byte 1 of 1-byte UTF-8 sequence.');
  switch (operation) {
    case 'query':
      return `"QueryResponse":${runQuery(statementOf(arrival), company)}`;
    case 'batch':
      return `"BatchItemResponse":${runBatch(body, { company, now, requestId, changed })}`;
    case 'cdc':
      return `"CDCResponse":${changesSince(arrival.query, { company, now })}`;
    case 'read':
      if (!kind) break;
      return `"${kind.name}":${show(find(kind, id, company), { kind, company })}`;
    case 'create':
    case 'update':
    case 'void':
    case 'delete': {
      if (!kind) break;
      if (!body) throw invalidValue('body', 'is no JSON object and');
      const allowDuplicateDocNumber = (arrival.query.get('include') ?? '').split(',').includes('allowduplicatedocnum');
      return write({ kind, operation, body, allowDuplicateDocNumber }, { company, now, changed });
    }
    case null:
      break;
  }
  throw unsupportedOperation(`Could not find resource for relative : ${request.path} of full path: ${arrival.path}`);
}

/** The statement of a GET's query parameter, or the body of a POST (Content-Type application/text). */
function statementOf({ method, query, body }: Arrival): string {
  const statement = method === 'GET' ? query.get('query') : body.toString();
  if (!statement) throw missing('query');
  return statement;
}

/** Partner program: reads, queries and cdc are CorePlus calls; above the tier's monthly number they get 429 until the next month. */
function isOverCorePlus({ operation }: AccountingRequest, { company, now }: { company: Company; now: number }): boolean {
  const { corePlusPerMonth } = company.settings;
  if (corePlusPerMonth === null || isWrite(operation)) return false;
  const month = new Date(now).toISOString().slice(0, 7);
  const used = company.corePlus.get(month) ?? 0;
  if (used >= corePlusPerMonth) return true;
  company.corePlus.set(month, used + 1);
  return false;
}
