import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vesper as callVesper } from '../command-line.ts';
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

const vesper = (...args: string[]) => callVesper({ VESPER_URL: rig.client.url, VESPER_API_KEY: rig.client.key }, args);

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
    const { out, err, status } = await vesper('import', 'tern', path, '--dry-run');
    expect(status).toBe(0);
    expect(out).toMatch(/invoice\s+│ create\s+│\s+1 │ \$450\.00/);
    expect(out).toMatch(/payment\s+│ create\s+│\s+1 │ \$450\.00/);
    expect(err).toContain('line 3: ');
    expect((await rig.api('GET', '/v1/outbox?company=tern')).json).toMatchObject({ entries: [] });
  });

  it('asks before it stores, and takes silence for no', async () => {
    const { status } = await vesper('import', 'tern', join(folder, 'may.jsonl'));
    expect(status).toBe(2);
    expect((await rig.api('GET', '/v1/outbox?company=tern')).json).toMatchObject({ entries: [] });
  });

  it('stores, posts, and tells the run', async () => {
    const { out, status, drawn } = await vesper('import', 'tern', join(folder, 'may.jsonl'), '--yes', '--json');
    expect(status).toBe(0);
    for (const bar of [/Looking .* 2\/2/, /Storing .* 2\/2/, /Posting .* 1\/1/]) expect(drawn).toMatch(bar);
    expect(JSON.parse(out)).toMatchObject({ events: 2, stored: 2, duplicates: 0, run: { state: 'done', counts: { posted: 3 } } });
    expect(await invoices()).toHaveLength(1);
  });

  it('goes on from where it was ended, beside a run that is under way still', async () => {
    const events = Array.from({ length: 40 }, (_, index) => inspectionEvent('tern', String(500 + index)));
    const path = await file('july.jsonl', lines(...events));
    const inPart = await file('july-in-part.jsonl', lines(...events.slice(0, 25)));
    await vesper('import', 'tern', inPart, '--yes', '--no-run');
    await fetch(`${rig.emulator.url}/emulator/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ realmId, match: { path: '/batch' }, times: 2, fault: { kind: 'delay', ms: 300 } }),
    });
    expect((await rig.api('POST', '/v1/companies/tern/runs', {})).status).toBe(202);
    const { out, status } = await vesper('import', 'tern', path, '--yes', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ events: 40, stored: 15, duplicates: 25, run: { state: 'done', counts: { posted: 30 } } });
    expect(await invoices()).toHaveLength(41);
  });

  it('stores nothing twice when it is run again, and posts nothing twice', async () => {
    const { out } = await vesper('import', 'tern', join(folder, 'may.jsonl'), '--yes', '--json');
    expect(JSON.parse(out)).toMatchObject({ stored: 0, duplicates: 2, run: { counts: { posted: 0, updated: 0 } } });
    expect(await invoices()).toHaveLength(41);
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
    const { status, err } = await vesper('import', 'tern', await file('bad.jsonl', '{"type":1}\n'), '--yes');
    expect(status).toBe(1);
    expect(err).toContain('1 line cannot be read');
  });
});

describe('vesper flush', () => {
  it('draws how far the run is, and answers the run alone on standard output', async () => {
    for (let index = 0; index < 3; index += 1) await rig.send(`msg_f${index}`, inspectionEvent('tern', String(700 + index)));
    const { out, status, drawn } = await vesper('flush', 'tern', '--json');
    expect(status).toBe(0);
    expect(drawn).toMatch(/Posting .* 3\/3/);
    expect(drawn).not.toMatch(/NF|LL|NaN/);
    expect(JSON.parse(out)).toMatchObject({ state: 'done', counts: { posted: 6 } });
  });

  it('says at once why a run cannot begin', async () => {
    await rig.api('PUT', '/v1/companies/auk', { name: 'Auk Property Checks', timezone: 'America/Chicago' });
    const { status, err } = await vesper('flush', 'auk');
    expect(status).toBe(1);
    expect(err).toContain('not connected to QuickBooks');
  });
});
