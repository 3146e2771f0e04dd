import type { Fault } from '../state/fault-plan.ts';
import { bare, throttled, unauthorized } from '../wire/answers.ts';
import type { Answer, Arrival, Outcome } from '../wire/exchange.ts';
import type { Fields } from '../wire/json.ts';
import { isFields, listOf } from '../wire/json.ts';

/** What a fault may do with the request it strikes. */
export type Struck = {
  readonly arrival: Arrival;
  readonly now: number;
  readonly time: string;
  /** Runs the request as always, limits and validation included. */
  readonly perform: () => Answer;
  /** Marks the request as running until it is performed. */
  readonly running: () => () => void;
  /** Lets the request in now and does it when the clock has passed. */
  readonly later: (afterMs: number) => void;
};

/** Plays a scripted fault. */
export function strike(fault: Fault, struck: Struck): Outcome | Promise<Outcome> {
  const { arrival, now, time, perform } = struck;
  switch (fault.kind) {
    case 'status':
      if (fault.commit) perform();
      return answered(statusAnswer(fault, struck));
    case 'throttle-json':
    case 'throttle-xml': {
      const format = fault.kind === 'throttle-xml' ? 'xml' : 'json';
      return answered(throttled({ format, status: fault.status ?? 429, retryAfter: fault.retryAfter, now, time }));
    }
    case 'delay': {
      const stopRunning = struck.running();
      return wait(fault.ms, arrival).then(() => {
        stopRunning();
        return answered(perform());
      });
    }
    case 'reset':
      return { kind: 'broken' };
    case 'commit-then-timeout':
      perform();
      return wait(fault.ms, arrival).then((outcome) => (outcome === 'gone' ? { kind: 'broken' } : answered(bare(504, '', { now }))));
    case 'commit-then-reset':
      perform();
      return { kind: 'broken' };
    case 'late-landing':
      struck.later(fault.afterMs);
      return answered(bare(504, '', { now }));
    case 'truncate':
      return { kind: 'cut', answer: perform(), bytes: fault.bytes };
    case 'missing-bid':
      return answered(editBatch(perform(), (items) => items.filter((item) => !isNamed(item, fault.bIds))));
    case 'doubled-bid':
      return answered(editBatch(perform(), (items) => items.flatMap((item) => (isNamed(item, fault.bIds) ? [item, item] : [item]))));
    case 'shuffled-bids':
      return answered(editBatch(perform(), (items) => items.toReversed()));
  }
}

function answered(answer: Answer): Outcome {
  return { kind: 'answer', answer };
}

function statusAnswer({ status, body, contentType }: Extract<Fault, { kind: 'status' }>, { arrival, now }: Struck): Answer {
  if (body !== undefined) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return bare(status, text, { now, contentType: contentType ?? (typeof body === 'string' ? 'text/plain' : 'application/json') });
  }
  if (status === 401) return unauthorized(arrival.header('authorization')?.replace(/^Bearer /i, '') ?? '', now);
  const detail = 'System Failure Error: An application error has occurred while processing your request';
  const message = 'An application error has occurred while processing your request';
  const systemFault = JSON.stringify({
    Fault: { Error: [{ Message: message, Detail: detail, code: '10000' }], type: 'SystemFault' },
    time: new Date(now).toISOString(),
  });
  return bare(status, status === 500 ? systemFault : '', contentType === undefined ? { now } : { now, contentType });
}

/** Waits in real time; ends early when the client leaves. */
export function wait(ms: number, arrival: Arrival): Promise<'over' | 'gone'> {
  const { promise, resolve } = Promise.withResolvers<'over' | 'gone'>();
  const timer = setTimeout(() => resolve('over'), ms);
  arrival.whenGone(() => {
    clearTimeout(timer);
    resolve('gone');
  });
  return promise;
}

function editBatch(answer: Answer, edit: (items: readonly Fields[]) => Fields[]): Answer {
  const body: unknown = JSON.parse(answer.body);
  if (!isFields(body) || !Array.isArray(body['BatchItemResponse'])) return answer;
  return { ...answer, body: JSON.stringify({ ...body, BatchItemResponse: edit(listOf(body['BatchItemResponse'])) }) };
}

function isNamed(item: Fields, bIds: readonly string[]): boolean {
  const { bId } = item;
  return typeof bId === 'string' && bIds.includes(bId);
}
