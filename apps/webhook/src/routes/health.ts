import { Hono } from 'hono';
import type { Store } from '@vesper/outbox/store';
import type { EveningState } from '../evening.ts';

export interface HealthRoom {
  store: Pick<Store, 'isWritable'>;
  clock: { now(): number };
  /** Absent where this process keeps no evenings: then nothing is claimed about them. */
  evenings?: () => EveningState | undefined;
  signal?: AbortSignal;
}

/** The schedule looks every quarter of an hour; twice missed and a half is dead. */
const SCHEDULE_DEAD_MS = 40 * 60_000;

/**
 * `/healthz`: the process answers. `/readyz`: it can do its work: the store takes writes, the schedule has looked at the companies of late, and
 * it is not shutting down. `/healthz/evening` is for a monitor: 503 when an evening is overdue. One company's lost connection makes no process
 * unready; it is counted.
 */
export function healthRoute({ store, clock, evenings, signal }: HealthRoom): Hono {
  const route = new Hono();
  const openedAtMs = clock.now();
  const isAlive = (state: EveningState): boolean => clock.now() - (state.lookedAtMs ?? openedAtMs) < SCHEDULE_DEAD_MS;

  route.get('/healthz', (context) => context.json({ status: 'ok' }));

  route.get('/readyz', async (context) => {
    const isWritable = await store.isWritable().catch(() => false);
    const state = evenings?.();
    const schedule = state === undefined || isAlive(state);
    const stopping = signal?.aborted ?? false;
    const isReady = isWritable && schedule && !stopping;
    return context.json(
      {
        status: isReady ? 'ready' : 'not_ready',
        checks: {
          store: isWritable,
          schedule,
          stopping,
          ...(state && {
            lookedAt: state.lookedAtMs === undefined ? null : new Date(state.lookedAtMs).toISOString(),
            companies: state.companies,
            connections: state.connections,
            paused: state.paused,
            overdue: state.overdue,
          }),
        },
      },
      isReady ? 200 : 503,
    );
  });

  route.get('/healthz/evening', (context) => {
    const state = evenings?.();
    const lookedAtMs = state?.lookedAtMs;
    if (!state || lookedAtMs === undefined) return context.json({ status: 'unknown' }, 503);
    const isWell = isAlive(state) && state.overdue === 0;
    return context.json(
      {
        status: isWell ? 'ok' : isAlive(state) ? 'overdue' : 'silent',
        overdue: state.overdue,
        lookedAt: new Date(lookedAtMs).toISOString(),
      },
      isWell ? 200 : 503,
    );
  });
  return route;
}
