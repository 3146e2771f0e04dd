import { DatabaseSync } from 'node:sqlite';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, type Emulator } from '@vesper/qbo-emulator/emulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendWebhook } from '../../src/demo/send-webhook.ts';
import { connectCompany, createCompany } from '../../src/sample-company.ts';
import { inspectionEvent, ledgerOf, quickbooksCompany } from '../rig.ts';
import { startService, type ServiceProcess } from '../service-process.ts';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const KEY = '0123456789abcdef0123';
const OLD = `old:${Buffer.alloc(32, 4).toString('base64')}`;
const NEW = `new:${Buffer.alloc(32, 5).toString('base64')}`;
const INSPECTIONS = 40;

let dataDir: string;
let emulator: Emulator;
let service: ServiceProcess;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'vesper-keys-'));
  emulator = await createEmulator({ port: 0 });
});
afterEach(async () => {
  await service.kill('SIGKILL');
  await emulator.close();
  await rm(dataDir, { recursive: true, force: true });
});

const start = async (keys: string) => {
  service = await startService({
    VESPER_DATA_DIR: dataDir,
    VESPER_EMULATOR_URL: emulator.url,
    VESPER_EMULATOR_LIMITS: 'off',
    VESPER_ENCRYPTION_KEY: keys,
    VESPER_WEBHOOK_SECRETS: SECRET,
    VESPER_API_KEYS: `admin:${KEY}`,
    VESPER_LOG_LEVEL: 'info',
  });
};
const company = async (id: string) => {
  const realmId = await quickbooksCompany(emulator.url, id);
  await createCompany({ url: service.url, key: KEY }, id, { name: id, timezone: 'America/Chicago' });
  await connectCompany({ url: service.url, key: KEY }, id, realmId);
  return realmId;
};
const send = (companyId: string, from: number) =>
  Promise.all(
    Array.from({ length: INSPECTIONS }, (_, index) => String(from + index)).map((id) =>
      sendWebhook(service.url, SECRET, { webhookId: id, event: inspectionEvent(companyId, id), nowMs: Date.now() }),
    ),
  );
const run = async (companyId: string, wait: boolean) => {
  const answer = await fetch(`${service.url}/v1/companies/${companyId}/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ wait }),
  });
  return { status: answer.status, json: (await answer.json()) as { state?: string; reason?: { code: string } } };
};
const runToTheEnd = async (companyId: string): Promise<void> => {
  for (;;) {
    const { status, json } = await run(companyId, true);
    if (status === 200 && json.state === 'done') return;
    if (status !== 409 && status !== 200) throw new Error(`the run was answered ${status} ${JSON.stringify(json)}`);
  }
};
const sealedUnder = (): string[] => {
  const db = new DatabaseSync(join(dataDir, 'vesper.db'), { timeout: 5_000 });
  const rows = db.prepare('SELECT sealed FROM secrets ORDER BY company_id, name').all() as { sealed: string | null }[];
  db.close();
  return rows.flatMap(({ sealed }) => (sealed === null ? [] : [sealed.split('.')[1] ?? '']));
};

describe('an encryption key that is replaced', () => {
  // Without it every company would have to connect again, or the old key could never be taken away.
  it('in the middle of a run costs no document, and the old one can be taken away after the next start', async () => {
    await start(OLD);
    const realmId = await company('tern');
    await send('tern', 1_000);
    await fetch(`${emulator.url}/emulator/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ realmId, match: { path: '/batch' }, times: 100, fault: { kind: 'delay', ms: 150 } }),
    });
    await run('tern', false);
    while (((await ledgerOf(emulator.url, realmId)).Customer ?? []).length === 0);
    await service.kill('SIGTERM');

    await start(`${NEW} ${OLD}`);
    await runToTheEnd('tern');
    while (sealedUnder().includes('old'));
    await service.kill('SIGTERM');

    await start(NEW);
    await send('tern', 2_000);
    await runToTheEnd('tern');
    expect((await ledgerOf(emulator.url, realmId)).Invoice).toHaveLength(2 * INSPECTIONS);
  });

  it.each([
    ['taken away too early', `UPDATE secrets SET sealed = sealed`, NEW],
    [
      'copied to another company',
      `UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE company_id = 'gull' AND name = 'quickbooks_tokens') WHERE company_id = 'tern'`,
      OLD,
    ],
    [
      'changed by one character',
      `UPDATE secrets SET sealed = substr(sealed, 1, length(sealed) - 1) || CASE substr(sealed, -1) WHEN 'A' THEN 'B' ELSE 'A' END WHERE company_id = 'tern'`,
      OLD,
    ],
  ])('or a sealed text that is %s opens nothing: the run stops, and nothing reaches any books', async (_, change, keys) => {
    await start(OLD);
    const [tern, gull] = [await company('tern'), await company('gull')];
    expect(new Set(await send('tern', 1_000))).toEqual(new Set([202]));
    await service.kill('SIGTERM');
    const db = new DatabaseSync(join(dataDir, 'vesper.db'), { timeout: 5_000 });
    db.exec(change);
    db.close();

    await start(keys);
    const { status, json } = await run('tern', true);
    expect(status === 200 ? json.state : 'refused').not.toBe('done');
    expect((await ledgerOf(emulator.url, tern)).Invoice ?? []).toEqual([]);
    expect((await ledgerOf(emulator.url, gull)).Invoice ?? []).toEqual([]);
    // What was accepted is still there for the day it is mended.
    const found = await fetch(`${service.url}/v1/outbox?company=tern&state=pending&limit=200`, {
      headers: { authorization: `Bearer ${KEY}` },
    });
    expect(((await found.json()) as { entries: unknown[] }).entries).toHaveLength(INSPECTIONS);
  });
});
