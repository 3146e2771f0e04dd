import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProcessRig, type ProcessRig } from '../process-rig.ts';
import { inspectionEvent, ledgerOf } from '../rig.ts';

const OLD = `old:${Buffer.alloc(32, 4).toString('base64')}`;
const NEW = `new:${Buffer.alloc(32, 5).toString('base64')}`;
const INSPECTIONS = 40;

let rig: ProcessRig;
beforeEach(async () => {
  rig = await createProcessRig();
});
afterEach(() => rig.close());

const start = (keys: string) => rig.start({ VESPER_ENCRYPTION_KEY: keys });
const book = (companyId: string, from: number) =>
  rig.send(
    Array.from({ length: INSPECTIONS }, (_, index) => String(from + index)).map((id) => [id, inspectionEvent(companyId, id)] as const),
  );
const sealedUnder = (): string[] => {
  const db = new DatabaseSync(join(rig.dataDir, 'vesper.db'), { timeout: 5_000 });
  const rows = db.prepare('SELECT sealed FROM secrets ORDER BY company_id, name').all() as { sealed: string | null }[];
  db.close();
  return rows.flatMap(({ sealed }) => (sealed === null ? [] : [sealed.split('.')[1] ?? '']));
};

describe('an encryption key that is replaced', () => {
  // Without it every company would have to connect again, or the old key could never be taken away.
  it('in the middle of a run costs no document, and the old one can be taken away after the next start', async () => {
    await start(OLD);
    const realmId = await rig.company('tern');
    await book('tern', 1_000);
    await rig.harmBatches(realmId, { times: 100, fault: { kind: 'delay', ms: 150 } });
    await rig.run('tern', { wait: false });
    while (((await ledgerOf(rig.emulator.url, realmId)).Customer ?? []).length === 0);
    await rig.service.kill('SIGTERM');

    await start(`${NEW} ${OLD}`);
    await rig.runToTheEnd('tern');
    while (sealedUnder().includes('old'));
    await rig.service.kill('SIGTERM');

    await start(NEW);
    await book('tern', 2_000);
    await rig.runToTheEnd('tern');
    expect((await ledgerOf(rig.emulator.url, realmId)).Invoice).toHaveLength(2 * INSPECTIONS);
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
    const [tern, gull] = [await rig.company('tern'), await rig.company('gull')];
    expect(await book('tern', 1_000)).toEqual([202]);
    await rig.service.kill('SIGTERM');
    const db = new DatabaseSync(join(rig.dataDir, 'vesper.db'), { timeout: 5_000 });
    db.exec(change);
    db.close();

    await start(keys);
    const { status, state } = await rig.run('tern', { wait: true });
    expect(status === 200 ? state : 'refused').not.toBe('done');
    expect((await ledgerOf(rig.emulator.url, tern)).Invoice ?? []).toEqual([]);
    expect((await ledgerOf(rig.emulator.url, gull)).Invoice ?? []).toEqual([]);
    // What was accepted is still there for the day it is mended.
    const found = (await rig.get('/v1/outbox?company=tern&state=pending&limit=200')) as { entries: unknown[] };
    expect(found.entries).toHaveLength(INSPECTIONS);
  });
});
