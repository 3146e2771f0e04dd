import { describe, expect, it } from 'vitest';
import type { EveningState } from '../evening.ts';
import { healthRoute } from './health.ts';

const NOW = Date.parse('2026-06-02T03:00:00Z');
const MINUTE = 60_000;
const well: EveningState = {
  lookedAtMs: NOW - 5 * MINUTE,
  companies: 3,
  connections: { connected: 2, reconnect: 1 },
  paused: 0,
  overdue: 0,
  underWay: [],
};

interface Options {
  isWritable: boolean;
  state: EveningState | 'none';
  isStopping: boolean;
}

async function ask(path: string, { isWritable = true, state = well, isStopping = false }: Partial<Options> = {}) {
  const stopping = new AbortController();
  if (isStopping) stopping.abort();
  const route = healthRoute({
    store: { isWritable: () => (isWritable ? Promise.resolve(true) : Promise.reject(new Error('gone'))) },
    clock: { now: () => NOW },
    evenings: () => (state === 'none' ? undefined : state),
    signal: stopping.signal,
  });
  const answer = await route.request(path);
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

describe('readiness', () => {
  it('is given while store and schedule work, with connections counted', async () => {
    const { status, json } = await ask('/readyz');
    expect(status).toBe(200);
    expect(json).toMatchObject({ status: 'ready', checks: { store: true, schedule: true, connections: { connected: 2, reconnect: 1 } } });
  });

  it.each([
    ['the store takes no writes', { isWritable: false }],
    ['the schedule has been silent for an hour', { state: { ...well, lookedAtMs: NOW - 60 * MINUTE } }],
    ['the service is shutting down', { isStopping: true }],
  ])('is refused when %s', async (_, options) => {
    expect((await ask('/readyz', options)).status).toBe(503);
  });

  it('claims nothing about a schedule this process does not keep', async () => {
    const { status, json } = await ask('/readyz', { state: 'none' });
    expect(status).toBe(200);
    expect(json.checks).not.toHaveProperty('overdue');
  });
});

describe('the evening’s health, for a monitor', () => {
  it.each([
    ['ok', 200, well],
    ['overdue', 503, { ...well, overdue: 1 }],
    ['silent', 503, { ...well, lookedAtMs: NOW - 60 * MINUTE }],
    ['unknown', 503, { ...well, lookedAtMs: undefined }],
  ])('is %s with status %d', async (status, code, state) => {
    expect(await ask('/healthz/evening', { state })).toMatchObject({ status: code, json: { status } });
  });
});
