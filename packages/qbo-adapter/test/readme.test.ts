import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createEmulator } from '@vesper/qbo-emulator/emulator';
import { expect, test } from 'vitest';

const folder = new URL('../', import.meta.url);

// An example that does not run is worse than none.
test('the README’s example posts a customer', async () => {
  const readme = await readFile(new URL('README.md', folder), 'utf8');
  const [, example] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const emulator = await createEmulator({ port: 0 });
  try {
    const { code, output } = await run(example ?? '', { EMULATOR_URL: emulator.url });
    expect([code, output]).toEqual([0, expect.stringContaining("outcome: 'posted'")]);
  } finally {
    await emulator.close();
  }
});

function run(source: string, env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module-typescript', '-'], {
    cwd: folder,
    env: { ...process.env, ...env },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  child.stdin.end(source);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}
