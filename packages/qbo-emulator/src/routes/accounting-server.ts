import type { Change } from '../records/write.ts';
import type { LoggedRequest } from '../state/request-log.ts';
import type { World } from '../state/world.ts';
import type { Answer, Arrival, Outcome } from '../wire/exchange.ts';
import type { AccountingRequest } from './accounting.ts';
import { entitiesOf, execute, gate, isWrite, readRequest } from './accounting.ts';
import { strike, wait } from './strike.ts';

/**
 * Serves `/v3/company/{realmId}/…`: counts and logs the request, lets a scripted fault strike, and otherwise answers at
 * once, without a promise, for speed.
 */
export function serveAccounting(
  arrival: Arrival,
  { world, changed }: { world: World; changed: (change: Change) => void },
): Outcome | Promise<Outcome> {
  world.runDue();
  const request = readRequest(arrival);
  const company = world.companies.get(request.realmId);
  const logged = log(request, world);
  if (company) company.inFlight += 1;
  const admit = (): Answer | undefined => gate(request, { world, company });
  const perform = (): Answer => admit() ?? run();
  const fault = world.faults.strike({
    realmId: request.realmId,
    method: arrival.method,
    path: request.path,
    operation: request.operation,
    entities: () => entitiesOf(request),
  });
  if (fault) {
    const now = world.clock.now();
    const outcome = strike(fault, {
      arrival,
      now,
      time: company?.time.milliseconds(now) ?? new Date(now).toISOString(),
      perform,
      running,
      later,
    });
    return outcome instanceof Promise ? outcome.then(settle) : settle(outcome);
  }
  const latencyMs = company?.settings.latencyMs ?? 0;
  if (latencyMs === 0) return settle({ kind: 'answer', answer: perform() });
  const refusal = admit();
  if (refusal) return settle({ kind: 'answer', answer: refusal });
  const answer = run();
  return wait(latencyMs, arrival).then((ended) => settle(ended === 'gone' ? { kind: 'broken' } : { kind: 'answer', answer }));

  function run(): Answer {
    if (!company) throw new Error('a request without a company was let in');
    return execute(request, { world, company, changed });
  }

  function running(): () => void {
    if (!company || request.requestId === null || !isWrite(request.operation)) return () => undefined;
    return company.answers.start(request.requestId);
  }

  /** Let in now, for the gateway had it; done when the clock has passed. */
  function later(afterMs: number): void {
    if (admit() === undefined) world.defer(world.clock.now() + afterMs, () => void run());
  }

  /** In flight until now: the answer is about to be sent, or nobody waits for one. */
  function settle(outcome: Outcome): Outcome {
    if (company) company.inFlight -= 1;
    logged.status = outcome.kind === 'broken' ? null : outcome.answer.status;
    return outcome;
  }
}

function log({ arrival, realmId, path, operation, requestId, bodySha256 }: AccountingRequest, world: World): LoggedRequest {
  const now = world.clock.now();
  const logged: LoggedRequest = {
    at: now,
    method: arrival.method,
    path,
    operation,
    requestid: requestId,
    bodySha256,
    status: null,
  };
  world.companies.get(realmId)?.requests.add(logged, { now, batch: operation === 'batch' });
  world.note(logged, realmId);
  return logged;
}
