import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createEmulator, type Emulator } from '@vesper/qbo-emulator/emulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMongoServer } from '../../../../packages/outbox/test/mongo-server.ts';
import { systemClock } from '../../src/clock.ts';
import { parseConfig } from '../../src/config.ts';
import { sendWebhook } from '../../src/demo/send-webhook.ts';
import { AT_ONCE } from '../../src/evening.ts';
import { nextEvening } from '../../src/evening-times.ts';
import { createLogger } from '../../src/logger.ts';
import { connectCompany, createCompany } from '../../src/sample-company.ts';
import { startVesper } from '../../src/start.ts';
import { inspectionEvent, ledgerOf, paymentEvent, quickbooksCompany } from '../rig.ts';
import { startService, type ServiceProcess } from '../service-process.ts';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const KEY = '0123456789abcdef0123';
const DAY_MS = 86_400_000;
const ZONES = ['America/New_York', 'America/Phoenix', 'America/Anchorage', 'Pacific/Honolulu'];
/** More than one process takes at once: whichever is first leaves some to the others. */
const COMPANIES = Array.from({ length: AT_ONCE + 6 }, (_, index) => ({
  id: `company-${index}`,
  timezone: ZONES[index % ZONES.length] ?? '',
}));
const EVENINGS = 2;

let server: Awaited<ReturnType<typeof startMongoServer>>;
let emulator: Emulator;
let dataDir: string;
let environment: Record<string, string>;
const processes: ServiceProcess[] = [];

beforeAll(async () => {
  server = await startMongoServer();
  emulator = await createEmulator({ port: 0 });
  dataDir = await mkdtemp(join(tmpdir(), 'vesper-processes-'));
  environment = {
    VESPER_DATA_DIR: dataDir,
    MONGODB_URL: server.url(`vesper_processes_${process.pid}`),
    VESPER_EMULATOR_URL: emulator.url,
    VESPER_EMULATOR_LIMITS: 'off',
    VESPER_ENCRYPTION_KEY: Buffer.alloc(32, 4).toString('base64'),
    VESPER_WEBHOOK_SECRETS: SECRET,
    VESPER_API_KEYS: `admin:${KEY}`,
  };
});
afterAll(async () => {
  await Promise.all(processes.map((one) => one.kill('SIGKILL')));
  await emulator.close();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Companies connected, and webhooks received, shortly before two evenings that nobody was there to run. */
async function liveSomeDaysAgo(): Promise<Map<string, string>> {
  const clock = { ...systemClock, now: () => Date.now() - EVENINGS * DAY_MS };
  const config = parseConfig({ ...environment, PORT: '0' }, () => {
    throw new Error('nothing has to be made up');
  });
  const vesper = await startVesper(config, { clock, logger: createLogger('silent'), evenings: false, host: '127.0.0.1' });
  const realms = new Map<string, string>();
  for (const { id, timezone } of COMPANIES) {
    const realmId = await quickbooksCompany(emulator.url, id);
    realms.set(id, realmId);
    await createCompany({ url: vesper.url, key: KEY }, id, { name: id, timezone });
    await connectCompany({ url: vesper.url, key: KEY }, id, realmId);
    for (const [webhookId, event] of Object.entries({ msg_1: inspectionEvent(id, '812'), msg_2: paymentEvent(id, '9001', '812') }))
      expect(await sendWebhook(vesper.url, SECRET, { webhookId, event, nowMs: clock.now() })).toBe(202);
  }
  await vesper.close();
  return realms;
}

/** Runs that came to their end in a process, as its log tells. */
const finishedIn = ({ said }: ServiceProcess) =>
  said
    .filter((line) => line.includes('"run finished"'))
    .map((line) => JSON.parse(line) as { companyId: string; localDate: string; state: string; counts: { posted: number } });

it('several processes on one MongoDB run each company’s evening of each local day once between them', async () => {
  const realms = await liveSomeDaysAgo();
  // The first batches are slow, so that no process is done with what it took before the others have begun.
  for (const realmId of realms.values())
    await fetch(`${emulator.url}/emulator/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ realmId, match: { path: '/batch' }, times: 1, fault: { kind: 'delay', ms: 8_000 } }),
    });
  const nowMs = Date.now();
  const expected = COMPANIES.flatMap(({ id, timezone }) => {
    const days: string[] = [];
    for (let at = nowMs - EVENINGS * DAY_MS; ;) {
      const evening = nextEvening({ timezone, eveningAt: '20:00' }, at);
      if (!evening || evening.atMs > nowMs) return days;
      days.push(`${id} ${evening.localDate}`);
      at = evening.atMs;
    }
  });
  processes.push(...(await Promise.all([startService(environment), startService(environment), startService(environment)])));
  const finished = () => processes.flatMap(finishedIn);
  while (finished().length < expected.length) await delay(20);

  expect(
    finished()
      .map(({ companyId, localDate }) => `${companyId} ${localDate}`)
      .toSorted(),
  ).toEqual(expected.toSorted());
  expect(finished().filter(({ state }) => state !== 'done')).toEqual([]);
  expect(processes.filter((one) => finishedIn(one).length > 0).length).toBeGreaterThan(1);
  for (const [id, realmId] of realms) {
    const { Customer, Invoice, Payment } = await ledgerOf(emulator.url, realmId);
    expect(
      [Customer, Invoice, Payment].map((records) => records?.length),
      id,
    ).toEqual([1, 1, 1]);
  }

  // Started again in the same night, a process finds nothing left to run.
  const again = await startService(environment);
  processes.push(again);
  for (let lookedAt: unknown = null; lookedAt === null;) {
    const { checks } = (await (await fetch(`${again.url}/readyz`)).json()) as { checks: { lookedAt?: string | null } };
    lookedAt = checks.lookedAt ?? null;
  }
  expect(finishedIn(again)).toEqual([]);
  const runs = await Promise.all(
    COMPANIES.map(async ({ id }) => {
      const answer = await fetch(`${again.url}/v1/companies/${id}/runs`, { headers: { authorization: `Bearer ${KEY}` } });
      const body = (await answer.json()) as { runs: { trigger: string; localDate: string }[] };
      return body.runs.map(({ trigger, localDate }) => `${id} ${trigger} ${localDate}`);
    }),
  );
  expect(runs.flat().toSorted()).toEqual(expected.map((one) => one.replace(' ', ' evening ')).toSorted());
});
