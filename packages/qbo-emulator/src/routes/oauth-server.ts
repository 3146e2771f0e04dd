import { hash } from 'node:crypto';
import type { LoggedRequest } from '../state/request-log.ts';
import type { Answer, Arrival, Outcome } from '../wire/exchange.ts';
import type { OAuthContext } from './oauth.ts';
import { authorize, authorizePath, realmOf, revoke, revokePath, token, tokenPath } from './oauth.ts';
import { strike } from './strike.ts';

const routes: Readonly<
  Record<
    string,
    { readonly operation: string; readonly methods: readonly string[]; readonly serve: (arrival: Arrival, context: OAuthContext) => Answer }
  >
> = {
  [authorizePath]: { operation: 'authorize', methods: ['GET', 'POST'], serve: authorize },
  [tokenPath]: { operation: 'token', methods: ['POST'], serve: token },
  [revokePath]: { operation: 'revoke', methods: ['POST'], serve: revoke },
};

export function isOAuth({ path, method }: { path: string; method: string }): boolean {
  return routes[path]?.methods.includes(method) ?? false;
}

/** Serves the OAuth routes; scripted faults strike them as they do the accounting API. */
export function serveOAuth(arrival: Arrival, context: OAuthContext): Outcome | Promise<Outcome> {
  const { world } = context;
  world.runDue();
  const route = routes[arrival.path];
  if (!route) throw new Error(`no OAuth route ${arrival.path}`);
  const now = world.clock.now();
  const realmId = realmOf(arrival, world);
  const logged: LoggedRequest = {
    at: now,
    method: arrival.method,
    path: arrival.path,
    operation: route.operation,
    requestid: null,
    bodySha256: arrival.body.length > 0 ? hash('sha256', arrival.body) : null,
    status: null,
  };
  world.note(logged, realmId);
  const perform = (): Answer => route.serve(arrival, context);
  const { method, path } = arrival;
  const fault = world.faults.strike({ realmId, method, path, operation: route.operation, entities: () => [] });
  if (!fault) return settle({ kind: 'answer', answer: perform() });
  const later = (afterMs: number): void => world.defer(now + afterMs, () => void perform());
  const outcome = strike(fault, { arrival, now, time: new Date(now).toISOString(), perform, running: () => () => undefined, later });
  return outcome instanceof Promise ? outcome.then(settle) : settle(outcome);

  function settle(outcome: Outcome): Outcome {
    logged.status = outcome.kind === 'broken' ? null : outcome.answer.status;
    return outcome;
  }
}
