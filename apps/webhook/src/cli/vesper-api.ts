import { z } from 'zod';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';

/** The running service, spoken to over its API. A refusal is thrown as a `CliError` with the service's own words. */
export interface VesperApi {
  url: string;
  get<Body>(path: string, query?: Record<string, string | number | undefined>): Promise<Body>;
  send<Body>(method: 'POST' | 'PUT', path: string, body?: unknown): Promise<Body>;
}

const refusal = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  }),
});
/** Refusals that only mean "not now". */
const BUSY = new Set(['busy', 'under_way', 'run_under_way', 'request_under_way', 'store_unavailable']);

export function createVesperApi(io: Pick<CliIo, 'fetch'>, { url, key }: { url: string; key: string }): VesperApi {
  const call = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
    const answer = await io
      .fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      .catch((cause: unknown) => {
        throw new CliError(
          'unreachable',
          `No Vesper answers at ${url}. Start it with "vesper serve", or say where it is with --url or VESPER_URL.`,
          {
            cause,
          },
        );
      });
    const json: unknown = await answer.json().catch(() => undefined);
    if (answer.ok) return json as Body;
    throw toError(answer.status, json, url);
  };
  return {
    url,
    get: (path, query = {}) => {
      const params = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) if (value !== undefined) params.set(name, String(value));
      return call('GET', params.size > 0 ? `${path}?${params.toString()}` : path);
    },
    send: call,
  };
}

function toError(status: number, json: unknown, url: string): CliError {
  const parsed = refusal.safeParse(json);
  if (!parsed.success) return new CliError('unreachable', `${url} answered ${status}, and not as Vesper does.`);
  const { code, message, issues = [] } = parsed.data.error;
  const faults = issues.map((issue) => `\n  ${issue.path}: ${issue.message}`).join('');
  const hint = status === 401 ? ' Give the key with VESPER_API_KEY or --key.' : '';
  return new CliError(BUSY.has(code) ? 'busy' : 'failed', `${message}${hint}${faults}`, { body: json });
}
