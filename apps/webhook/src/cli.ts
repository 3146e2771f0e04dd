import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { runCli } from './cli/program.ts';

process.exitCode = await runCli(
  {
    env: process.env,
    write: (text) => void process.stdout.write(text),
    tell: (text) => void process.stderr.write(text),
    async confirm(question) {
      if (!process.stdin.isTTY) return false;
      const terminal = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
      } finally {
        terminal.close();
      }
    },
    fetch,
    now: () => Date.now(),
    sleep: (ms) => delay(ms),
    progress: process.stderr,
  },
  {
    async serve() {
      await import('./main.ts');
    },
  },
  process.argv.slice(2),
).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
