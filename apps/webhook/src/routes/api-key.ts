import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { ApiError } from '../api-error.ts';
import type { Role } from '../config.ts';

const RANK: Record<Role, number> = { viewer: 0, support: 1, admin: 2 };

export interface Caller {
  role: Role;
  /** For the audit: the role and the first characters of the key's digest, never the key. */
  name: string;
}

export type KeyCheck = (key: string) => Caller | undefined;

/** Compares digests, so that the time taken tells nothing of a key. */
export function createKeyCheck(keys: readonly { role: Role; key: string }[]): KeyCheck {
  const known = keys.map(({ role, key }) => ({ role, digest: digest(key) }));
  return (key) => {
    const given = digest(key);
    let caller: Caller | undefined;
    for (const candidate of known) {
      if (timingSafeEqual(candidate.digest, given))
        caller = { role: candidate.role, name: `key:${candidate.role}:${given.toString('hex').slice(0, 8)}` };
    }
    return caller;
  };
}

/** Lets through a caller whose key has at least this role. */
export function requireRole(check: KeyCheck, least: Role): MiddlewareHandler<{ Variables: { caller: Caller } }> {
  return async (context, next) => {
    const [, key] = /^Bearer (\S+)$/.exec(context.req.header('authorization') ?? '') ?? [];
    const caller = key === undefined ? undefined : check(key);
    if (!caller)
      throw new ApiError(401, 'unauthorized', 'Send `Authorization: Bearer <api key>` with a key this service knows.', {
        headers: { 'www-authenticate': 'Bearer realm="vesper"' },
      });
    if (RANK[caller.role] < RANK[least]) throw new ApiError(403, 'forbidden', `This needs the role ${least}; the key has ${caller.role}.`);
    context.set('caller', caller);
    await next();
  };
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
