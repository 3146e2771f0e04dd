import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/program.ts';
import { createRig, inspectionEvent, paymentEvent, type Rig } from '../rig.ts';

let rig: Rig;
let realmId: string;
let folder: string;

beforeAll(async () => {
  rig = await createRig();
  realmId = await rig.company('tern');
  folder = await mkdtemp(join(tmpdir(), 'vesper-import-'));
});
afterAll(async () => {
  await rig.close();
  await rm(folder, { recursive: true, force: true });
});

async function vesper(...args: string[]) {
  let out = '';
  let told = '';
  const status = await runCli(
    {
      env: { VESPER_URL: rig.client.url, VESPER_API_KEY: rig.client.key },
      write: (text) => void (out += text),
      tell: (text) => void (told += text),
      confirm: () => Promise.resolve(false),
      fetch,
      now: () => Date.now(),
      sleep: () => delay(20),
    },
    { serve: () => Promise.reject(new Error('not here')) },
    args,
  );
  return { status, out, told };
}

const file = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};
const lines = (...events: unknown[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');
const invoices = async () => (await rig.ledger(realmId)).Invoice ?? [];

describe('vesper import', () => {
  it('shows the verdicts and stores nothing with --dry-run', async () => {
    const path = await file('may.jsonl', lines(inspectionEvent('tern', '1'), paymentEvent('tern', '11', '1'), { type: 'nonsense' }));
    const { out, told, status } = await vesper('import', 'tern', path, '--dry-run');
    expect(status).toBe(0);
    expect(out).toMatch(/invoice\s+│ create\s+│\s+1 │ \$450\.00/);
    expect(out).toMatch(/payment\s+│ create\s+│\s+1 │ \$450\.00/);
    expect(told).toContain('line 3: ');
    expect((await rig.api('GET', '/v1/outbox?company=tern')).json).toMatchObject({ entries: [] });
  });

  it('asks before it stores, and takes silence for no', async () => {
    const { status } = await vesper('import', 'tern', join(folder, 'may.jsonl'));
    expect(status).toBe(2);
    expect((await rig.api('GET', '/v1/outbox?company=tern')).json).toMatchObject({ entries: [] });
  });

  it('stores, posts, and tells the run', async () => {
    const { out, status } = await vesper('import', 'tern', join(folder, 'may.jsonl'), '--yes', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ events: 2, stored: 2, duplicates: 0, run: { state: 'done', counts: { posted: 3 } } });
    expect(await invoices()).toHaveLength(1);
  });

  it('stores nothing twice when it is run again, and posts nothing twice', async () => {
    const { out } = await vesper('import', 'tern', join(folder, 'may.jsonl'), '--yes', '--json');
    expect(JSON.parse(out)).toMatchObject({ stored: 0, duplicates: 2, run: { counts: { posted: 0, updated: 0 } } });
    expect(await invoices()).toHaveLength(1);
  });

  it('reads inspections and payments from CSV', async () => {
    const csv = await file(
      'june.csv',
      'inspectionId,createdAt,scheduledAt,clientId,firstName,lastName,service,unitAmount\n2,2026-06-01,2026-06-02 09:00,c2,Ben,Ochoa,Home Inspection,525.00\n2,,,,,,Radon,150.00\n',
    );
    const payments = await file('payments.csv', 'paymentId,inspectionId,amount,method,receivedAt\n22,2,675.00,card,2026-06-02\n');
    await vesper('import', 'tern', csv, '--yes', '--no-run');
    const { out } = await vesper('import', 'tern', payments, '--yes', '--json');
    expect(JSON.parse(out)).toMatchObject({ stored: 1, run: { state: 'done' } });
    expect((await invoices()).map(({ DocNumber, TotalAmt, Balance }) => [DocNumber, TotalAmt, Balance])).toContainEqual(['sp2', 675, 0]);
  });

  it('gives way to what the platform itself sends', async () => {
    await rig.send('msg_own', inspectionEvent('tern', '3', { revision: 1 }));
    const csv = await file(
      'stale.csv',
      'inspectionId,scheduledAt,clientId,firstName,lastName,service,unitAmount\n3,2026-06-02,c3,Old,Name,Home Inspection,1.00\n',
    );
    await vesper('import', 'tern', csv, '--yes');
    expect((await invoices()).map(({ DocNumber, TotalAmt }) => [DocNumber, TotalAmt])).toContainEqual(['sp3', 450]);
  });

  it('says so when a file holds nothing that can be read', async () => {
    const { status, told } = await vesper('import', 'tern', await file('bad.jsonl', '{"type":1}\n'), '--yes');
    expect(status).toBe(1);
    expect(told).toContain('1 line cannot be read');
  });
});
