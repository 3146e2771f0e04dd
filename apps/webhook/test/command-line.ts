import { PassThrough } from 'node:stream';
import { runCli } from '../src/cli/program.ts';

/** The command line as a shell would call it: exit status, standard output, standard error, and what was drawn on the terminal. */
export async function vesper(
  env: Record<string, string>,
  args: readonly string[],
  { confirms = false }: { confirms?: boolean } = {},
): Promise<{ status: number; out: string; err: string; drawn: string }> {
  const said = { out: '', err: '', drawn: '' };
  // cli-progress draws on terminals only.
  const progress = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  progress.on('data', (chunk: Buffer) => (said.drawn += chunk.toString()));
  const status = await runCli(
    {
      env,
      write: (text) => void (said.out += text),
      tell: (text) => void (said.err += text),
      progress,
      confirm: () => Promise.resolve(confirms),
      fetch,
      now: () => Date.now(),
      sleep: () => new Promise((resolve) => setImmediate(resolve)),
    },
    { serve: () => Promise.reject(new Error('nothing is served here')) },
    [...args],
  );
  return { status, ...said };
}
