import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';

/**
 * `npm run bench`: runs the benchmarks one after another, prints one table, each figure with its baseline of the same run, and keeps it in
 * docs/performance.md. `--only ingest,core` runs some and keeps nothing; `--evening` adds ten thousand companies, which takes its time.
 */
interface Row {
  what: string;
  measured: string;
  baseline: string;
  ratio: string;
}
type Result = Record<string, number> & { p95Ms?: Record<string, number>; growthRatio?: number | Record<string, number> };
interface Part {
  name: string;
  args?: string[];
  rows(result: Result): Row[];
}

const number = (value: number | undefined): string => (value ?? Number.NaN).toLocaleString('en-US', { maximumFractionDigits: 2 });
const row = (what: string, measured: string, baseline = '', ratio = ''): Row => ({ what, measured, baseline, ratio });
const times = (a: number | undefined, b: number | undefined): string => `${number((a ?? Number.NaN) / (b ?? Number.NaN))} ×`;

const PARTS: readonly Part[] = [
  {
    name: 'ingest',
    rows: (r) => [
      row(
        'ingest, durable, closed loop',
        `${number(r.durablePerSecond)} /s`,
        `${number(r.barePerSecond)} /s, same handler and signature check, nothing stored`,
        `${number(r.saturationRatio)} ×`,
      ),
      row(
        'ingest, 3,000/s, open loop',
        `p50 ${number(r.p50MsAt3000)} ms, p99 ${number(r.p99MsAt3000)} ms`,
        `${number(r.acknowledged)} acknowledged in both phases`,
        `${number(r.lost)} lost, ${number(r.duplicated)} double`,
      ),
    ],
  },
  {
    name: 'flush',
    rows: (r) => [
      row(
        'flush, requests an inspection',
        number(r.requestsPerInspection),
        `${number(r.baselineRequestsPerInspection)}, a client that sends one request an operation`,
        times(r.requestsPerInspection, r.baselineRequestsPerInspection),
      ),
      row(
        'flush, 10,000 documents of one company',
        `${number(r.minutes)} min`,
        'QuickBooks’ ceiling of 1,200 operations a minute',
        `${number(r.ceilingShare)} ×`,
      ),
      row('flush, reads a run', number(r.readsPerRun)),
    ],
  },
  {
    name: 'fairness',
    rows: (r) => [
      row(
        `fairness, ${number(r.small)} small companies beside ${number(r.largeDocuments)} documents`,
        `last after ${number(r.smallLastMinutes)} min`,
        `${number(r.largeMinutes)} min, the large one`,
        times(r.smallLastMinutes, r.largeMinutes),
      ),
    ],
  },
  {
    name: 'core',
    rows: (r) => [
      row(
        'core, fold, plan and diff',
        `${number(r.inspectionsPerSecond)} inspections/s`,
        'cost of one at 100,000 beside one at 1,000',
        `${number(r.growthRatio as number)} ×`,
      ),
    ],
  },
  {
    name: 'store',
    rows: (r) =>
      Object.entries(r.growthRatio ?? {}).map(([what, ratio]) =>
        row(`store (SQLite), ${what}`, '5 million old entries', '10,000 old entries', `${number(ratio)} ×`),
      ),
  },
  {
    name: 'console',
    rows: (r) =>
      Object.entries(r.p95Ms ?? {}).map(([page, ms]) => row(`console, ${page}, p95`, `${number(ms)} ms`, 'with a million entries')),
  },
  {
    name: 'emulator',
    rows: (r) => [row('emulator', `${number(r.readsPerSecond)} reads/s, ${number(r.batchItemsPerSecond)} batch items/s`)],
  },
  {
    name: 'start-up',
    rows: (r) => [
      row(
        'start-up of what is deployed, to the first answer',
        `${number(r.startUpMs)} ms`,
        `${number(r.bareStartUpMs)} ms, a bare HTTP server`,
        times(r.startUpMs, r.bareStartUpMs),
      ),
      row(
        'start-up from sources (`npm start`)',
        `${number(r.sourceStartUpMs)} ms`,
        `${number(r.bareStartUpMs)} ms, a bare HTTP server`,
        times(r.sourceStartUpMs, r.bareStartUpMs),
      ),
      row('memory after start', `${number(r.rssMb)} MB`, `${number(r.bareRssMb)} MB, a bare HTTP server`, times(r.rssMb, r.bareRssMb)),
      row(
        'memory after start from sources',
        `${number(r.sourceRssMb)} MB`,
        `${number(r.bareRssMb)} MB, a bare HTTP server`,
        times(r.sourceRssMb, r.bareRssMb),
      ),
    ],
  },
];
const EVENING: Part = {
  name: 'evening',
  args: ['--companies', '10000', '--inspections', '10'],
  rows: (r) => [
    row(
      `evening, ${number(r.companies)} companies, ${number(r.inspections)} inspections, QuickBooks ${number(r.latencyMs)} ms away`,
      `${number(r.minutes)} min, ${number(r.inspectionsPerSecond)} inspections/s`,
      `${number(r.cpuSeconds)} s of one core`,
    ),
    row('evening, memory at most', `${number(r.peakRssMb)} MB`, '600 MB, the bar', times(r.peakRssMb, 600)),
    row('evening, requests', number(r.requests), `${number(r.requestsPerCompany)} a company`, `${number(r.throttled)} throttled`),
  ],
};

const { values } = parseArgs({ options: { only: { type: 'string' }, evening: { type: 'boolean', default: false } } });
const wanted = values.only?.split(',');
const parts = [...PARTS, EVENING].filter(({ name }) => wanted?.includes(name) ?? (name !== 'evening' || values.evening));
const rows: Row[] = [];
for (const part of parts) {
  const { name, args = [] } = part;
  process.stderr.write(`bench:${name}\n`);
  const { status, stdout } = spawnSync('npm', ['run', '-s', `bench:${name}`, '--', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status === 0) rows.push(...part.rows(JSON.parse(stdout) as Result));
  else {
    rows.push(row(name, 'failed; see what it said'));
    process.exitCode = 1;
  }
}

const heads: Row = { what: 'what', measured: 'measured', baseline: 'baseline, same run', ratio: 'ratio' };
const widths = (['what', 'measured', 'baseline', 'ratio'] as const).map((column) =>
  Math.max(...[heads, ...rows].map((line) => line[column].length)),
);
const toLine = ({ what, measured, baseline, ratio }: Row): string =>
  `| ${[what, measured, baseline, ratio].map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
const table = [toLine(heads), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(toLine)].join('\n');
console.log(table);

if (wanted === undefined && process.exitCode === undefined) {
  const file = 'docs/performance.md';
  const machine = `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}).`;
  const text = readFileSync(file, 'utf8').replace(
    /<!-- result -->[\s\S]*<!-- end -->/,
    `<!-- result -->\n\n${machine}\n\n${table}\n\n<!-- end -->`,
  );
  writeFileSync(file, text);
  spawnSync('oxfmt', [file], { stdio: 'inherit' });
}
