import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { ApiError } from '../api-error.ts';
import type { Role } from '../config.ts';
import type { ApiKeys } from '../people/api-keys.ts';
import { hasRole, mayReach, type Reach } from '../people/reach.ts';

/** Whoever sent an API key. `companies` limits it to those; left out, it reaches all. */
export interface Caller extends Reach {
  /** For the audit: the key's role or name and the first characters of its digest, never the key. */
  name: string;
}

export type KeyCheck = (key: string) => Promise<Caller | undefined>;

/** Keys of the environment, which reach all companies, then keys people made. Compares digests: the time taken tells nothing of a key. */
export function createKeyCheck(keys: readonly { role: Role; key: string }[], made?: Pick<ApiKeys, 'check'>): KeyCheck {
  const known = keys.map(({ role, key }) => ({ role, digest: digest(key) }));
  return async (key) => {
    const given = digest(key);
    let caller: Caller | undefined;
    for (const candidate of known) {
      if (timingSafeEqual(candidate.digest, given))
        caller = { role: candidate.role, name: `key:${candidate.role}:${given.toString('hex').slice(0, 8)}` };
    }
    if (caller) return caller;
    const record = await made?.check(key);
    return (
      record && {
        role: record.role,
        name: `key:${record.name}:${record.id.slice(0, 8)}`,
        ...(record.companies && { companies: record.companies }),
      }
    );
  };
}

/**
 * Lets through a caller whose key has at least this role. On routes below `/v1/companies/{id}` the key must reach that company as well;
 * one that does not is told the company is unknown, so that keys cannot be used to find out who else is here.
 * Routes that find their company otherwise ask `mayReach(caller, companyId)` themselves.
 */
export function requireRole(check: KeyCheck, least: Role): MiddlewareHandler<{ Variables: { caller: Caller } }> {
  return async (context, next) => {
    const [, key] = /^Bearer (\S+)$/.exec(context.req.header('authorization') ?? '') ?? [];
    const caller = key === undefined ? undefined : await check(key);
    if (!caller)
      throw new ApiError(401, 'unauthorized', 'Send `Authorization: Bearer <api key>` with a key this service knows.', {
        headers: { 'www-authenticate': 'Bearer realm="vesper"' },
      });
    if (!hasRole(caller, least)) throw new ApiError(403, 'forbidden', `This needs the role ${least}; the key has ${caller.role}.`);
    const companyId = companyInPath(context.req.path);
    if (companyId !== undefined && !mayReach(caller, companyId))
      throw new ApiError(404, 'unknown_company', `There is no company ${companyId}.`);
    context.set('caller', caller);
    await next();
  };
}

/** From the path as it was sent, so that no route can forget it. */
function companyInPath(path: string): string | undefined {
  const [, segment] = /^\/v1\/companies\/([^/]+)/.exec(path) ?? [];
  if (segment === undefined) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not a company id of ours; the route's own schema refuses it.
    return segment;
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
