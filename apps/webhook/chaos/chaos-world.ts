import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createEmulator } from '@vesper/qbo-emulator/emulator';
import { startMongoServer } from '../../../packages/outbox/test/mongo-server.ts';
import { sendWebhook } from '../src/demo/send-webhook.ts';
import { connectCompany, createCompany } from '../src/sample-company.ts';
import { inspectionEvent, ledgerOf, paymentEvent, quickbooksCompany } from '../test/rig.ts';
import type { Strike } from './fault-points.ts';
import { INSPECTION_CENTS, judgeBooks } from './judge-books.ts';
import { createTcpProxy, type TcpProxy } from './tcp-proxy.ts';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const KEY = '0123456789abcdef0123';
const COMPANY = 'tern';
/** Instead of the flusher's minute: long enough for a round's run, short enough to outsleep. */
export const LEASE_MS = 2_500;
/** Whatever was done to it, a world that has not come to rest by then is broken. */
const REST_WITHIN_MS = 60_000;

export interface Service {
  url: string;
  process: ChildProcess;
  /** Resolves when the process is gone, with its exit code or the signal that ended it. */
  gone: Promise<[number | null, NodeJS.Signals | null]>;
}

/** One QuickBooks company, one store, and the service processes on it: real ones, over sockets, with a proxy before QuickBooks and the store. */
export interface ChaosWorld {
  store: 'sqlite' | 'mongodb';
  quickbooks: TcpProxy;
  database: TcpProxy | undefined;
  start(options?: { strike?: Strike; smallDisk?: boolean }): Promise<Service>;
  dataDir: string;
  /** Bookings nobody told of before, and their payments; both remembered for the judgement. */
  newEvents(inspections: number): Delivery[];
  /** Sends like a platform: each again and again, to any of the services that are up, until it is answered 2xx. Returns the statuses seen. */
  deliver(deliveries: readonly Delivery[], services: () => readonly Service[]): Promise<Map<number, number>>;
  /** Asks for a run and answers the status, 0 when there was no answer. */
  run(service: Service): Promise<{ status: number; unknown: number }>;
  /** Runs until a run comes to its end with nothing unknown. */
  rest(service: Service): Promise<void>;
  /** What is lost or double in QuickBooks, over all rounds so far. */
  judge(): Promise<string[]>;
  close(): Promise<void>;
}

interface Delivery {
  webhookId: string;
  event: unknown;
}

