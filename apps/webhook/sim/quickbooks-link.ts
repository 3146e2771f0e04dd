import type { HttpClient, HttpRequest, HttpResult } from '@vesper/qbo-adapter/http-client';
import { hash } from 'node:crypto';
import { editAnswer, insteadOfQuickbooks, type WireAnswer } from './network-answers.ts';
import { drawPlan, type NetworkPlan } from './network-plan.ts';
import type { SimProcess } from './sim-process.ts';
import { readBatchBytes, type SentBatch } from './wire-watch.ts';
import type { World } from './world.ts';

/** The client's own patience. */
const TIMEOUT_MS = 130_000;

/** When a realm answers nobody: a brownout of an hour, or a company whose QuickBooks is dead. */
export type Darkness = Map<string, number>;

/** One process's way to QuickBooks: requests are lost on it, land late, are carried out and never answered, or answered wrongly. */
export function linkQuickbooks(world: World, process: SimProcess, darkUntil: Darkness): HttpClient {
  const { time, random, faults, quickbooks, limits, wire } = world;

  return (request) =>
    new Promise((resolve) => {
      process.deliver(() => {
        const realmId = realmOf(request);
        const requestId = request.query?.['requestid'];
        const isBatch = request.path.endsWith('/batch');
        const bytes = typeof request.body === 'string' ? new TextEncoder().encode(request.body) : request.body;
        const batch = isBatch && bytes && requestId !== undefined ? readBatchBytes(requestId, bytes) : undefined;
        const isDark = (darkUntil.get(realmId) ?? 0) > time.now();
        const plan = drawPlan(world, { isBatch, isRepeat: batch !== undefined && wire.isRepeat(batch.requestId), isDark });
        if (plan.instead === 'refused' && requestId !== undefined) world.refusedIds.add(requestId);
        if (requestId !== undefined && world.refusedIds.has(requestId) && plan.instead === undefined) plan.instead = 'refused';
        const startedAt = time.now();
        const answer = (result: HttpResult): void =>
          process.deliver(() => {
            world.trace(process.name, request.path.split('/').at(-1) ?? '', realmId, requestId ?? '', summaryOf(result));
            if (result.kind === 'answer') {
              if (result.status === 429 || /003001/.test(result.body)) limits.throttled(realmId, process);
              wire.heard(realmId, { batch, status: result.status, body: result.body });
            }
            resolve(result);
          });
        const noAnswer = (why: 'not_sent' | 'timeout' | 'connection' | 'truncated', ms: number): void =>
          void time.after(ms, () => answer({ kind: 'no_answer', why, message: why, ms: time.now() - startedAt }));

        if (plan.instead === 'not_sent') return noAnswer('not_sent', 5);
        limits.departs(realmId, process);
        wire.departs({ by: process.name, realmId, batch, body: bytes });
        if (plan.instead === 'lost') return noAnswer('timeout', TIMEOUT_MS);
        time.after(plan.outMs, () => arrive({ request, realmId, batch, plan, bytes, startedAt, answer, noAnswer }));
      });
    });

  interface OnTheWire {
    request: HttpRequest;
    realmId: string;
    batch: SentBatch | undefined;
    plan: NetworkPlan;
    bytes: Uint8Array | undefined;
    startedAt: number;
    answer: (result: HttpResult) => void;
    noAnswer: (why: 'timeout' | 'connection' | 'truncated', ms: number) => void;
  }

  function arrive(on: OnTheWire): void {
    const { realmId, batch, plan } = on;
    const company = quickbooks.company(realmId);
    limits.arrives(realmId, { isBatch: batch !== undefined, items: batch?.items.length ?? 1 });
    if (plan.instead) {
      const what = plan.instead as Parameters<typeof insteadOfQuickbooks>[0];
      return leave(on, () => back(on, insteadOfQuickbooks(what, random.chance(0.5))));
    }
    if (plan.landsAfterMs !== undefined) {
      time.after(plan.landsAfterMs, () => void execute(on));
      return leave(on, () => back(on, { status: 504, body: '' }));
    }
    // Two copies of one request id in flight: the second is refused (error 600) while the first runs.
    const isRunning = batch !== undefined && company.answers.isRunning(batch.requestId);
    if (isRunning) faults.note('request_id_in_use');
    const stopRunning = batch && !isRunning ? company.answers.start(batch.requestId) : undefined;
    leave(on, () => {
      stopRunning?.();
      const served = execute(on);
      if (batch && !faults.isQuiet && faults.strike('crash_sent_not_answered')) process.kill();
      switch (plan.after) {
        case 'timeout':
          return on.noAnswer('timeout', Math.max(0, on.startedAt + TIMEOUT_MS - time.now()));
        case 'reset':
          return on.noAnswer('connection', plan.backMs);
        case 'cut':
          return on.noAnswer('truncated', plan.backMs);
        case 'not_json':
          return back(on, { status: 200, body: '<html><body>OK</body></html>' });
        case 'fault_500':
          return back(on, insteadOfQuickbooks('fault_500', false));
        case undefined:
          return back(on, served);
      }
    });
  }

  function leave({ realmId, plan }: OnTheWire, then: () => void): void {
    time.after(plan.workMs, () => {
      limits.leaves(realmId);
      then();
    });
  }

  function back({ plan, startedAt, answer }: OnTheWire, { status, body, retryAfterMs }: WireAnswer): void {
    time.after(plan.backMs, () =>
      answer({ kind: 'answer', status, body, ms: time.now() - startedAt, ...(retryAfterMs !== undefined && { retryAfterMs }) }),
    );
  }

  function execute({ request, realmId, batch, plan, bytes }: OnTheWire): WireAnswer {
    if (plan.isTouched && batch) touchOne(realmId, batch);
    const place = random.int(0, 29);
    const left = plan.edit === 'missing_not_executed' && batch && batch.items.length > 1 ? withoutItem(bytes, place) : bytes;
    const { status, body } = quickbooks.serve({
      method: request.method,
      path: request.path,
      query: new URLSearchParams(request.query),
      header: (name) => (name === 'authorization' ? `Bearer ${request.token}` : name === 'accept' ? 'application/json' : undefined),
      body: Buffer.from(left ?? ''),
      whenGone: () => undefined,
    });
    if (status === 401 && /SRV-110/.test(body)) world.violate('I11', `${process.name} went to ${realmId} with another company's token`);
    return { status, body: status === 200 && plan.edit ? editAnswer(body, plan.edit, place) : body };
  }

  /** Somebody saves a record that a batch is about to change: its sync token has moved on. */
  function touchOne(realmId: string, { items }: SentBatch): void {
    const target = items.find(({ operation, entity }) => operation !== 'create' && entity === 'Invoice');
    const row = target && quickbooks.company(realmId).row('Invoice', String(target.record['Id']));
    if (row)
      quickbooks.byHand(realmId, 'Invoice', 'update', {
        Id: row.id,
        SyncToken: String(row.syncToken),
        sparse: true,
        CustomerMemo: { value: `seen ${row.syncToken}` },
      });
  }
}

function withoutItem(bytes: Uint8Array | undefined, place: number): Uint8Array {
  const request = JSON.parse(new TextDecoder().decode(bytes)) as { BatchItemRequest: unknown[] };
  request.BatchItemRequest.splice(place % request.BatchItemRequest.length, 1);
  return new TextEncoder().encode(JSON.stringify(request));
}

function realmOf({ path }: HttpRequest): string {
  return /^\/v3\/company\/(\d+)\//.exec(path)?.[1] ?? '';
}

/** Without what is random on purpose: tokens and trace ids. */
function summaryOf(result: HttpResult): string {
  if (result.kind === 'no_answer') return result.why;
  // A refused token comes back in the body.
  return `${result.status} ${result.status === 401 ? '' : hash('sha1', result.body).slice(0, 12)}`;
}
