import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createEmulator, type Emulator } from '@vesper/qbo-emulator/emulator';
import { sendWebhook } from '../src/demo/send-webhook.ts';
import { connectCompany, createCompany } from '../src/sample-company.ts';
import { inspectionEvent, paymentEvent, quickbooksCompany } from './rig.ts';
import { startService, type ServiceProcess } from './service-process.ts';

const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const API_KEY = '0123456789abcdef0123';

/** The service in a process of its own, on SQLite unless told otherwise, beside an emulator in this one: for what befalls processes. */
export interface ProcessRig {
  emulator: Emulator;
  dataDir: string;
  /** What the service is started with, for commands beside it. */
  env: Readonly<Record<string, string>>;
  /** The one that was started last. */
  readonly service: ServiceProcess;
  start(changes?: Record<string, string>): Promise<ServiceProcess>;
  /** Creates and connects a company to a fresh QuickBooks company without limits; answers its realm. */
  company(id: string): Promise<string>;
  /** Sends all at once; the distinct answers. */
  send(events: readonly (readonly [webhookId: string, event: unknown])[]): Promise<number[]>;
  /** Sends a confirmed inspection and its card payment for each id: entries `i…`, `p…`, payment `9…`. The distinct answers. */
  book(companyId: string, ids: readonly string[]): Promise<number[]>;
  /** With `wait`, answers when the run has ended. */
  run(companyId: string, options: { wait: boolean }): Promise<{ status: number; state?: string; counts?: Record<string, number> }>;
  /** Runs again while another run, perhaps that of a process that is gone, holds the company. */
  runToTheEnd(companyId: string): Promise<void>;
  /** The next batches of a realm meet this. */
  harmBatches(realmId: string, fault: { fault: object; times: number; after?: number }): Promise<void>;
  /** Resolves once this many batches have arrived at the emulator, answered or not. */
  batchesArrived(realmId: string, count: number): Promise<void>;
  get(path: string): Promise<unknown>;
  close(): Promise<void>;
}

export async function createProcessRig(): Promise<ProcessRig> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vesper-process-'));
  const emulator = await createEmulator({ port: 0 });
  let service: ServiceProcess | undefined;
  const started = (): ServiceProcess => {
    if (service === undefined) throw new Error('No service was started yet.');
    return service;
  };
  const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

  const env = {
    VESPER_DATA_DIR: dataDir,
    VESPER_EMULATOR_URL: emulator.url,
    VESPER_EMULATOR_LIMITS: 'off',
    VESPER_ENCRYPTION_KEY: Buffer.alloc(32, 4).toString('base64'),
    VESPER_WEBHOOK_SECRETS: WEBHOOK_SECRET,
    VESPER_API_KEYS: `admin:${API_KEY}`,
    VESPER_LOG_LEVEL: 'info',
  };
  const rig: ProcessRig = {
    emulator,
    dataDir,
    env,
    get service() {
      return started();
    },
    async start(changes = {}) {
      service = await startService({ ...env, ...changes });
      return service;
    },
    async company(id) {
      const client = { url: started().url, key: API_KEY };
      const realmId = await quickbooksCompany(emulator.url, id);
      await createCompany(client, id, { name: 'Tern Home Inspections', timezone: 'America/Chicago' });
      await connectCompany(client, id, realmId);
      return realmId;
    },
    async send(events) {
      const answers = await Promise.all(
        events.map(([webhookId, event]) => sendWebhook(started().url, WEBHOOK_SECRET, { webhookId, event, nowMs: Date.now() })),
      );
      return [...new Set(answers)];
    },
    book: (companyId, ids) =>
      rig.send(
        ids.flatMap((id): [string, unknown][] => [
          [`i${id}`, inspectionEvent(companyId, id)],
          [`p${id}`, paymentEvent(companyId, `9${id}`, id)],
        ]),
      ),
    async run(companyId, { wait }) {
      const answer = await post(`${started().url}/v1/companies/${companyId}/runs`, { wait }, { authorization: `Bearer ${API_KEY}` });
      return { ...((await answer.json()) as { state?: string; counts?: Record<string, number> }), status: answer.status };
    },
    async runToTheEnd(companyId) {
      for (;;) {
        const { status, state } = await rig.run(companyId, { wait: true });
        if (status === 200 && state === 'done') return;
        if (status !== 409) throw new Error(`the run was answered ${status} ${state}`);
      }
    },
    async harmBatches(realmId, fault) {
      const { ok, status } = await post(`${emulator.url}/emulator/faults`, { realmId, match: { path: '/batch' }, ...fault });
      if (!ok) throw new Error(`the emulator answered the fault ${status}`);
    },
    async batchesArrived(realmId, count) {
      for (let arrived = 0; arrived < count; await setImmediate()) {
        const answer = await fetch(`${emulator.url}/emulator/companies/${realmId}/ledger`);
        arrived = ((await answer.json()) as { requests: { batches: number } }).requests.batches;
      }
    },
    async get(path) {
      const answer = await fetch(`${started().url}${path}`, { headers: { authorization: `Bearer ${API_KEY}` } });
      return answer.json();
    },
    async close() {
      await service?.kill('SIGKILL');
      await emulator.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return rig;
}
