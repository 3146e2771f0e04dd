import { spawnSync } from 'node:child_process';
import { createEmulator } from '@vesper/qbo-emulator/emulator';
import { sendWebhook } from '../apps/webhook/src/demo/send-webhook.ts';
import { connectCompany, createCompany } from '../apps/webhook/src/sample-company.ts';
import { inspectionEvent, ledgerOf, paymentEvent, quickbooksCompany } from '../apps/webhook/test/rig.ts';
import { API_KEY, freePort, runEvening, serviceEnv, until, untilAnswered, WEBHOOK_SECRET } from './replica.ts';

/**
 * `npm run deploy:image`: builds the image with docker or podman and runs it as `compose.yaml` does, on SQLite in a volume, against the emulator
 * on this machine: who it runs as, what it can write to, its health check, an evening, a stop, a start on the same volume, backup and restore.
 * `CONTAINER_ENGINE` says which engine, `BUILD_FLAGS` what to add to the build.
 */
const engine = process.env['CONTAINER_ENGINE'] ?? ['docker', 'podman'].find((name) => spawnSync(name, ['--version']).status === 0);
if (engine === undefined) throw new Error('There is neither docker nor podman here; `npm run deploy:try` needs none.');
const NAME = 'vesper-try';
const IMAGE = 'vesper-try';
const done = (what: string): void => console.log(`ok  ${what}`);

const emulator = await createEmulator({ port: 0 });
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
clear();
try {
  const flags = (process.env['BUILD_FLAGS'] ?? '').split(' ').filter(Boolean);
  // Podman writes health checks into images of Docker's format only.
  run('build', ...(engine === 'podman' ? ['--format', 'docker'] : []), ...flags, '--tag', IMAGE, new URL('..', import.meta.url).pathname);
  const [image] = JSON.parse(run('image', 'inspect', IMAGE)) as [{ Size: number; Config: { User: string } }];
  if (image.Config.User !== 'node') throw new Error(`the image runs as ${image.Config.User}`);
  done(`the image is built: ${Math.round(image.Size / 1_000_000)} MB`);

  start();
  await untilAnswered(`${url}/readyz`);
  await until(async () => isHealthy());
  done('its health check says that it is healthy');
  if (inside('id', '-u').stdout.trim() !== '1000') throw new Error('the service does not run as the unprivileged user');
  for (const place of ['/app/x', '/app/apps/webhook/dist/x', '/usr/local/bin/x'])
    if (inside('touch', place).status === 0) throw new Error(`the service can write ${place}`);
  if (inside('npm', '--version').status === 0) throw new Error('npm is still in the image');
  done('it runs as uid 1000, can write neither its code nor the root, and has no npm');

  const client = { url, key: API_KEY };
  const realmId = await quickbooksCompany(emulator.url, 'tern');
  await createCompany(client, 'tern', { name: 'Tern Home Inspections', timezone: 'America/Chicago' });
  await connectCompany(client, 'tern', realmId);
  const ids = Array.from({ length: 30 }, (_, index) => String(1_000 + index));
  for (const id of ids) {
    await send(`i${id}`, inspectionEvent('tern', id), 202);
    await send(`p${id}`, paymentEvent('tern', `9${id}`, id), 202);
  }
  await until(evening);
  await expectBooks(realmId, ids.length);
  done('an evening is posted');

  const backedUp = inside('node', 'apps/webhook/dist/cli.js', 'backup', '/data/backup.db');
  if (backedUp.status !== 0) throw new Error(`the backup failed: ${backedUp.stderr}`);
  await send('i2000', inspectionEvent('tern', '2000'), 202);
  await send('p2000', paymentEvent('tern', '92000', '2000'), 202);
  await until(evening);
  const startedAt = performance.now();
  run('stop', '--time', '30', NAME);
  const [{ State }] = JSON.parse(run('container', 'inspect', NAME)) as [{ State: { ExitCode: number } }];
  if (State.ExitCode !== 0) throw new Error(`told to stop it ended with ${State.ExitCode}`);
  done(`told to stop it ends with 0 after ${Math.round(performance.now() - startedAt)} ms`);

  run('start', NAME);
  await untilAnswered(`${url}/readyz`);
  await send('i1000', inspectionEvent('tern', '1000'), 200);
  done('started again it knows what it had taken');

  run('stop', '--time', '30', NAME);
  run('rm', NAME);
  run('run', '--rm', ...asInCompose(), IMAGE, 'node', 'apps/webhook/dist/cli.js', 'restore', '/data/backup.db');
  start();
  await untilAnswered(`${url}/readyz`);
  await send('i2000', inspectionEvent('tern', '2000'), 202);
  await send('p2000', paymentEvent('tern', '92000', '2000'), 202);
  await until(evening);
  await expectBooks(realmId, ids.length + 1);
  done('a backup brought back posts nothing twice');
} finally {
  clear();
  await emulator.close();
}

function start(): void {
  run('run', '--detach', '--name', NAME, ...asInCompose(), IMAGE);
}

function asInCompose(): string[] {
  const settings = serviceEnv({ port, url, emulatorUrl: emulator.url });
  return [
    ...Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    '--network=host',
    '--read-only',
    '--cap-drop=all',
    '--security-opt=no-new-privileges',
    '--tmpfs=/tmp',
    '--memory=1g',
    `--volume=${NAME}:/data`,
  ];
}

/** Docker looks by itself; podman leaves it to systemd, which need not be there. */
function isHealthy(): boolean {
  if (engine === 'podman') return spawnSync(engine, ['healthcheck', 'run', NAME]).status === 0;
  return run('inspect', '--format', '{{.State.Health.Status}}', NAME).trim() === 'healthy';
}

async function send(webhookId: string, event: unknown, expected: number): Promise<void> {
  const status = await sendWebhook(url, WEBHOOK_SECRET, { webhookId, event, nowMs: Date.now() });
  if (status !== expected) throw new Error(`${webhookId} was answered ${status} instead of ${expected}`);
}

/** The lease of a container that was taken away may have to end first. */
async function evening(): Promise<boolean> {
  return (await runEvening(url, 'tern')) === 'done';
}

async function expectBooks(realmId: string, count: number): Promise<void> {
  const { Invoice = [], Payment = [], Customer = [] } = await ledgerOf(emulator.url, realmId);
  const counts = [Invoice.length, Payment.length, Customer.length];
  if (counts.some((each) => each !== count)) throw new Error(`${counts.join(', ')} invoices, payments, customers instead of ${count}`);
}

function run(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(engine ?? '', args, { encoding: 'utf8', maxBuffer: 64_000_000 });
  if (status !== 0) throw new Error(`${engine} ${args.join(' ')} failed:\n${stdout.slice(-2_000)}\n${stderr.slice(-2_000)}`);
  return stdout;
}

function inside(...command: string[]) {
  return spawnSync(engine ?? '', ['exec', NAME, ...command], { encoding: 'utf8' });
}

function clear(): void {
  spawnSync(engine ?? '', ['rm', '--force', NAME]);
  spawnSync(engine ?? '', ['volume', 'rm', '--force', NAME]);
}
