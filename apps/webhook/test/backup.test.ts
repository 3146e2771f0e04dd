import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { PassThrough } from 'node:stream';
import { join } from 'node:path';
import { createEmulator, type Emulator } from '@vesper/qbo-emulator/emulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../src/cli/program.ts';
import { sendWebhook } from '../src/demo/send-webhook.ts';
import { connectCompany, createCompany } from '../src/sample-company.ts';
import { inspectionEvent, ledgerOf, paymentEvent, quickbooksCompany } from './rig.ts';
import { startService, type ServiceProcess } from './service-process.ts';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const KEY = '0123456789abcdef0123';

let dataDir: string;
let emulator: Emulator;
let service: ServiceProcess;
let realmId: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'vesper-backup-'));
  emulator = await createEmulator({ port: 0 });
  realmId = await quickbooksCompany(emulator.url, 'tern');
  service = await startService(env());
  await createCompany({ url: service.url, key: KEY }, 'tern', { name: 'Tern Home Inspections', timezone: 'America/Chicago' });
  await connectCompany({ url: service.url, key: KEY }, 'tern', realmId);
});
afterEach(() => service.kill('SIGKILL'));
afterAll(async () => {
  await emulator.close();
  await rm(dataDir, { recursive: true, force: true });
});

const env = () => ({
  VESPER_DATA_DIR: join(dataDir, 'data'),
  VESPER_EMULATOR_URL: emulator.url,
  VESPER_EMULATOR_LIMITS: 'off',
  VESPER_ENCRYPTION_KEY: Buffer.alloc(32, 4).toString('base64'),
  VESPER_WEBHOOK_SECRETS: SECRET,
  VESPER_API_KEYS: `admin:${KEY}`,
  VESPER_LOG_LEVEL: 'info',
});

async function vesper(...args: string[]) {
  const said = { out: '', err: '' };
  const status = await runCli(
    {
      env: env(),
      write: (text) => void (said.out += text),
      tell: (text) => void (said.err += text),
      progress: new PassThrough(),
      confirm: () => Promise.resolve(false),
      fetch,
      now: () => Date.now(),
      sleep: () => Promise.resolve(),
    },
    { serve: () => Promise.reject(new Error('nothing is served here')) },
    args,
  );
  return { status, ...said };
}

const book = async (id: string) => {
  const send = (webhookId: string, event: unknown) => sendWebhook(service.url, SECRET, { webhookId, event, nowMs: Date.now() });
  return [await send(`i${id}`, inspectionEvent('tern', id)), await send(`p${id}`, paymentEvent('tern', `9${id}`, id))];
};
const run = async () => {
  const answer = await fetch(`${service.url}/v1/companies/tern/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ wait: true }),
  });
  return (await answer.json()) as { state: string; counts: Record<string, number> };
};
const books = async () => {
  const { Customer, Invoice, Payment } = await ledgerOf(emulator.url, realmId);
  return [Customer, Invoice, Payment].map((records) => records?.length);
};

describe('a backup of the SQLite store', () => {
  // A store from yesterday does not know what was posted since: without looking first, every document of today would be posted again.
  it('is made while the service runs; brought back, nothing is lost that is sent again, and nothing is posted twice', async () => {
    const file = join(dataDir, 'backup.db');
    await book('1');
    await run();
    await book('2');
    expect(await vesper('backup', file)).toMatchObject({ status: 0 });
    expect(await vesper('backup', file)).toMatchObject({ status: 2 });
    await run();
    await book('3');
    expect((await run()).counts).toMatchObject({ posted: 3 });
    expect(await books()).toEqual([3, 3, 3]);

    expect(await vesper('restore', file)).toMatchObject({ status: 4, err: expect.stringContaining('Stop the service') as string });
    await service.kill('SIGKILL');
    expect(await vesper('restore', file, '--json')).toMatchObject({ status: 0, out: '{"companies":1}\n' });

    service = await startService(env());
    expect(await book('2')).toEqual([200, 200]);
    expect(await book('3')).toEqual([202, 202]);
    const { state, counts } = await run();
    expect({ state, failed: counts.failed, held: counts.held, unknown: counts.unknown }).toEqual({
      state: 'done',
      failed: 0,
      held: 0,
      unknown: 0,
    });
    await book('4');
    expect((await run()).counts).toMatchObject({ posted: 3 });
    expect(await books()).toEqual([4, 4, 4]);
  });

  it('that is no whole store is refused, and the store stays where it is', async () => {
    const file = join(dataDir, 'broken.db');
    await writeFile(file, 'no database at all, only text that goes on for a while'.repeat(100));
    expect(await vesper('restore', file)).toMatchObject({ status: 1, err: expect.stringContaining('Nothing was changed') as string });
    expect(await vesper('restore', join(dataDir, 'nowhere.db'))).toMatchObject({ status: 2 });
    service = await startService(env());
    expect((await run()).state).toBe('done');
  });
});
