import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createEmulator, type Emulator } from '@vesper/qbo-emulator/emulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendWebhook } from '../../src/demo/send-webhook.ts';
import { connectCompany, createCompany, type ApiClient } from '../../src/sample-company.ts';
import { inspectionEvent, ledgerOf, paymentEvent, quickbooksCompany } from '../rig.ts';
import { startService, type ServiceProcess } from '../service-process.ts';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const KEY = '0123456789abcdef0123';
const INSPECTIONS = 70;

let dataDir: string;
let emulator: Emulator;
let service: ServiceProcess;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'vesper-term-'));
  emulator = await createEmulator({ port: 0 });
});
afterEach(async () => {
  await service.kill('SIGKILL');
  await emulator.close();
  await rm(dataDir, { recursive: true, force: true });
});

const start = () =>
  startService({
    VESPER_DATA_DIR: dataDir,
    VESPER_EMULATOR_URL: emulator.url,
    VESPER_EMULATOR_LIMITS: 'off',
    VESPER_ENCRYPTION_KEY: Buffer.alloc(32, 4).toString('base64'),
    VESPER_WEBHOOK_SECRETS: SECRET,
    VESPER_API_KEYS: `admin:${KEY}`,
    VESPER_LOG_LEVEL: 'info',
  });

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

const run = ({ url, key }: ApiClient, wait: boolean) => post(`${url}/v1/companies/tern/runs`, { wait }, { authorization: `Bearer ${key}` });

const batchesAt = async (realmId: string): Promise<number> => {
  const answer = await fetch(`${emulator.url}/emulator/companies/${realmId}/ledger`);
  return ((await answer.json()) as { requests: { batches: number } }).requests.batches;
};

describe('a service asked to stop in the middle of a run', () => {
  it.each([
    { while: 'batches are slow', fault: { kind: 'delay', ms: 400 }, times: 1_000 },
    { while: 'QuickBooks hangs', fault: { kind: 'commit-then-timeout', ms: 120_000 }, times: 1 },
  ])('ends by itself within 25 s while $while, and posts the rest once after it starts again', async ({ fault, times }) => {
    service = await start();
    const realmId = await quickbooksCompany(emulator.url, 'tern');
    let client: ApiClient = { url: service.url, key: KEY };
    await createCompany(client, 'tern', { name: 'Tern Home Inspections', timezone: 'America/Chicago' });
    await connectCompany(client, 'tern', realmId);
    const ids = Array.from({ length: INSPECTIONS }, (_, index) => String(1_000 + index));
    const events = ids.flatMap((id) => [inspectionEvent('tern', id), paymentEvent('tern', `9${id}`, id)]);
    const answers = await Promise.all(
      events.map((event, index) => sendWebhook(service.url, SECRET, { webhookId: `msg_${index}`, event, nowMs: Date.now() })),
    );
    expect(new Set(answers)).toEqual(new Set([202]));

    await post(`${emulator.url}/emulator/faults`, { realmId, match: { path: '/batch' }, after: 2, times, fault });
    await run(client, false);
    while ((await batchesAt(realmId)) < 4) await setImmediate();
    const askedAt = performance.now();
    const gone = once(service.process, 'exit') as Promise<[number]>;
    service.process.kill('SIGTERM');
    const [status] = await gone;
    expect(status).toBe(0);
    expect(performance.now() - askedAt).toBeLessThan(25_000);
    expect((await ledgerOf(emulator.url, realmId)).Payment ?? []).not.toHaveLength(INSPECTIONS);

    service = await start();
    client = { ...client, url: service.url };
    for (let state = 0; state !== 200;) {
      const answer = await run(client, true);
      state = answer.status;
      await answer.arrayBuffer();
      if (state !== 200 && state !== 409) throw new Error(`the run was answered ${state}`);
    }
    const { Invoice, Payment } = await ledgerOf(emulator.url, realmId);
    expect(Invoice?.map(({ DocNumber }) => DocNumber).sort()).toEqual(ids.map((id) => `sp${id}`));
    expect(Payment?.map(({ PaymentRefNum }) => PaymentRefNum).sort()).toEqual(ids.map((id) => `spp9${id}`));
  });
});
