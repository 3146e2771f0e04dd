import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createEmulator } from '@vesper/qbo-emulator/emulator';
import { startMongoServer } from '../packages/outbox/test/mongo-server.ts';
import { sendWebhook } from '../apps/webhook/src/demo/send-webhook.ts';
import { connectCompany, createCompany } from '../apps/webhook/src/sample-company.ts';
import { inspectionEvent, ledgerOf, paymentEvent, quickbooksCompany } from '../apps/webhook/test/rig.ts';

/**
 * `npm run deploy:try`: what the Dockerfile and deploy/two-replicas say, step by step without a container engine. Needs Linux, root, nginx.
 * Copies what the Dockerfile copies, installs as it installs, starts two replicas as an unprivileged user who can write to nothing but /tmp and
 * its data folder, on one MongoDB, behind nginx with the file of the example; then ends one replica under load.
 */
const NOBODY = 65_534;
const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const KEY = '0123456789abcdef0123';
const root = join(import.meta.dirname, '..');
const place = mkdtempSync(join(tmpdir(), 'vesper-deploy-'));
chmodSync(place, 0o755);
const children: ChildProcess[] = [];
const done = (what: string): void => console.log(`ok  ${what}`);

try {
  carryOutTheDockerfile();
  done('installed from the lock file without install scripts, built, and put together');
  const helped = spawnSync(process.execPath, ['apps/webhook/dist/cli.js', '--help'], { cwd: join(place, 'image'), encoding: 'utf8' });
  if (helped.status !== 0 || !helped.stdout.includes('backup'))
    throw new Error(`the command line does not work in the image:\n${helped.stderr}`);
  done('the command line is in the image');

  const emulator = await createEmulator({ port: 0 });
  const mongo = await startMongoServer();
  const ports = [await freePort(), await freePort()];
  const replicas = [await startReplica(0), await startReplica(1)];
  done('two replicas listen, as user 65534, on a read-only root');
  for (const [index, { pid }] of replicas.entries()) {
    const checked = spawnSync(process.execPath, ['--eval', healthCheck()], { env: { PORT: String(ports[index]) } });
    if (checked.status !== 0) throw new Error(`the Dockerfile's health check answers ${checked.status} for replica ${index + 1}`);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    if (!new RegExp(`^Uid:\\s+${NOBODY}\\s`, 'm').test(status)) throw new Error('the service does not run as the unprivileged user');
  }
  const unhealthy = spawnSync(process.execPath, ['--eval', healthCheck()], { env: { PORT: '9' } });
  if (unhealthy.status !== 1) throw new Error('the health check does not notice that nothing listens');
  done("the Dockerfile's health check says 0 of both, and 1 where nothing listens");

  const proxyUrl = await startProxy();
  done('nginx serves both with the configuration of the example');

  const realmId = await quickbooksCompany(emulator.url, 'tern');
  await createCompany({ url: proxyUrl, key: KEY }, 'tern', { name: 'Tern Home Inspections', timezone: 'America/Chicago' });
  await connectCompany({ url: proxyUrl, key: KEY }, 'tern', realmId);
  const ids = Array.from({ length: 60 }, (_, index) => String(1_000 + index));
  const statuses: number[] = [];
  for (const [index, id] of ids.entries()) {
    // In the middle of it one replica is killed: nobody who sends may notice.
    if (index === 20) replicas[0]?.kill('SIGKILL');
    for (const [webhookId, event] of [
      [`i${id}`, inspectionEvent('tern', id)],
      [`p${id}`, paymentEvent('tern', `9${id}`, id)],
    ] as const)
      statuses.push(await sendWebhook(proxyUrl, SECRET, { webhookId, event, nowMs: Date.now() }));
  }
  if (statuses.some((status) => status !== 202 && status !== 200))
    throw new Error(`webhooks were answered ${[...new Set(statuses)].join(', ')}`);
  done(`${statuses.length} webhooks were taken through the proxy while one replica was killed`);

  const run = await fetch(`${proxyUrl}/v1/companies/tern/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ wait: true }),
  });
  const { state } = (await run.json()) as { state?: string };
  const { Invoice = [], Payment = [] } = await ledgerOf(emulator.url, realmId);
  if (state !== 'done' || Invoice.length !== ids.length || Payment.length !== ids.length)
    throw new Error(`the run ended ${state} with ${Invoice.length} invoices and ${Payment.length} payments of ${ids.length}`);
  done('the evening ran on the replica that is left, each document once');

  replicas[0] = await startReplica(0);
  await until(
    async () =>
      (await sendWebhook(`http://127.0.0.1:${ports[0]}`, SECRET, {
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
  await until(async () => (await sendWebhook(proxyUrl, SECRET, { ...known, nowMs: Date.now() })) === 200);
  done('the replicas were restarted one after the other; what was known is still known');

  await mongo.stop();
  await emulator.close();

  async function startReplica(index: number): Promise<ChildProcess> {
    const port = ports[index];
    const data = join(place, `data-${index}`);
    mkdirSync(data, { recursive: true });
    chownSync(data, NOBODY, NOBODY);
    // What `read_only`, `tmpfs` and `USER` say: a root nobody can write to, an empty /tmp, no rights left.
    const script = [
      'set -e',
      'mount --make-rprivate /',
      'mount --bind "$1" "$1"',
      'mount -o remount,bind,ro /',
      'shift',
      `exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"`,
    ].join('\n');
    const command = startCommand();
    const child = spawn('unshare', ['--mount', 'bash', '-c', script, 'bash', data, process.execPath, ...command], {
      cwd: join(place, 'image'),
      env: {
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        PORT: String(port),
        VESPER_DATA_DIR: data,
        MONGODB_URL: mongo.url('vesper'),
        VESPER_EMULATOR_URL: emulator.url,
        VESPER_EMULATOR_LIMITS: 'off',
        VESPER_ENCRYPTION_KEY: Buffer.alloc(32, 4).toString('base64'),
        VESPER_WEBHOOK_SECRETS: SECRET,
        VESPER_API_KEYS: `admin:${KEY}`,
        INTUIT_CLIENT_ID: 'emulator',
        INTUIT_CLIENT_SECRET: 'emulator',
        VESPER_PUBLIC_URL: 'http://127.0.0.1:18080',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    children.push(child);
    await until(() =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    return child;
  }

  async function startProxy(): Promise<string> {
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
    await until(() =>
      fetch('http://127.0.0.1:18080/healthz').then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    return 'http://127.0.0.1:18080';
  }
} finally {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await Promise.race([gone, delay(20_000, undefined, { ref: false })]);
  }
  rmSync(place, { recursive: true, force: true });
}

/** Each stage in a folder of its own, the last one in `image`: COPY lines, and RUN lines that install or build. */
function carryOutTheDockerfile(): void {
  let stage = '';
  for (const line of readFileSync(join(root, 'Dockerfile'), 'utf8').split('\n')) {
    const [verb, ...words] = line.trim().split(/\s+/);
    if (verb === 'FROM') {
      stage = join(place, words[2] ?? 'image');
      mkdirSync(stage);
    } else if (verb === 'COPY') copy(words, stage);
    else if (verb === 'RUN' && /^(npm|npx)$/.test(words[0] ?? '')) {
      const ran = spawnSync(words[0] ?? '', words.slice(1), { cwd: stage, encoding: 'utf8' });
      if (ran.status !== 0) throw new Error(`${words.join(' ')} failed:\n${ran.stdout}\n${ran.stderr}`);
    }
  }
}

function copy(words: readonly string[], stage: string): void {
  const [, from] = /^--from=(\w+)$/.exec(words[0] ?? '') ?? [];
  const [target = '', ...paths] = words.slice(from === undefined ? 0 : 1).toReversed();
  for (const path of paths) {
    const source = from === undefined ? join(root, path) : join(place, from, path.replace(/^\/app\/?/, ''));
    const isFile = /\.\w+$/.test(path);
    // A folder's contents go into the target, a file goes under its own name.
    const into = isFile ? join(stage, target, basename(path)) : join(stage, target);
    cpSync(source, into, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (name) => from !== undefined || !/node_modules|\/dist(\/|$)|\.test\.ts$|\/test$/.test(name.slice(root.length)),
    });
  }
}

function startCommand(): string[] {
  const [, json = '[]'] = /^CMD (\[.*\])$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];
  return (JSON.parse(json) as string[]).slice(1);
}

function healthCheck(): string {
  const [, json = '[]'] = /HEALTHCHECK[\s\S]*?CMD (\[.*\])/.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];
  return (JSON.parse(json) as string[])[2] ?? '';
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await condition()); await delay(50))
    if (Date.now() > deadline) throw new Error('waited 30 s in vain');
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
