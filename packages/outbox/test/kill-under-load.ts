import { spawn } from 'node:child_process';
import { join } from 'node:path';

/**
 * Starts a process that appends, kills it with SIGKILL as soon as it has acknowledged `killAfter` entries, and gives the webhook ids it had
 * acknowledged. What the process wrote to its pipe before it died is read to the end.
 */
export function killUnderLoad(options: {
  store: 'sqlite' | 'mongodb';
  place: string;
  round: number;
  killAfter: number;
}): Promise<string[]> {
  const { store, place, round, killAfter } = options;
  const child = spawn(
    process.execPath,
    ['--conditions=source', join(import.meta.dirname, 'append-until-killed.ts'), store, place, String(round)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  let errors = '';
  let lines = 0;
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    lines += chunk.toString().split('\n').length - 1;
    if (lines >= killAfter) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal !== 'SIGKILL') {
        reject(new Error(`The appending process ended by itself with ${String(code)}: ${errors}`));
        return;
      }
      // The last line may be cut off: the process died while it wrote.
      const whole = output.slice(0, output.lastIndexOf('\n')).split('\n');
      resolve(whole.map((line) => line.split(' ')[0] ?? ''));
    });
  });
}
