import { execFile } from 'node:child_process';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('shows an example in the README that runs as it stands there', async () => {
  const example = join(import.meta.dirname, 'readme-example.ts');
  const readme = await readFile(join(import.meta.dirname, '..', 'README.md'), 'utf8');
  expect(readme).toContain((await readFile(example, 'utf8')).trim());

  const folder = await mkdtemp(join(tmpdir(), 'vesper-readme-'));
  const run = () => promisify(execFile)(process.execPath, ['--conditions=source', example, folder, Buffer.alloc(32, 1).toString('base64')]);
  expect((await run()).stdout).toBe('stored\nacme|vesper|msg_1 pending\n');
  expect((await run()).stdout).toBe('duplicate\nacme|vesper|msg_1 pending\n');
  await rm(folder, { recursive: true });
});
