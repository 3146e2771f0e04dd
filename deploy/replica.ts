import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export const NOBODY = 65_534;
export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
export const API_KEY = '0123456789abcdef0123';

export interface ReplicaOptions {
  /** The folder that holds what the image would, and what `CMD` says after `node`. */
  image: string;
  command: readonly string[];
  /** Its data folder, made if need be, and its port on the loopback. */
  data: string;
  port: number;
  /** Without it, SQLite in the data folder. */
  mongoUrl?: string;
  emulatorUrl: string;
  /** Where browsers find it, when a proxy stands before it. */
  publicUrl?: string;
}

/** What the service needs to be told in production, against an emulator. */
export const serviceEnv = ({ port, url, emulatorUrl }: { port: number; url: string; emulatorUrl: string }): Record<string, string> => ({
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  PORT: String(port),
  VESPER_EMULATOR_URL: emulatorUrl,
  VESPER_EMULATOR_LIMITS: 'off',
  VESPER_ENCRYPTION_KEY: Buffer.alloc(32, 4).toString('base64'),
  VESPER_WEBHOOK_SECRETS: WEBHOOK_SECRET,
  VESPER_API_KEYS: `admin:${API_KEY}`,
  INTUIT_CLIENT_ID: 'emulator',
  INTUIT_CLIENT_SECRET: 'emulator',
  VESPER_PUBLIC_URL: url,
});

/** Runs a company's evening and waits for its end; `busy` when another replica is at it. */
export async function runEvening(url: string, companyId: string): Promise<'done' | 'busy'> {
  const answer = await fetch(`${url}/v1/companies/${companyId}/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ wait: true }),
  });
  const text = await answer.text();
  if (answer.status === 409) return 'busy';
  if (!answer.ok || (JSON.parse(text) as { state?: string }).state !== 'done')
    throw new Error(`the run was answered ${answer.status} ${text}`);
  return 'done';
}

/** The service as `compose.yaml` starts it: a root nobody can write to, an unprivileged user, no rights left. Resolves once it is ready. */
export async function startReplica(options: ReplicaOptions): Promise<ChildProcess> {
  const { image, command, data, port, mongoUrl, emulatorUrl, publicUrl = `http://127.0.0.1:${port}` } = options;
  mkdirSync(data, { recursive: true });
  chownSync(data, NOBODY, NOBODY);
  const script = [
    'set -e',
    'mount --make-rprivate /',
    'mount --bind "$1" "$1"',
    'mount -o remount,bind,ro /',
    'shift',
    `exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"`,
  ].join('\n');
  const child = spawn('unshare', ['--mount', 'bash', '-c', script, 'bash', data, process.execPath, ...command], {
    cwd: image,
    env: {
      ...serviceEnv({ port, url: publicUrl, emulatorUrl }),
      VESPER_DATA_DIR: data,
      ...(mongoUrl !== undefined && { MONGODB_URL: mongoUrl }),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    await untilAnswered(`http://127.0.0.1:${port}/readyz`);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return child;
}

export const untilAnswered = (url: string): Promise<void> =>
  until(() =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ),
  );

export async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await condition()); await delay(50))
    if (Date.now() > deadline) throw new Error('waited 30 s in vain');
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Ends what still runs, and waits for it, but not for ever. */
export async function endAll(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    child.kill('SIGTERM');
    await Promise.race([gone, delay(20_000, undefined, { ref: false })]);
  }
}
