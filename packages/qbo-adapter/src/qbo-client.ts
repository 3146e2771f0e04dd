import type { Reason } from '@vesper/core/reason';
import type { Clock } from './clock.ts';
import { type QboFault, faultIn, parseFault } from './fault.ts';
import { type Verdict, classifyFault } from './faults.ts';
import type { HttpClient, HttpResult } from './http-client.ts';
import type { Limiter, RequestKind } from './limiter.ts';
import { select } from './query.ts';
import { type Json, isJson, listAt, objectAt } from './wire.ts';

/** What the client needs of a connection: a live access token, and a new one when QuickBooks refused the last. */
export interface AccessTokens {
  access(): Promise<AccessResult>;
  /** Asks for a token newer than `refused`. */
  renew(refused: string): Promise<AccessResult>;
}

export type AccessResult =
  | { outcome: 'token'; token: string }
  /** A person must connect again. */
  | { outcome: 'reconnect'; reason: Reason }
  /** Intuit cannot be asked at the moment; nothing is wrong with the connection. */
  | { outcome: 'unavailable'; reason: Reason };

export type CallResult = { outcome: 'ok'; json: Json; intuitTid?: string } | { outcome: 'failed'; verdict: Verdict; fault: QboFault };
export type ReadResult<Value> = { outcome: 'ok'; value: Value } | { outcome: 'failed'; verdict: Verdict };

/** One request as it went over the wire, for counters and logs: no token, no body, no QuickBooks data. */
export interface RequestNote {
  kind: RequestKind;
  method: 'GET' | 'POST';
  path: string;
  /** 0 when no answer came. */
  status: number;
  ms: number;
  intuitTid?: string;
  requestId?: string;
}

export interface RequestCounts {
  requests: number;
  batches: number;
  reads: number;
}

/** QuickBooks Online for one company, within its limits, with one token refresh where needed. Nothing here decides about documents. */
export interface QboClient {
  readonly realmId: string;
  /** Sends exact bytes under their request id, once. Retrying is the caller's, with the same bytes and the same id. */
  sendBatch(request: { requestId: string; body: Uint8Array }): Promise<CallResult>;
  /** Creates or changes one record, e.g. `("Account", { Name: … })`. */
  write(entity: string, record: Json, requestId: string): Promise<CallResult>;
  /** All records of an entity that meet the conditions, page by page. */
  query(entity: string, conditions?: readonly string[]): Promise<ReadResult<Json[]>>;
  /** Change data capture: at most 1,000 objects a call and 30 days back. By entity, deletions included. */
  changes(entities: readonly string[], since: string): Promise<ReadResult<Map<string, Json[]>>>;
  counts(): RequestCounts;
}

const PAGE = 1_000;
/** Longer statements are posted, so that no gateway cuts an address. */
const LONGEST_GET = 1_500;
const READ_ATTEMPTS = 4;
const READ_PAUSE_MS = 2_000;

