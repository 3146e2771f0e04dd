import { parseArgs } from 'node:util';
import { applyOperations } from '@vesper/core/apply-operations';
import { diff } from '@vesper/core/diff';
import type { DocumentKey } from '@vesper/core/document';
import { foldInspection, foldPayments, foldPayout } from '@vesper/core/fold';
import type { Ledger, LedgerRecord } from '@vesper/core/ledger';
import { mergePlans } from '@vesper/core/merge-plans';
import type { Difference } from '@vesper/core/plan';
import { keyOf } from '@vesper/core/plan-draft';
import { planInspection } from '@vesper/core/plan-inspection';
import { planPayout } from '@vesper/core/plan-payout';
import { companySettings } from '@vesper/core/settings';
import { type History, makeHistory } from './history.ts';

/**
 * What fold, plan and diff cost on one thread: a company's inspections with their payments and payouts, a thousand at a time as a run takes
 * them, first all new, then all settled against the whole ledger. Making the events is not counted. `growthRatio` is what one inspection
 * costs in a company with 100,000 over what it costs in one with 1,000: both are measured in turns, so that a busy machine weighs on both.
 */
const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, inspections: { type: 'string', default: '100000' } },
});
const size = Number(values.inspections);
const CHUNK = 1_000;
const settings = companySettings.parse({ name: 'Bench Home Inspection', timezone: 'America/Chicago' });

let heapMegabytes = 0;
for (let round = 0; round < 10; round += 1) measureSmall();
const small: Evenings = { first: [], settled: [] };
const large: Evenings = { first: [], settled: [] };
const ledger = new Map<DocumentKey, LedgerRecord>();
let events = 0;
let operations = 0;
for (const evening of ['first', 'settled'] as const) {
  for (let from = 0; from < size; from += CHUNK) {
    const measured = measureChunk(from, ledger);
    large[evening].push(measured.ms);
    if (evening === 'first') events += measured.events;
    operations += measured.operations;
    if ((from / CHUNK) % 4 === 0) measureSmall(small);
  }
}
const report = {
  inspections: size,
  events,
  operations,
  inspectionsPerSecond: Math.round((large.first.length * CHUNK * 1000) / sum(large.first)),
  settledInspectionsPerSecond: Math.round((large.settled.length * CHUNK * 1000) / sum(large.settled)),
  growthRatio: Number(((median(large.first) + median(large.settled)) / (median(small.first) + median(small.settled))).toFixed(3)),
  heapMegabytes,
  rssMegabytes: Math.round(process.memoryUsage().rss / 2 ** 20),
};
if (values.json) console.log(JSON.stringify(report));
else for (const [name, value] of Object.entries(report)) console.log(`${name.padEnd(28)} ${value.toLocaleString('en-US')}`);

/** Milliseconds of each thousand inspections, when all is new and when all is posted. */
interface Evenings {
  first: number[];
  settled: number[];
}

/** Both evenings of a company with a thousand inspections. */
function measureSmall(evenings: Evenings = { first: [], settled: [] }): void {
  const ledger = new Map<DocumentKey, LedgerRecord>();
  evenings.first.push(measureChunk(0, ledger).ms);
  evenings.settled.push(measureChunk(0, ledger).ms);
}

function measureChunk(from: number, ledger: Map<DocumentKey, LedgerRecord>): { ms: number; events: number; operations: number } {
  const history = makeHistory({ from, to: from + CHUNK });
  const startedAt = performance.now();
  const differences = planChunk(history, ledger);
  const ms = performance.now() - startedAt;
  heapMegabytes = Math.max(heapMegabytes, Math.round(process.memoryUsage().heapUsed / 2 ** 20));
  for (const [key, record] of applyOperations(new Map(), differences)) ledger.set(key, record);
  return {
    ms,
    events: sum(history.bookings.map(({ length }) => length)),
    operations: differences.filter(({ kind }) => kind !== 'none').length,
  };
}

function planChunk({ bookings, payouts }: History, ledger: Ledger): Difference[] {
  const today = '2026-07-01';
  const booked = mergePlans(bookings.map((events) => planInspection(foldInspection(events), settings, { ledger, today })));
  const wanted = new Map(booked.documents.map((one) => [keyOf(one), one]));
  const deposits = payouts.map(({ payout, payments }) =>
    planPayout(foldPayout([payout]), settings, { ledger, today, wanted, payments: foldPayments([...payments, payout]) }),
  );
  return diff(mergePlans([booked, ...deposits]).documents, ledger);
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
