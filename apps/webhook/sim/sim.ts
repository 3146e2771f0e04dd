import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Command, InvalidArgumentError } from 'commander';
import { FAULT_KINDS, type FaultKind } from './faults.ts';
import { MUTATIONS } from './mutations.ts';
import { runSeed } from './run-seed.ts';
import type { SeedOrder, SeedReport } from './seed-worker.ts';

/**
 * The simulator's command. Many seeds, spread over the cores, each lived twice; or one seed with its whole event log. Ends with an error when
 * a promise was broken, or when over at least a hundred seeds some kind of fault never struck: such a run would prove less than it says.
 */
const JUDGE_FAULTS_FROM = 100;

const number = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('is no whole number');
  return Number(text);
};

const options = new Command('sim')
  .description('Lives through seeded days of two companies, two processes and all that can go wrong, on virtual time.')
  .option('--seeds <count>', 'how many seeds', number, 100)
  .option('--from <seed>', 'the first of them', number, 1)
  .option('--seed <seed>', 'this one alone, with its event log', number)
  .option('--mutation <name>', `break a promise on purpose: ${Object.keys(MUTATIONS).join(', ')}`)
  .option('--until-violated', 'end at the first seed that breaks a promise')
  .option('--json', 'one object on standard output and nothing else there')
  .parse()
  .opts<{ seeds: number; from: number; seed?: number; mutation?: string; untilViolated?: true; json?: true }>();

const { mutation } = options;
if (mutation !== undefined && !(mutation in MUTATIONS)) throw new Error(`there is no mutation ${mutation}`);
const mutated = mutation === undefined ? {} : { mutation };
if (options.seed === undefined) await runMany();
else await runOne(options.seed);

async function runMany(): Promise<void> {
  const { seeds: count, from } = options;
  const startedAt = performance.now();
  const reports = await reportsOf(Array.from({ length: count }, (_, index) => from + index));
  const fired: Partial<Record<FaultKind, number>> = {};
  for (const { faults } of reports)
    for (const [kind, times] of Object.entries(faults) as [FaultKind, number][]) fired[kind] = (fired[kind] ?? 0) + times;
  const faultsFired = Object.fromEntries(FAULT_KINDS.flatMap((kind) => (fired[kind] === undefined ? [] : [[kind, fired[kind]]])));
  const neverFired = count >= JUDGE_FAULTS_FROM ? FAULT_KINDS.filter((kind) => fired[kind] === undefined) : [];
  const violations = reports.flatMap(({ seed, violations: found }) =>
    found.map((violation) => ({
      seed,
      ...violation,
      repeat: `npm run sim -- --seed ${seed}${mutation === undefined ? '' : ` --mutation ${mutation}`}`,
    })),
  );
  const result = { seeds: reports.length, violations, faultsFired, neverFired };
  if (options.json) console.log(JSON.stringify(result));
  else {
    console.table(faultsFired);
    for (const { invariant, message, repeat } of violations.slice(0, 50)) console.log(`${invariant}: ${message}\n    ${repeat}`);
    for (const kind of neverFired) console.log(`The fault ${kind} never struck: these seeds prove nothing about it.`);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    console.log(`${reports.length} seeds, each twice, in ${seconds} s: ${violations.length} broken promises.`);
  }
  if (violations.length > 0 || neverFired.length > 0) process.exitCode = 1;
}

/** Each worker takes every so many-th seed, so that long and short ones are spread evenly. */
async function reportsOf(seeds: readonly number[]): Promise<SeedReport[]> {
  const workers = Math.min(availableParallelism(), seeds.length);
  const reports: SeedReport[] = [];
  const running: Worker[] = [];
  const end = Promise.withResolvers<void>();
  const all = Array.from({ length: workers }, (_, index) => {
    const order: SeedOrder = { seeds: seeds.filter((_seed, place) => place % workers === index), ...mutated };
    const worker = new Worker(new URL('./seed-worker.ts', import.meta.url), { workerData: order });
    running.push(worker);
    worker.on('message', (report: SeedReport) => {
      reports.push(report);
      if (options.untilViolated && report.violations.length > 0) end.resolve();
    });
    worker.once('error', end.reject);
    return new Promise((resolve) => worker.once('exit', resolve));
  });
  await Promise.race([Promise.all(all), end.promise]);
  for (const worker of running) await worker.terminate();
  return reports.sort((a, b) => a.seed - b.seed);
}

async function runOne(seed: number): Promise<void> {
  const { trace, violations, faults, hash, events } = await runSeed(seed, { ...mutated, keepTrace: true });
  const isSame = (await runSeed(seed, mutated)).hash === hash;
  if (options.json)
    console.log(JSON.stringify({ seeds: 1, violations: violations.map((one) => ({ seed, ...one })), faultsFired: faults, neverFired: [] }));
  else {
    for (const line of trace) console.log(line);
    console.table(faults);
    for (const { invariant, at, message } of violations) console.log(`${invariant} at ${at}: ${message}`);
    console.log(`Seed ${seed}: ${events} events, log ${hash.slice(0, 16)}${isSame ? '' : ', and ANOTHER when lived again'}.`);
  }
  if (violations.length > 0 || !isSame) process.exitCode = 1;
}