export function createQboClient({
  realmId,
  http,
  tokens,
  limiter,
  clock,
  onRequest,
}: {
  realmId: string;
  http: HttpClient;
  tokens: AccessTokens;
  limiter: Limiter;
  clock: Clock;
  onRequest?: (note: RequestNote) => void;
}): QboClient {
  if (!/^\d{1,30}$/.test(realmId)) throw new TypeError('a realm id is digits');
  const counts: RequestCounts = { requests: 0, batches: 0, reads: 0 };

  /** One call: token, limits, exchange; a refused token is renewed once and the same request sent again. */
  async function call(request: Call): Promise<CallResult> {
    let access = await tokens.access();
    for (let renewed = false; ; renewed = true) {
      if (access.outcome !== 'token') return withoutToken(access);
      const { token } = access;
      const result = await exchange(request, token);
      const outcome = read(result, token);
      if (outcome.outcome === 'ok') return outcome;
      if (outcome.verdict.class === 'retry') await limiter.rest(realmId, outcome.verdict.afterMs);
      if (outcome.verdict.class !== 'refresh') return outcome;
      if (renewed) return { ...outcome, verdict: { ...outcome.verdict, class: 'stop' } };
      access = await tokens.renew(token);
    }
  }

  async function exchange({ kind, method, path, query, body, contentType }: Call, token: string): Promise<HttpResult> {
    return limiter.run({ realmId, kind }, async () => {
      counts.requests += 1;
      if (kind === 'batch') counts.batches += 1;
      if (kind === 'read') counts.reads += 1;
      const result = await http({
        method,
        path: `/v3/company/${realmId}${path}`,
        query: { minorversion: '75', ...query },
        token,
        ...(body !== undefined && { body }),
        ...(contentType !== undefined && { contentType }),
      });
      onRequest?.({
        kind,
        method,
        path,
        status: result.kind === 'answer' ? result.status : 0,
        ms: result.ms,
        ...(result.kind === 'answer' && result.intuitTid !== undefined && { intuitTid: result.intuitTid }),
        ...(query?.['requestid'] !== undefined && { requestId: query['requestid'] }),
      });
      return result;
    });
  }

  /** Reading is free of effects, so it is tried again where a write would not be. */
  async function readCall(request: Omit<Call, 'kind'>): Promise<CallResult> {
    for (let attempt = 1; ; attempt += 1) {
      const result = await call({ ...request, kind: 'read' });
      if (result.outcome === 'ok') return result;
      const passing = result.verdict.class === 'unknown' || result.verdict.class === 'retry';
      if (!passing || attempt === READ_ATTEMPTS) return result;
      await clock.sleep(READ_PAUSE_MS * attempt);
    }
  }

  async function queryPage(entity: string, conditions: readonly string[], start: number): Promise<ReadResult<Json[]>> {
    const statement = select(entity, conditions, { start, max: PAGE });
    const result = await readCall(
      statement.length > LONGEST_GET
        ? { method: 'POST', path: '/query', body: statement, contentType: 'application/text' }
        : { method: 'GET', path: '/query', query: { query: statement } },
    );
    if (result.outcome === 'failed') return result;
    return { outcome: 'ok', value: listAt(objectAt(result.json, 'QueryResponse'), entity) };
  }

  return {
    realmId,
    counts: () => ({ ...counts }),
    sendBatch: ({ requestId, body }) => call({ kind: 'batch', method: 'POST', path: '/batch', query: { requestid: requestId }, body }),
    write: (entity, record, requestId) =>
      call({
        kind: 'write',
        method: 'POST',
        path: `/${entity.toLowerCase()}`,
        query: { requestid: requestId },
        body: JSON.stringify(record),
      }),
    async query(entity, conditions = []) {
      const found: Json[] = [];
      for (;;) {
        const page = await queryPage(entity, conditions, found.length + 1);
        if (page.outcome === 'failed') return page;
        found.push(...page.value);
        if (page.value.length < PAGE) return { outcome: 'ok', value: found };
      }
    },
    async changes(entities, since) {
      const result = await readCall({ method: 'GET', path: '/cdc', query: { entities: entities.join(','), changedSince: since } });
      if (result.outcome === 'failed') return result;
      const changed = new Map<string, Json[]>();
      for (const response of listAt(result.json, 'CDCResponse').flatMap((part) => listAt(part, 'QueryResponse'))) {
        for (const entity of entities) {
          const records = listAt(response, entity);
          if (records.length > 0) changed.set(entity, [...(changed.get(entity) ?? []), ...records]);
        }
      }
      return { outcome: 'ok', value: changed };
    },
  };
}

interface Call {
  kind: RequestKind;
  method: 'GET' | 'POST';
  path: string;
  query?: Record<string, string>;
  body?: Uint8Array | string;
  contentType?: string;
}

/** Status, fault and JSON to one outcome. A fault can sit in a 200; a 200 that cannot be read proves nothing. */
function read(result: HttpResult, token: string): CallResult {
  if (result.kind === 'no_answer')
    return failed({ status: 0, type: result.why, errors: [{ code: '', message: result.message, detail: '' }] });
  const { status, body, intuitTid, retryAfterMs } = result;
  const about = { ...(intuitTid !== undefined && { intuitTid }), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  if (status < 200 || status >= 300) return failed({ status, ...parseFault(body, [token]), ...about });
  const json = parseJson(body);
  if (!json)
    return failed({ status: 0, type: 'unreadable', errors: [{ code: '', message: 'the answer is no JSON object', detail: '' }], ...about });
  const fault = faultIn(json, [token]);
  if (fault) return failed({ status, ...fault, ...about });
  return { outcome: 'ok', json, ...(intuitTid !== undefined && { intuitTid }) };
}

function failed(fault: QboFault): CallResult {
  return { outcome: 'failed', verdict: classifyFault(fault), fault };
}

function withoutToken({ outcome, reason }: Exclude<AccessResult, { outcome: 'token' }>): CallResult {
  const fault: QboFault = { status: 401, type: outcome, errors: [] };
  const verdict: Verdict =
    outcome === 'reconnect' ? { class: 'stop', reason, afterMs: 0 } : { class: 'retry', reason, afterMs: TOKEN_PAUSE_MS };
  return { outcome: 'failed', verdict, fault };
}

const TOKEN_PAUSE_MS = 30_000;

function parseJson(body: string): Json | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isJson(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
