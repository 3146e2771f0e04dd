import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

// Without these a full disk could answer 202 to what it did not keep, or need a person to get going again.
describe('the SQLite store', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vesper-disk-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each(['full', 'failing'])('refuses while the disk is %s, loses nothing, and recovers alone', async (scenario) => {
    expect(await runOnSmallDisk(scenario, folder)).toEqual({
      refusal: 'unavailable',
      writableThen: false,
      recovered: ['stored'],
      lost: [],
      stored: 0,
      writableNow: true,
      integrity: 'ok',
    });
  });

  it('says so at the start when the disk is read-only, and starts once it is not', async () => {
    expect(await runOnSmallDisk('read-only', folder)).toEqual({ refusal: 'unavailable', recovered: 'stored' });
  });
});

/** In a mount namespace of its own, which ends with the process: nothing is left mounted. Linux only. */
async function runOnSmallDisk(scenario: string, folder: string): Promise<unknown> {
  const child = join(import.meta.dirname, 'disk-trouble-child.ts');
  const script = `mount -t tmpfs -o size=48m tmpfs "$1" && exec "$2" --conditions=source "$3" "$4" "$1"`;
  const { stdout } = await promisify(execFile)('unshare', [
    '--map-root-user',
    '--mount',
    'bash',
    '-c',
    script,
    'bash',
    folder,
    process.execPath,
    child,
    scenario,
  ]);
  return JSON.parse(stdout) as unknown;
}
