import type { MiddlewareHandler } from 'hono';
import type { Logger } from './logger.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** From `hono/request-id`: the caller's `x-request-id`, or one of ours; answered in that header, or in the body of a refusal. */
    requestId: string;
    /** The entry a webhook became or repeated. */
    entryId?: string;
  }
}

/** A piece of a path that is somebody's e-mail address: people are found by it. */
const ADDRESS = /[^/]*(?:@|%40)[^/]*/gi;

/** A source that cannot sign is known by what follows its name. */
const SOURCE_TOKEN = /^(\/webhooks\/[^/]+)\/.*$/s;

/**
 * One line a request: its id, what was asked, how it was answered. The path has ids only, e-mail addresses are left out; neither queries nor
 * bodies are written.
 * Webhooks and reads are many and uneventful: they are written at `debug`, what changes something at `info`, what broke at `warn`.
 */
export function requestLog(logger: Logger, onAnswer?: (status: number) => void): MiddlewareHandler {
  return async (context, next) => {
    const startedAtMs = performance.now();
    await next();
    const { method } = context.req;
    const path = pathForLog(context.req.path);
    const { status } = context.res;
    onAnswer?.(status);
    const level = status >= 500 ? 'warn' : method === 'GET' || path.startsWith('/webhooks/') ? 'debug' : 'info';
    if (!logger.isLevelEnabled(level)) return;
    const entryId = context.get('entryId');
    const ms = Math.round(performance.now() - startedAtMs);
    logger[level]({ requestId: context.get('requestId'), method, path, status, ms, ...(entryId !== undefined && { entryId }) }, 'request');
  };
}

/** A path as it may be written down: without e-mail addresses and tokens. */
export function pathForLog(path: string): string {
  return path.replaceAll(ADDRESS, '[address]').replace(SOURCE_TOKEN, '$1/[token]');
}
