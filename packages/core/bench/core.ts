import { parseArgs } from 'node:util';
import { applyOperations } from '@vesper/core/apply-operations';
import { diff } from '@vesper/core/diff';
import type { PlatformEvent } from '@vesper/core/event';
import { foldInspection, foldPayments, foldPayout } from '@vesper/core/fold';
import { mergePlans } from '@vesper/core/merge-plans';
import { planInspection } from '@vesper/core/plan-inspection';
import { planPayout } from '@vesper/core/plan-payout';
import { type CompanySettings, companySettings } from '@vesper/core/settings';
import { makeHistory } from './history.ts';

/**
 * What fold, plan and diff cost on one thread: a company's inspections with their payments and daily payouts, first all new, then settled.
 * `growthRatio` is the cost of one inspection among 100,000 over that of one among 1,000; the median of several rounds each.
 */
const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, inspections: { type: 'string', default: '100000' } },
});
const size = Number(values.inspections);
const small = Math.max(1, Math.round(size / 100));

const settings = companySettings.parse({ name: 'Bench Home Inspection', timezone: 'America/Chicago' });
for (let round = 0; round < 20; round += 1) measure(small);
const smallMs = median(Array.from({ length: 21 }, () => measure(small).ms));
const rounds = Array.from({ length: 3 }, () => measure(size));
const largeMs = median(rounds.map(({ ms }) => ms));
const last = rounds.at(-1) as Measured;

const report = {
  inspections: size,
  events: last.events,
  operations: last.operations,
  inspectionsPerSecond: Math.round((size / largeMs) * 1000),
  settledInspectionsPerSecond: Math.round((size / median(rounds.map(({ settledMs }) => settledMs))) * 1000),
  growthRatio: Number((largeMs / size / (smallMs / small)).toFixed(3)),
  heapMegabytes: Math.max(...rounds.map(({ heapMegabytes }) => heapMegabytes)),
  rssMegabytes: Math.round(process.memoryUsage().rss / 2 ** 20),
};
if (values.json) console.log(JSON.stringify(report));
else for (const [name, value] of Object.entries(report)) console.log(`${name.padEnd(28)} ${value.toLocaleString('en-US')}`);

interface Measured {
  ms: number;
  settledMs: number;
  events: number;
  operations: number;
  heapMegabytes: number;
}

function measure(inspections: number): Measured {
  const { bookings, payouts } = makeHistory(inspections);
  const empty = new Map();
  const startedAt = performance.now();
  const first = runEvening({ bookings, payouts, ledger: empty, settings });
  const ms = performance.now() - startedAt;
  const heapMegabytes = Math.round(process.memoryUsage().heapUsed / 2 ** 20);
  const operations = first.filter(({ kind }) => kind !== 'none').length;
  const ledger = applyOperations(empty, first);
  const againAt = performance.now();
  const second = runEvening({ bookings, payouts, ledger, settings });
  const settledMs = performance.now() - againAt;
  const left = second.filter(({ kind }) => kind !== 'none').length;
  if (left > 0) throw new Error(`${left} operations are left of a settled state`);
  return { ms, settledMs, operations, heapMegabytes, events: bookings.reduce((sum, { length }) => sum + length, 0) };
}

function runEvening({
  bookings,
  payouts,
  ledger,
  settings,
}: {
  bookings: PlatformEvent[][];
  payouts: { payout: PlatformEvent; payments: PlatformEvent[] }[];
  ledger: ReturnType<typeof applyOperations>;
  settings: CompanySettings;
}) {
  const today = '2026-07-01';
  const booked = mergePlans(bookings.map((events) => planInspection(foldInspection(events), settings, { ledger, today })));
  const wanted = new Map(booked.documents.map((one) => [one.presence === 'present' ? one.document.key : one.key, one]));
  const deposits = payouts.map(({ payout, payments }) =>
    planPayout(foldPayout([payout]), settings, { ledger, today, wanted, payments: foldPayments([...payments, payout]) }),
  );
  return diff(mergePlans([booked, ...deposits]).documents, ledger);
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
