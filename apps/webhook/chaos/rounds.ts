import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isStopped, LEASE_MS, type ChaosWorld, type Service } from './chaos-world.ts';
import type { FaultPoint } from './fault-points.ts';
import type { ProxyMode } from './tcp-proxy.ts';

/** Two batches of each wave. */
const INSPECTIONS = 36;
const FAULT_WITHIN_MS = 30_000;

/** A number from 0 up to 1, by seed. */
export type Chance = () => number;

/** Killed at a named point of a batch; the next start goes on. On MongoDB a second process goes on instead, once the lease is over. */
export async function killAtPoint(world: ChaosWorld, point: FaultPoint, chance: Chance): Promise<void> {
  const struck = await world.start({ strike: { point, batch: 1 + Math.floor(chance() * 5), signal: 'SIGKILL' } });
  await world.deliver(world.newEvents(INSPECTIONS), () => [struck]);
  await within(
    asLongAs(struck.gone, () => world.run(struck)),
    'the kill',
  );
  const [, signal] = await struck.gone;
  if (signal !== 'SIGKILL') throw new Error(`the process ended by ${signal}, not by the strike`);
  await goOn(world);
}

/** Killed at any moment, while webhooks come in and a run is under way. */
export async function killAtRandom(world: ChaosWorld, chance: Chance): Promise<void> {
  const up: Service[] = [await world.start()];
  const [first] = up as [Service];
  const early = world.newEvents(INSPECTIONS);
  await world.deliver(early, () => up);
  const late = world.deliver(world.newEvents(INSPECTIONS), () => up);
  const run = world.run(first);
  await delay(chance() * 400);
  first.process.kill('SIGKILL');
  await Promise.all([first.gone, run]);
  up.splice(0, 1, await world.start());
  await late;
  await finish(world, up);
}

/** Paused just before it sends a sealed batch, for longer than its lease; another process takes over, then the first one wakes. */
export async function pausePastLease(world: ChaosWorld, chance: Chance): Promise<void> {
  const point: FaultPoint = chance() < 0.5 ? 'sealed' : 'answered';
  const paused = await world.start({ strike: { point, batch: 1 + Math.floor(chance() * 5), signal: 'SIGSTOP' } });
  await world.deliver(world.newEvents(INSPECTIONS), () => [paused]);
  const late = asLongAs(
    until(() => isStopped(paused), 'the pause'),
    () => world.run(paused),
  );
  await until(() => isStopped(paused), 'the pause');
  const other = await world.start();
  await world.rest(other);
  paused.process.kill('SIGCONT');
  await within(late, 'the end of the run that had slept');
  await finish(world, [other, paused]);
}

/** Two processes on one store: each webhook goes to both at once, both are asked to run, and one of them is killed. */
export async function twoProcesses(world: ChaosWorld, chance: Chance): Promise<void> {
  const up = [await world.start(), await world.start()];
  const [one, two] = up as [Service, Service];
  const events = world.newEvents(INSPECTIONS);
  await Promise.all([world.deliver(events, () => [one]), world.deliver(events, () => [two])]);
  const runs = [world.run(one), world.run(two)];
  await delay(chance() * 300);
  one.process.kill('SIGKILL');
  await one.gone;
  await Promise.all(runs);
  await finish(world, [two]);
}

/** The network before QuickBooks, or before the store, breaks connections or swallows what is sent, more than once. */
export async function breakNetwork(
  world: ChaosWorld,
  at: 'quickbooks' | 'database',
  mode: Exclude<ProxyMode, 'pass'>,
  chance: Chance,
): Promise<void> {
  const proxy = world[at];
  if (!proxy) throw new Error(`there is no proxy before the ${at}`);
  const service = await world.start();
  await world.deliver(world.newEvents(INSPECTIONS), () => [service]);
  const before = proxy.harm();
  const late = world.deliver(world.newEvents(INSPECTIONS / 2), () => [service]);
  const running = asLongAs(late, () => world.run(service));
  for (let times = 0; times < 4 || proxy.harm() === before; times += 1) {
    await delay(chance() * 150);
    proxy.turn(mode);
    await delay(50 + chance() * 250);
    proxy.turn('pass');
    if (times > 100) throw new Error('the network was broken where nobody used it');
  }
  await Promise.all([late, running]);
  await finish(world, [service]);
}

/** The disk is filled while webhooks come in and a run is under way, then freed. Ends the world: its disk goes with the process. */
export async function fillDisk(world: ChaosWorld): Promise<void> {
  const service = await world.start({ smallDisk: true });
  await world.deliver(world.newEvents(INSPECTIONS), () => [service]);
  const ballast = join(`/proc/${service.process.pid}/root`, world.dataDir, 'ballast');
  const run = world.run(service);
  const isFull = await writeFile(ballast, new Uint8Array(32_000_000)).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOSPC',
  );
  if (!isFull) throw new Error('the disk did not fill');
  const statuses = world.deliver(world.newEvents(300), () => [service]);
  await delay(700);
  await run;
  await rm(ballast);
  const refused = (await statuses).get(503) ?? 0;
  if (refused === 0) throw new Error('no webhook was refused while the disk was full');
  await finish(world, [service]);
}

async function goOn(world: ChaosWorld): Promise<void> {
  const next = await world.start();
  await finish(world, [next]);
}

/** Comes to rest, and a further run finds nothing to do; then all processes go. */
async function finish(world: ChaosWorld, services: readonly Service[]): Promise<void> {
  const [first] = services;
  if (first) await world.rest(first);
  for (const { process, gone } of services) {
    process.kill('SIGKILL');
    await gone;
  }
}

/** Again and again until the other thing is done. */
async function asLongAs(other: Promise<unknown>, act: () => Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const watched = other.finally(() => over.abort());
  while (!over.signal.aborted) await act();
  await watched;
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + FAULT_WITHIN_MS; !(await condition()); await delay(20))
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${FAULT_WITHIN_MS} ms`);
}

async function within<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  const ended = new AbortController();
  try {
    return await Promise.race([
      promise,
      delay(FAULT_WITHIN_MS + LEASE_MS, undefined, { signal: ended.signal }).then(() => {
        throw new Error(`${what} did not come within ${FAULT_WITHIN_MS} ms`);
      }),
    ]);
  } finally {
    ended.abort();
  }
}
