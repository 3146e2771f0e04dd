import { createHash } from 'node:crypto';
import { createMemoryTables } from '@vesper/outbox/memory-store';
import type { SecretBox } from '@vesper/outbox/secret-box';
import { saveSettings } from '../src/company.ts';
import { createLogger } from '../src/logger.ts';
import { createByHand } from './by-hand.ts';
import { createDeliveries } from './deliveries.ts';
import { createFaults, type FaultKind } from './faults.ts';
import { checkBooks, checkFinally, type FinalRoom } from './final-checks.ts';
import { createLimitsWatch } from './limits-watch.ts';
import { MUTATIONS } from './mutations.ts';
import { connect, createPeople } from './people.ts';
import { createPlatform, type Platform } from './platform.ts';
import { createQuickbooksModel } from './quickbooks-model.ts';
import type { Darkness } from './quickbooks-link.ts';
import { createRandom } from './random.ts';
import { startService, type Service } from './service.ts';
import { createStoreWatch } from './store-watch.ts';
import { createVirtualTime } from './virtual-time.ts';
import { createWireWatch } from './wire-watch.ts';
import type { Violation, World } from './world.ts';

export interface SeedResult {
  seed: number;
  /** Of the whole event log: two runs of a seed must agree in it. */
  hash: string;
  events: number;
  violations: Violation[];
  faults: Partial<Record<FaultKind, number>>;
  /** The event log itself, when it was asked for. */
  trace: string[];
}

/** Sealing is not what is tried here, and costs more than the rest of a call. */
const OPEN_BOX: SecretBox = { seal: (text) => text, open: (sealed) => sealed, isCurrent: () => true };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const PROCESSES = ['a', 'b'] as const;
/** From the first booking: faults and people meddle in the first two evenings, the last two must put everything right. */
const TROUBLED_HOURS = 40;
const END_HOURS = 65;
const END_HOURS_DST = 73;
const DEAD_DAY_HOURS = 24;
const MEMORY_MS = 14 * HOUR_MS;
/** An ordinary week, and the two weekends on which American clocks change. */
const ORDINARY = '2026-06-10T14:00:00Z';
const CLOCK_CHANGES = [
  { start: '2026-03-07T14:00:00Z', eveningAt: '02:30', day: '2026-03-08' },
  { start: '2026-10-31T14:00:00Z', eveningAt: '01:30', day: '2026-11-01' },
];

