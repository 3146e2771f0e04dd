import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newEntry } from '../src/contract/subject.ts';
import { createSecretBox } from '../src/secret-box.ts';
import { openSqliteStore } from '../src/sqlite-store.ts';
import { readTrace, straceArguments, type Acknowledgement, type TracedDisk } from './traced-disk.ts';

const secretBox = createSecretBox({ keys: [{ id: 'test', key: new Uint8Array(32) }] });
const ENTRIES = 240;
const CUTS = 30;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesper-power-'));
});
afterEach(() => rm(folder, { recursive: true }));

// Kernel calls are watched with strace. Without it these do not run, and `npm test` says so; where CI is set they fail.
const canRun = process.env['CI'] !== undefined || spawnSync('strace', ['-V']).status === 0;

// Without these a webhook answered 202 could be gone after the lights went out; the platform never sends it again.
describe.runIf(canRun)(
  `when the power is lost right after an acknowledgement${canRun ? '' : ' (strace is not installed)'}`,
  { timeout: 120_000 },
  () => {
    it.each([
      ['nothing that was not synced', () => () => false],
      ['any sectors of what was not synced', () => chance(7)],
    ])('SQLite has every acknowledged entry and works on, whatever of the disk is left: %s', async (_, survival) => {
      const disk = await append('FULL');
      expect(disk.acknowledgements).toHaveLength(ENTRIES);
      const survives = survival();
      for (const at of cuts(disk)) expect(await missing(disk, at, survives)).toEqual([]);
    });

    // The proof that the model above can lose something.
    it('a log that is not synced at each commit loses some', async () => {
      const disk = await append('NORMAL');
      let lost = 0;
      for (const at of cuts(disk)) lost += (await missing(disk, at, () => false)).length;
      expect(lost).toBeGreaterThan(0);
    });
  },
);

/** Appends in a process of its own, and watches what it asks of the kernel. Linux, with strace. */
async function append(synchronous: 'FULL' | 'NORMAL'): Promise<TracedDisk> {
  const traceFile = join(folder, 'trace');
  const child = ['--conditions=source', join(import.meta.dirname, 'power-loss-child.ts'), folder, String(ENTRIES), synchronous];
  const { error, signal, stderr } = spawnSync('strace', [...straceArguments(traceFile), process.execPath, ...child], { encoding: 'utf8' });
  if (error !== undefined)
    throw new Error('The test of power loss needs strace: install it with `apt-get install -y strace`.', { cause: error });
  if (signal !== 'SIGKILL') throw new Error(`The appending process ended by itself: ${stderr}`);
  return readTrace(await readFile(traceFile, 'utf8'), 'acknowledged');
}

const cuts = ({ acknowledgements }: TracedDisk): Acknowledgement[] =>
  acknowledgements.filter((_, index) => (index + 1) % Math.floor(ENTRIES / CUTS) === 0);

/** The acknowledged webhook ids that a store opened on what is left does not have. */
async function missing(disk: TracedDisk, at: Acknowledgement, survives: () => boolean): Promise<string[]> {
  const place = await mkdtemp(join(folder, 'left-'));
  for (const [file, bytes] of disk.filesAfterPowerLoss(at, survives))
    if (file.startsWith('vesper.db') && !file.endsWith('-shm')) await writeFile(join(place, file), bytes);
  const store = await openSqliteStore({ folder: place, secretBox, ownThread: false });
  const lost: string[] = [];
  for (const { ids } of disk.acknowledgements.slice(0, disk.acknowledgements.indexOf(at) + 1))
    for (const id of ids) if ((await store.entry(`acme|vesper|${id}`)) === undefined) lost.push(id);
  expect(await store.append(newEntry({ webhookId: 'after' }))).toMatchObject({ outcome: 'stored' });
  await store.close();
  await rm(place, { recursive: true });
  return lost;
}

/** Yes or no by a seed, so that a failure can be looked at again. */
function chance(seed: number): () => boolean {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >= 0x8000_0000;
  };
}
