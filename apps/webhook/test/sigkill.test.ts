import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { join } from 'node:path';
import { createEmulator, type Emulator } from '@vesper/qbo-emulator/emulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendWebhook } from '../src/demo/send-webhook.ts';
import { connectCompany, createCompany, type ApiClient } from '../src/sample-company.ts';
import { inspectionEvent, ledgerOf, paymentEvent, quickbooksCompany } from './rig.ts';
import { startService, type ServiceProcess } from './service-process.ts';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const KEY = '0123456789abcdef0123';
const INSPECTIONS = 90;

let dataDir: string;
let emulator: Emulator;
let service: ServiceProcess;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'vesper-kill-'));
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

const control = (path: string, body: unknown) =>
  fetch(`${emulator.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** Batches that have arrived at the emulator, answered or not. */
const batchesAt = async (realmId: string): Promise<number> => {
  const answer = await fetch(`${emulator.url}/emulator/companies/${realmId}/ledger`);
  return ((await answer.json()) as { requests: { batches: number } }).requests.batches;
};

const run = ({ url, key }: ApiClient, wait: boolean) =>
  fetch(`${url}/v1/companies/tern/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ wait }),
  });

describe('a service that is killed', () => {
  // Without sealed batches, the documents on the wire at that moment would be posted twice or never.
  it.each([1, 4, 7])('completes the evening it was killed in with batch %d on the wire, every document once', async (batch) => {
    service = await start();
    const realmId = await quickbooksCompany(emulator.url, 'tern');
    let client: ApiClient = { url: service.url, key: KEY };
    await createCompany(client, 'tern', { name: 'Tern Home Inspections', timezone: 'America/Chicago' });
    await connectCompany(client, 'tern', realmId);
    const events = Array.from({ length: INSPECTIONS }, (_, index) => String(1_000 + index)).flatMap((id) => [
      inspectionEvent('tern', id),
      paymentEvent('tern', `9${id}`, id),
    ]);
    const answers = await Promise.all(
      events.map((event, index) => sendWebhook(service.url, SECRET, { webhookId: `msg_${index}`, event, nowMs: Date.now() })),
    );
    expect(new Set(answers)).toEqual(new Set([202]));

    await control('/emulator/faults', { realmId, match: { path: '/batch' }, times: 1_000, fault: { kind: 'delay', ms: 250 } });
    await run(client, false);
    while ((await batchesAt(realmId)) < batch) await setImmediate();
    await service.kill('SIGKILL');
    const before = await ledgerOf(emulator.url, realmId);

    service = await start();
    client = { ...client, url: service.url };
    for (let state = 0; state !== 200;) {
      const answer = await run(client, true);
      state = answer.status;
      await answer.arrayBuffer();
      if (state !== 200 && state !== 409) throw new Error(`the run was answered ${state}`);
    }
    const { Customer, Invoice, Payment } = await ledgerOf(emulator.url, realmId);
    const numbers = (records: Record<string, unknown>[] | undefined, field: string) => records?.map((record) => record[field]).sort();
    const ids = Array.from({ length: INSPECTIONS }, (_, index) => String(1_000 + index));
    expect((before.Payment ?? []).length).toBeLessThan(INSPECTIONS);
    expect(Customer).toHaveLength(INSPECTIONS);
    expect(numbers(Invoice, 'DocNumber')).toEqual(ids.map((id) => `sp${id}`));
    expect(numbers(Payment, 'PaymentRefNum')).toEqual(ids.map((id) => `spp9${id}`));
    expect(Invoice?.every(({ Balance }) => Balance === 0)).toBe(true);
  });
});