/** Lives through one seed: a few days of two companies, two processes, and everything that can go wrong. */
export async function runSeed(
  seed: number,
  { mutation, keepTrace = false }: { mutation?: string; keepTrace?: boolean } = {},
): Promise<SeedResult> {
  const random = createRandom(seed);
  const faults = createFaults(random);
  const change = faults.isOn('dst_evening') ? random.pick(CLOCK_CHANGES) : undefined;
  const startMs = Date.parse(change?.start ?? ORDINARY);
  const time = createVirtualTime(startMs);
  const log = createHash('sha256');
  const trace: string[] = [];
  const violations: Violation[] = [];
  const logs: string[] = [];
  let events = 0;
  const write = (...words: readonly (string | number)[]): void => {
    const line = `${time.now() - startMs} ${words.join(' ')}`;
    events += 1;
    log.update(line);
    if (keepTrace) trace.push(line);
  };
  const violate = (invariant: string, message: string): void => {
    write('VIOLATED', invariant, message);
    violations.push({ invariant, at: new Date(time.now()).toISOString(), message });
  };
  let platform: Platform;
  const quickbooks = createQuickbooksModel(
    { time, violate, trace: write },
    { mayPost: (companyId, key) => platform.whyNotYet(companyId, key) },
  );
  const world: World = {
    seed,
    time,
    random,
    faults,
    tables: createMemoryTables({ now: () => time.now() }),
    secretBox: OPEN_BOX,
    quickbooks,
    wire: createWireWatch({ time, violate, quickbooks: () => quickbooks }),
    limits: createLimitsWatch({ time, violate }),
    stored: createStoreWatch({ violate }),
    logger: createLogger('info', { write: (line) => void logs.push(line) }),
    mutation: mutation === undefined ? undefined : MUTATIONS[mutation],
    refusedIds: new Set(),
    mutationMemory: new Map(),
    trace: write,
    violate,
  };
  const companies = [
    { id: 'tern', timezone: 'America/Chicago', eveningAt: '20:00' },
    { id: 'heron', timezone: 'America/Los_Angeles', eveningAt: change?.eveningAt ?? '20:00' },
  ].map((company) => ({
    ...company,
    realmId: quickbooks.open({
      name: company.id,
      companyId: company.id,
      timezone: company.timezone,
      retentionMs: MEMORY_MS,
      refusesSameNumber: faults.isOn('number_taken'),
    }),
  }));

  const darkUntil: Darkness = new Map();
  const services = startServices(world, { darkUntil, lateNights: change !== undefined });
  const first = services.running()[0] as Service;
  for (const { id, realmId, ...settings } of companies) {
    const connecting = saveSettings(first.room.store, id, { name: id, ...settings }, new Date(time.now()).toISOString()).then(() =>
      connect(first, world, id, realmId),
    );
    await time.runUntil(time.now() + MINUTE_MS);
    const { outcome } = await connecting;
    if (!outcome.startsWith('connected')) throw new Error(`${id} could not be connected: ${outcome}`);
  }

  const deliveries = createDeliveries(world, () => services.any());
  platform = createPlatform(world, { companies: companies.map(({ id }) => id), emit: deliveries.deliver });
  const people = createPeople(world, { companies: companies.map(({ id }) => id), services: services.running });
  const byHand = createByHand(world, () => platform);
  const room: FinalRoom = { platform, companies, accepted: deliveries.accepted, touched: byHand.touched, logs };
  faults.begin();

  const inHours = (from: number, to: number, happen: () => void): void =>
    void time.after(random.int(Math.floor(from * HOUR_MS), Math.floor(to * HOUR_MS)), happen);
  const planned = (kind: FaultKind, times: number, happen: (realmId: string, companyId: string) => void): void => {
    for (let count = 0; count < times && faults.isOn(kind); count += 1) {
      const { realmId, id } = random.pick(companies);
      inHours(4, TROUBLED_HOURS - 1, () => happen(realmId, id));
    }
  };
  planned('record_touched', 3, byHand.touch);
  planned('record_edited', 1, byHand.edit);
  planned('record_voided', 1, byHand.voidOne);
  planned('number_taken', 3, byHand.takeNumber);
  planned('name_taken', 2, byHand.takeName);
  planned('undecodable_row', 1, (_, companyId) => byHand.spoilRow(companyId));
  planned('connection_revoked', 1, (realmId) => (quickbooks.revokeTokens(realmId), faults.note('connection_revoked')));
  planned('shutdown_asked', 2, () => (services.any()?.shutDown(), faults.note('shutdown_asked')));
  planned('clock_jump', 2, () => {
    const service = services.any();
    if (!service) return;
    service.process.skewMs = random.pick([-1, 1]) * random.int(5_000, HOUR_MS);
    world.limits.clocksDisagree(Infinity);
    faults.note('clock_jump');
  });
  for (let acts = 0; acts < 12; acts += 1) inHours(2, TROUBLED_HOURS, people.meddle);
  if (faults.isOn('brownout')) {
    const { realmId } = random.pick(companies);
    inHours(10.5, 14, () => (darkUntil.set(realmId, time.now() + random.int(10, 180) * MINUTE_MS), faults.note('brownout')));
  }
  time.after(34.9 * HOUR_MS, () => {
    if (companies.some(({ id }) => hasForgotten(world, id))) faults.note('request_id_forgotten');
  });

  const quietMs = time.now() + TROUBLED_HOURS * HOUR_MS;
  await time.runUntil(quietMs);
  faults.end();
  services.heal();
  const [tern, heron] = companies;
  const isDead = faults.isOn('dead_company');
  if (isDead && heron) {
    darkUntil.set(heron.realmId, startMs + 66 * HOUR_MS);
    faults.note('dead_company');
  }
  byHand.putRight();
  time.after(5 * MINUTE_MS, deliveries.retryAll);
  for (const hours of [0.2, 1, 2, 3, 4, 16, 20.5, 21.5, 22.5, 28.5, 29.5, 30.5, 44.5, 45.5, 46.5, 52.5, 54])
    time.after(hours * HOUR_MS, people.putRight);
  // A connection that was revoked is noticed in that very evening, and mended after it.
  if (isDead && tern && !faults.isOn('connection_revoked')) {
    await time.runUntil(startMs + 62 * HOUR_MS);
    checkBooks(world, room, tern, { only: 'L3', untilMs: startMs + 58 * HOUR_MS });
  }
  await time.runUntil(startMs + ((change ? END_HOURS_DST : END_HOURS) + (isDead ? DEAD_DAY_HOURS : 0)) * HOUR_MS);
  checkFinally(world, room);
  if (
    change &&
    world.tables
      .runs({ companyId: 'heron', limit: 1_000 })
      .some(({ localDate, trigger }) => trigger === 'evening' && localDate === change.day)
  )
    faults.note('dst_evening');
  return { seed, hash: log.digest('hex'), events, violations, faults: faults.fired(), trace };
}

/** Two processes that are started again whenever they end. */
function startServices(world: World, { darkUntil, lateNights }: { darkUntil: Darkness; lateNights: boolean }) {
  const { time, random, faults } = world;
  const running = new Map<string, Service>();
  let starts = 0;
  const isEvening = (nowMs: number): boolean => new Date(nowMs).getUTCHours() < (lateNights ? 12 : 5);
  const start = (letter: string): void => {
    const service = startService(world, {
      name: `${letter}${(starts += 1)}`,
      skewMs: 0,
      darkUntil,
      isEvening,
      onEnd: () => {
        world.trace('ended', service.process.name);
        world.limits.died(service.process);
        running.delete(letter);
        time.after(faults.isQuiet ? 5_000 : random.int(2_000, 180_000), () => start(letter));
      },
    });
    running.set(letter, service);
    world.trace('started', service.process.name);
  };
  for (const letter of PROCESSES) start(letter);
  return {
    running: (): Service[] => [...running.values()],
    any: (): Service | undefined => (running.size === 0 ? undefined : random.pick([...running.values()])),
    heal(): void {
      for (const { process } of running.values()) process.skewMs = 0;
    },
  };
}

/** Whether something was sent so long ago that QuickBooks remembers its request id no more, and nobody knows what became of it. */
function hasForgotten({ tables, time }: World, companyId: string): boolean {
  return tables.ledgerByState(companyId, ['unknown', 'sealed'], { limit: 1_000 }).some(({ key }) => {
    const [batch] = tables.batchesOf(companyId, key);
    const sentAt = batch?.sends[0]?.startedAt;
    return sentAt !== undefined && time.now() - Date.parse(sentAt) > MEMORY_MS;
  });
}
