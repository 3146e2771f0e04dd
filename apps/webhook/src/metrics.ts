import type { EntryState } from '@vesper/outbox/entry';
import type { Store } from '@vesper/outbox/store';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EveningState } from './evening.ts';
import type { Deliveries } from './outgoing/deliveries.ts';
import type { RunReport } from './run-report.ts';

/** Counts and times for Prometheus. No label ever holds a company, a person or an amount. */
export interface Metrics {
  /** One answered webhook. */
  webhook(status: number): void;
  /** One finished run. */
  run(report: RunReport): void;
  /** The text format, with what the store says at this moment. */
  expose(): Promise<{ contentType: string; text: string }>;
}

export interface MetricsRoom {
  store: Pick<Store, 'counts' | 'isWritable'>;
  deliveries: Pick<Deliveries, 'waiting'>;
  /** Absent where this process keeps no evenings. */
  evenings: () => EveningState | undefined;
}

const DURATIONS_S = [1, 5, 15, 60, 300, 900, 3_600, 10_800];

export function createMetrics({ store, deliveries, evenings }: MetricsRoom): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const webhooks = new Counter({
    name: 'vesper_webhooks_total',
    help: 'Webhooks answered, by HTTP status.',
    labelNames: ['status'],
    registers,
  });
  const runs = new Counter({
    name: 'vesper_runs_total',
    help: 'Runs ended, by what began them and how they ended.',
    labelNames: ['trigger', 'state'],
    registers,
  });
  const durations = new Histogram({
    name: 'vesper_run_duration_seconds',
    help: 'How long runs took.',
    labelNames: ['trigger'],
    buckets: DURATIONS_S,
    registers,
  });
  const documents = new Counter({
    name: 'vesper_documents_total',
    help: 'What runs did with documents.',
    labelNames: ['outcome'],
    registers,
  });
  const requests = new Counter({ name: 'vesper_quickbooks_requests_total', help: 'HTTP requests of runs to QuickBooks.', registers });
  const differences = new Counter({
    name: 'vesper_control_differences_total',
    help: 'Differences no waiting document explains, found by the control totals of runs.',
    registers,
  });

  for (const gauge of [
    new Gauge({
      name: 'vesper_entries',
      help: 'Entries in the outbox, by state.',
      labelNames: ['state'],
      registers: [],
      async collect() {
        const counts = await store.counts();
        for (const state of Object.keys(counts) as EntryState[]) this.set({ state }, counts[state]);
      },
    }),
    new Gauge({
      name: 'vesper_store_writable',
      help: '1 when the store would take a webhook now.',
      registers: [],
      async collect() {
        this.set((await store.isWritable().catch(() => false)) ? 1 : 0);
      },
    }),
    new Gauge({
      name: 'vesper_messages',
      help: 'Messages to the outside that wait for another attempt, or were given up.',
      labelNames: ['state'],
      registers: [],
      async collect() {
        const { waiting, givenUp } = await deliveries.waiting();
        this.set({ state: 'waiting' }, waiting);
        this.set({ state: 'given_up' }, givenUp);
      },
    }),
    new Gauge({
      name: 'vesper_companies',
      help: 'Companies by connection state at the last look; `paused` counts again those whose evenings rest.',
      labelNames: ['state'],
      registers: [],
      collect() {
        const state = evenings();
        if (!state) return;
        for (const [name, count] of Object.entries(state.connections)) this.set({ state: name }, count);
        this.set({ state: 'paused' }, state.paused);
      },
    }),
    new Gauge({
      name: 'vesper_evenings_overdue',
      help: 'Companies whose evening began more than two hours before the last look and was not done.',
      registers: [],
      collect() {
        this.set(evenings()?.overdue ?? 0);
      },
    }),
    new Gauge({
      name: 'vesper_evenings_looked_at_timestamp_seconds',
      help: 'When the schedule last looked at all companies. Alert when it is half an hour old.',
      registers: [],
      collect() {
        this.set((evenings()?.lookedAtMs ?? 0) / 1_000);
      },
    }),
    new Gauge({
      name: 'vesper_runs_under_way',
      help: 'Companies whose run this process is at.',
      registers: [],
      collect() {
        this.set(evenings()?.underWay.length ?? 0);
      },
    }),
  ])
    registry.registerMetric(gauge);

  return {
    webhook: (status) => webhooks.inc({ status: String(status) }),
    run({ trigger, state, durationMs, counts, requests: sent, controlTotals }) {
      runs.inc({ trigger, state });
      durations.observe({ trigger }, durationMs / 1_000);
      for (const [outcome, count] of Object.entries(counts)) documents.inc({ outcome }, count);
      requests.inc(sent);
      differences.inc(controlTotals?.unexplained.length ?? 0);
    },
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
