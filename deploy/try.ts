import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator } from '@vesper/qbo-emulator/emulator';
import { startMongoServer } from '../packages/outbox/test/mongo-server.ts';
import { sendWebhook } from '../apps/webhook/src/demo/send-webhook.ts';
import { connectCompany, createCompany } from '../apps/webhook/src/sample-company.ts';
import { inspectionEvent, ledgerOf, paymentEvent, quickbooksCompany } from '../apps/webhook/test/rig.ts';
import { carryOutDockerfile, healthCheck, startCommand } from './carry-out-dockerfile.ts';
import { API_KEY, endAll, freePort, NOBODY, runEvening, startReplica, until, untilAnswered, WEBHOOK_SECRET } from './replica.ts';

/**
 * `npm run deploy:try`: what the Dockerfile and deploy/two-replicas say, step by step without a container engine. Needs Linux, root, nginx.
 * Copies what the Dockerfile copies, installs as it installs, starts two replicas as an unprivileged user who can write to nothing but /tmp and
 * its data folder, on one MongoDB, behind nginx with the file of the example; then ends one replica under load.
 */
const root = join(import.meta.dirname, '..');
const place = mkdtempSync(join(tmpdir(), 'vesper-deploy-'));
chmodSync(place, 0o755);
const PROXY_URL = 'http://127.0.0.1:18080';
const children: ChildProcess[] = [];
const done = (what: string): void => console.log(`ok  ${what}`);

const emulator = await createEmulator({ port: 0 });
const mongo = await startMongoServer();

try {
  carryOutDockerfile({ root, place });
  done('installed from the lock file without install scripts, built, and put together');
  const helped = spawnSync(process.execPath, ['apps/webhook/dist/cli.js', '--help'], { cwd: join(place, 'image'), encoding: 'utf8' });
  if (helped.status !== 0 || !helped.stdout.includes('backup'))
    throw new Error(`the command line does not work in the image:\n${helped.stderr}`);
  done('the command line is in the image');

  const ports = [await freePort(), await freePort()];
  const replicas = [await start(0), await start(1)];
  done('two replicas listen, as user 65534, on a read-only root');
  for (const [index, { pid }] of replicas.entries()) {
    const checked = spawnSync(process.execPath, ['--eval', healthCheck(root)], { env: { PORT: String(ports[index]) } });
    if (checked.status !== 0) throw new Error(`the Dockerfile's health check answers ${checked.status} for replica ${index + 1}`);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    if (!new RegExp(`^Uid:\\s+${NOBODY}\\s`, 'm').test(status)) throw new Error('the service does not run as the unprivileged user');
  }
  const unhealthy = spawnSync(process.execPath, ['--eval', healthCheck(root)], { env: { PORT: '9' } });
  if (unhealthy.status !== 1) throw new Error('the health check does not notice that nothing listens');
  done("the Dockerfile's health check says 0 of both, and 1 where nothing listens");

  await startProxy();
  done('nginx serves both with the configuration of the example');

  const realmId = await quickbooksCompany(emulator.url, 'tern');
  await createCompany({ url: PROXY_URL, key: API_KEY }, 'tern', { name: 'Tern Home Inspections', timezone: 'America/Chicago' });
  await connectCompany({ url: PROXY_URL, key: API_KEY }, 'tern', realmId);
  const ids = Array.from({ length: 60 }, (_, index) => String(1_000 + index));
  const statuses: number[] = [];
  for (const [index, id] of ids.entries()) {
    // In the middle of it one replica is killed: nobody who sends may notice.
    if (index === 20) replicas[0]?.kill('SIGKILL');
    for (const [webhookId, event] of [
      [`i${id}`, inspectionEvent('tern', id)],
      [`p${id}`, paymentEvent('tern', `9${id}`, id)],
    ] as const)
      statuses.push(await sendWebhook(PROXY_URL, WEBHOOK_SECRET, { webhookId, event, nowMs: Date.now() }));
  }
  if (statuses.some((status) => status !== 202 && status !== 200))
    throw new Error(`webhooks were answered ${[...new Set(statuses)].join(', ')}`);
  done(`${statuses.length} webhooks were taken through the proxy while one replica was killed`);

  const state = await runEvening(PROXY_URL, 'tern');
  const { Invoice = [], Payment = [] } = await ledgerOf(emulator.url, realmId);
  if (state !== 'done' || Invoice.length !== ids.length || Payment.length !== ids.length)
    throw new Error(`the run ended ${state} with ${Invoice.length} invoices and ${Payment.length} payments of ${ids.length}`);
  done('the evening ran on the replica that is left, each document once');

  replicas[0] = await start(0);
  await until(
    async () =>
      (await sendWebhook(`http://127.0.0.1:${ports[0]}`, WEBHOOK_SECRET, {
        webhookId: 'i1000',
        event: inspectionEvent('tern', '1000'),
        nowMs: Date.now(),
      })) === 200,
  );
  const [, survivor] = replicas;
  if (!survivor) throw new Error('there is no second replica');
  const stopped = once(survivor, 'exit');
  survivor.kill('SIGTERM');
  const [code] = (await stopped) as [number];
  if (code !== 0) throw new Error(`a replica told to stop ended with ${code}`);
  // nginx leaves a replica alone for two seconds after it was gone; a platform sends again what was answered 502.
  const known = { webhookId: 'p1059', event: paymentEvent('tern', '91059', '1059') };
  await until(async () => (await sendWebhook(PROXY_URL, WEBHOOK_SECRET, { ...known, nowMs: Date.now() })) === 200);
  done('the replicas were restarted one after the other; what was known is still known');

  async function start(index: 0 | 1): Promise<ChildProcess> {
    const child = await startReplica({
      image: join(place, 'image'),
      command: startCommand(root),
      data: join(place, `data-${index}`),
      port: ports[index] ?? 0,
      mongoUrl: mongo.url('vesper'),
      emulatorUrl: emulator.url,
      publicUrl: PROXY_URL,
    });
    children.push(child);
    return child;
  }

  async function startProxy(): Promise<void> {
    const given = readFileSync(join(root, 'deploy/two-replicas/nginx.conf'), 'utf8');
    const config = join(place, 'nginx.conf');
    const here = given
      .replace('listen 8080', 'listen 127.0.0.1:18080')
      .replace('vesper-1:8080', `127.0.0.1:${ports[0]}`)
      .replace('vesper-2:8080', `127.0.0.1:${ports[1]}`)
      .replaceAll('/tmp/', `${place}/`);
    writeFileSync(config, here);
    const child = spawn('nginx', ['-p', place, '-c', config, '-e', 'stderr', '-g', 'daemon off;'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    children.push(child);
    await untilAnswered(`${PROXY_URL}/healthz`);
  }
} finally {
  await endAll(children);
  await mongo.stop();
  await emulator.close();
  rmSync(place, { recursive: true, force: true });
}
