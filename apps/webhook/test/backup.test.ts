import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startMongoServer } from '../../../packages/outbox/test/mongo-server.ts';
import { vesper as callVesper } from './command-line.ts';
import { createProcessRig, type ProcessRig } from './process-rig.ts';
import { ledgerOf } from './rig.ts';

let mongo: Awaited<ReturnType<typeof startMongoServer>>;
let rig: ProcessRig;
beforeAll(async () => {
  mongo = await startMongoServer();
});
beforeEach(async () => {
  rig = await createProcessRig();
});
afterEach(() => rig.close());
afterAll(() => mongo.stop());

const onMongo = () => ({ MONGODB_URL: mongo.url(`vesper_${randomUUID().slice(0, 8)}`) });
const vesper = (args: string[], changes: Record<string, string> = {}) => callVesper({ ...rig.env, ...changes }, args);
const book = (id: string) => rig.book('tern', [id]);
const run = () => rig.run('tern', { wait: true });
const books = async (realmId: string) => {
  const { Customer, Invoice, Payment } = await ledgerOf(rig.emulator.url, realmId);
  return [Customer, Invoice, Payment].map((records) => records?.length);
};

describe('a backup', () => {
  // A store from yesterday does not know what was posted since: without looking first, every document of today would be posted again.
  it('is made while the service runs; brought back, nothing is lost that is sent again, and nothing is posted twice', async () => {
    await rig.start();
    const realmId = await rig.company('tern');
    const file = join(rig.dataDir, 'backup.db');
    await book('1');
    await run();
    await book('2');
    expect(await vesper(['backup', file])).toMatchObject({ status: 0 });
    expect(await vesper(['backup', file])).toMatchObject({ status: 2 });
    await run();
    await book('3');
    expect((await run()).counts).toMatchObject({ posted: 3 });
    expect(await books(realmId)).toEqual([3, 3, 3]);

    expect(await vesper(['restore', file])).toMatchObject({ status: 4, err: expect.stringContaining('Stop the service') as string });
    await rig.service.kill('SIGKILL');
    expect(await vesper(['restore', file, '--json'])).toMatchObject({ status: 0, out: '{"companies":1}\n' });

    await rig.start();
    await expectNothingTwice(realmId);
  });

  it('of MongoDB is one file, made while the service is stopped, and brought back into an empty database', async () => {
    const [old, fresh] = [onMongo(), onMongo()];
    await rig.start(old);
    const realmId = await rig.company('tern');
    const file = join(rig.dataDir, 'backups', 'mongo.db');
    await book('1');
    await run();
    await book('2');
    await rig.service.kill('SIGTERM');
    expect(await vesper(['backup', file], old)).toMatchObject({ status: 0, out: expect.stringContaining('the whole store') as string });
    await rig.start(old);
    await run();
    await book('3');
    expect((await run()).counts).toMatchObject({ posted: 3 });
    expect(await books(realmId)).toEqual([3, 3, 3]);
    await rig.service.kill('SIGTERM');

    expect(await vesper(['restore', file], old)).toMatchObject({
      status: 1,
      err: expect.stringContaining('nothing was changed') as string,
    });
    expect(await vesper(['restore', file, '--json'], fresh)).toMatchObject({ status: 0, out: '{"companies":1}\n' });
    await rig.start(fresh);
    await expectNothingTwice(realmId);
  });

  it('of either store can be brought back to either, also where there is none yet', async () => {
    await rig.start();
    const realmId = await rig.company('tern');
    const [first, second] = [join(rig.dataDir, 'first.db'), join(rig.dataDir, 'second.db')];
    await book('1');
    await run();
    expect(await vesper(['backup', first])).toMatchObject({ status: 0 });
    await book('2');
    await run();
    await book('3');
    await run();
    await rig.service.kill('SIGTERM');

    const mongodb = onMongo();
    expect(await vesper(['restore', first], mongodb)).toMatchObject({ status: 0 });
    expect(await vesper(['backup', second], mongodb)).toMatchObject({ status: 0 });
    const anew = { VESPER_DATA_DIR: join(rig.dataDir, 'another', 'disk') };
    expect(await vesper(['restore', second], anew)).toMatchObject({ status: 0 });
    await rig.start(anew);
    expect(await book('2')).toEqual([202]);
    expect(await book('3')).toEqual([202]);
    expect(await run()).toMatchObject({ state: 'done', counts: { failed: 0, held: 0, unknown: 0 } });
    expect(await books(realmId)).toEqual([3, 3, 3]);
  });

  it('that is no whole store is refused, and the store stays where it is', async () => {
    await rig.start();
    await rig.company('tern');
    await rig.service.kill('SIGTERM');
    const file = join(rig.dataDir, 'broken.db');
    await writeFile(file, 'no database at all, only text that goes on for a while'.repeat(100));
    expect(await vesper(['restore', file])).toMatchObject({ status: 1, err: expect.stringContaining('Nothing was changed') as string });
    expect(await vesper(['restore', join(rig.dataDir, 'nowhere.db')])).toMatchObject({ status: 2 });
    await writeFile(file, '');
    expect(await vesper(['restore', file])).toMatchObject({ status: 1, err: expect.stringContaining('Nothing was changed') as string });
    await rig.start();
    expect(await run()).toMatchObject({ state: 'done' });
  });
});

/** What was posted after the backup is sent again, then something new. */
async function expectNothingTwice(realmId: string): Promise<void> {
  expect(await book('2')).toEqual([200]);
  expect(await book('3')).toEqual([202]);
  expect(await run()).toMatchObject({ state: 'done', counts: { failed: 0, held: 0, unknown: 0 } });
  await book('4');
  expect((await run()).counts).toMatchObject({ posted: 3 });
  expect(await books(realmId)).toEqual([4, 4, 4]);
}
