import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFlag, startCommand } from '../../../deploy/carry-out-dockerfile.ts';

/**
 * `npm run bench:start-up`: from the command to the first answer of `/readyz`, and the memory it holds then, built and started as the
 * Dockerfile does it, and from its sources as `npm start` does, beside a bare HTTP server of the same Node in the same minutes. Linux only, for
 * memory. Median of several starts, each on a fresh SQLite folder.
 */
const STARTS = 5;
const ROOT = join(import.meta.dirname, '..', '..', '..');
const QUIET = '--disable-warning=ExperimentalWarning';
const BUILT = [...startCommand(ROOT).filter(isFlag), join(ROOT, 'apps/webhook/dist/main.js')];
const SOURCES = ['--conditions=source', QUIET, join(ROOT, 'apps/webhook/src/main.ts')];
const BARE = `require('node:http').createServer((_, answer) => answer.end('{}')).listen(0, '127.0.0.1', function () { console.log(JSON.stringify({ url: 'http://127.0.0.1:' + this.address().port })); });`;

const build = spawnSync('npm', ['run', '-s', 'build'], { cwd: ROOT, encoding: 'utf8' });
if (build.status !== 0) throw new Error(`the build failed:\n${build.stdout}\n${build.stderr}`);
const built: Start[] = [];
const sources: Start[] = [];
const bare: Start[] = [];
for (let round = 0; round < STARTS; round += 1) {
  built.push(await startService(BUILT));
  sources.push(await startService(SOURCES));
  bare.push(await start(['--eval', BARE], {}));
}
const result = {
  startUpMs: median(built.map(({ ms }) => ms)),
  sourceStartUpMs: median(sources.map(({ ms }) => ms)),
  bareStartUpMs: median(bare.map(({ ms }) => ms)),
  rssMb: median(built.map(({ rssMb }) => rssMb)),
  sourceRssMb: median(sources.map(({ rssMb }) => rssMb)),
  bareRssMb: median(bare.map(({ rssMb }) => rssMb)),
};
if (process.argv.includes('--json')) console.log(JSON.stringify(result));
else console.table(result);

interface Start {
  ms: number;
  rssMb: number;
}

async function startService(args: string[]): Promise<Start> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vesper-start-'));
  const started = await start(args, { VESPER_DATA_DIR: dataDir });
  await rm(dataDir, { recursive: true, force: true });
  return started;
}

async function start(args: string[], env: Record<string, string>): Promise<Start> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH ?? '', HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [, found] = /"url":"([^"]+)"/.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}: ${said}`)));
  });
  await (await fetch(`${url}/readyz`)).arrayBuffer();
  const ms = Math.round(performance.now() - startedAt);
  const rssMb = Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024);
  child.removeAllListeners('exit');
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  return { ms, rssMb };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