export async function createChaosWorld(store: 'sqlite' | 'mongodb'): Promise<ChaosWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vesper-chaos-'));
  const emulator = await createEmulator({ port: 0 });
  const mongo = store === 'mongodb' ? await startMongoServer() : undefined;
  const quickbooks = await createTcpProxy(Number(new URL(emulator.url).port));
  const mongoUrl = mongo && new URL(mongo.url(`chaos${process.pid}`));
  const mongoPort = Number(mongoUrl?.port);
  const database = mongoUrl && (await createTcpProxy(mongoPort));
  const services = new Set<Service>();
  const inspectionIds: string[] = [];
  const realmId = await quickbooksCompany(emulator.url, COMPANY);
  let isConnected = false;

  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    PORT: '0',
    VESPER_DATA_DIR: join(dataDir, 'data'),
    VESPER_EMULATOR_URL: `http://127.0.0.1:${quickbooks.port}`,
    VESPER_EMULATOR_LIMITS: 'off',
    VESPER_ENCRYPTION_KEY: Buffer.alloc(32, 4).toString('base64'),
    VESPER_WEBHOOK_SECRETS: SECRET,
    VESPER_API_KEYS: `admin:${KEY}`,
    VESPER_LOG_LEVEL: 'error',
    ...(mongoUrl && { MONGODB_URL: mongoUrl.href }),
  };

  const world: ChaosWorld = {
    store,
    quickbooks,
    database,
    dataDir,
    async start({ strike, smallDisk = false } = {}) {
      const child = spawnService(
        JSON.stringify({
          leaseMs: LEASE_MS,
          ...(strike && { strike }),
          ...(database && { detour: { from: mongoPort, to: database.port } }),
        }),
        env,
        smallDisk ? dataDir : undefined,
      );
      const service = { url: await addressOf(child), process: child, gone: once(child, 'exit') as Service['gone'] };
      services.add(service);
      void service.gone.then(() => services.delete(service));
      if (!isConnected) {
        const client = { url: service.url, key: KEY };
        await createCompany(client, COMPANY, { name: 'Tern Home Inspections', timezone: 'America/Chicago' });
        await connectCompany(client, COMPANY, realmId);
        isConnected = true;
      }
      return service;
    },
    newEvents(inspections) {
      const ids = Array.from({ length: inspections }, (_, index) => String(1_000 + inspectionIds.length + index));
      inspectionIds.push(...ids);
      return ids.flatMap((id) => [
        { webhookId: `i${id}`, event: inspectionEvent(COMPANY, id) },
        { webhookId: `p${id}`, event: paymentEvent(COMPANY, `9${id}`, id, { amountCents: INSPECTION_CENTS }) },
      ]);
    },
    async deliver(deliveries, up) {
      const statuses = new Map<number, number>();
      const deadline = Date.now() + REST_WITHIN_MS;
      await Promise.all(
        deliveries.map(async (delivery, index) => {
          for (let turn = index, status = 0; status !== 202 && status !== 200; turn += 1) {
            const open = up();
            const to = open[turn % Math.max(1, open.length)];
            status = to === undefined ? 0 : await sendWebhook(to.url, SECRET, { ...delivery, nowMs: Date.now() }).catch(() => 0);
            statuses.set(status, (statuses.get(status) ?? 0) + 1);
            if (status !== 0 && status !== 503 && status !== 202 && status !== 200) throw new Error(`a webhook was answered ${status}`);
            if (Date.now() > deadline) throw new Error(`${delivery.webhookId} was not accepted within ${REST_WITHIN_MS} ms`);
            if (status === 0 || status === 503) await delay(50);
          }
        }),
      );
      return statuses;
    },
    async run({ url }) {
      try {
        const answer = await fetch(`${url}/v1/companies/${COMPANY}/runs`, {
          method: 'POST',
          headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
          body: JSON.stringify({ wait: true }),
        });
        const body = (await answer.json()) as { state?: string; counts?: { unknown: number } };
        return { status: body.state === 'stopped' ? 0 : answer.status, unknown: body.counts?.unknown ?? 0 };
      } catch (error) {
        if (error instanceof TypeError) return { status: 0, unknown: 0 };
        throw error;
      }
    },
    async rest(service) {
      const deadline = Date.now() + REST_WITHIN_MS;
      for (;;) {
        const { status, unknown } = await world.run(service);
        if (status === 200 && unknown === 0) return;
        if (Date.now() > deadline) throw new Error(`no run came to its end within ${REST_WITHIN_MS} ms; the last was answered ${status}`);
        await delay(50);
      }
    },
    async judge() {
      return judgeBooks(await ledgerOf(emulator.url, realmId), inspectionIds);
    },
    async close() {
      for (const service of services) {
        service.process.kill('SIGKILL');
        await service.gone;
      }
      await quickbooks.close();
      await database?.close();
      await mongo?.stop();
      await emulator.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return world;
}

/** On a small disk: in a mount namespace of its own, which ends with the process. Linux only. */
function spawnService(task: string, env: Record<string, string>, smallDiskAt?: string): ChildProcess {
  const node = [
    process.execPath,
    '--conditions=source',
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'struck-service.ts'),
    task,
  ];
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  if (smallDiskAt === undefined) return spawn(node[0] ?? '', node.slice(1), { env, stdio });
  const script = 'mount -t tmpfs -o size=24m tmpfs "$1" && shift && exec "$@"';
  return spawn('unshare', ['--map-root-user', '--mount', 'bash', '-c', script, 'bash', smallDiskAt, ...node], { env, stdio });
}

function addressOf(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said.push(chunk.toString());
      const [, url] = /listening at (\S+)/.exec(said.join('')) ?? [];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', (code) => reject(new Error(`the service ended with ${code} before it listened:\n${said.join('')}`)));
  });
}

/** Whether a process is stopped (SIGSTOP). Linux only. */
export async function isStopped({ process: { pid } }: Service): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}
