import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { isFlag, startCommand } from '../../../deploy/carry-out-dockerfile.ts';
import { sendWebhook } from '../src/demo/send-webhook.ts';
import { connectCompany, createCompany } from '../src/sample-company.ts';
import { inspectionEvent, paymentEvent } from '../test/rig.ts';

/**
 * `npm run bench:evening -- --companies 10000 --inspections 10`: all of them in one evening, QuickBooks' limits on, the emulator answering each
 * request after 100 ms. The service, the emulator and the one who measures are three processes; time, memory and CPU are the service's.
 */
const { values } = parseArgs({
  options: {
    companies: { type: 'string', default: '1000' },
    inspections: { type: 'string', default: '10' },
    'latency-ms': { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
});
const [companies, inspections, latencyMs] = [Number(values.companies), Number(values.inspections), Number(values['latency-ms'])];
const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const KEY = '0123456789abcdef0123';
const AT_ONCE = 24;
/** Where it is about ten in the morning now: no evening comes while all is set up, and a day later just one has been missed. */
const TIMEZONE = zoneWhereItIs(10);
const FLAGS = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
/** As the Dockerfile starts it. */
const SERVICE_FLAGS = startCommand(join(import.meta.dirname, '..', '..', '..')).filter(isFlag);

const tell = (text: string) => void process.stderr.write(`${text}\n`);
const dataDir = await mkdtemp(join(tmpdir(), 'vesper-evening-'));
const children: ChildProcess[] = [];
try {
  const emulatorUrl = await startEmulator();
  const realms: string[] = [];
  const first = await startService(emulatorUrl, 0);
  await inTurn('companies', companies, async (index) => {
    const { realmId } = await control(emulatorUrl, '/emulator/companies', {
      name: `Company ${index}`,
      preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } },
    });
    realms[index] = String(realmId);
    const id = `co${index}`;
    await createCompany({ url: first.url, key: KEY }, id, { name: `Company ${index}`, timezone: TIMEZONE });
    await connectCompany({ url: first.url, key: KEY }, id, String(realmId));
  });
  const ingestStartedAt = performance.now();
  await inTurn('inspections', companies * inspections, async (index) => {
    const company = `co${index % companies}`;
    const id = String(Math.floor(index / companies));
    for (const [kind, event] of [
      ['i', inspectionEvent(company, id)],
      ['p', paymentEvent(company, `9${id}`, id)],
    ] as const) {
      const status = await sendWebhook(first.url, SECRET, { webhookId: `${kind}${id}`, event, nowMs: Date.now() });
      if (status !== 202) throw new Error(`webhook ${kind}${id} of ${company} was answered ${status}`);
    }
  });
  const ingestSeconds = (performance.now() - ingestStartedAt) / 1000;
  first.process.kill('SIGTERM');
  await once(first.process, 'exit');

  await control(emulatorUrl, '/emulator/clock', { advanceMs: 86_400_000 });
  if (latencyMs > 0) await control(emulatorUrl, '/emulator/faults', { times: 1_000_000_000, fault: { kind: 'delay', ms: latencyMs } });
  const before = await requestsOf(emulatorUrl, realms);
  tell('the evening begins');
  const evening = await startService(emulatorUrl, 1);
  const over = await evening.over;
  const after = await requestsOf(emulatorUrl, realms);
  evening.process.kill('SIGTERM');
  await once(evening.process, 'exit');

  const result = {
    companies,
    inspections: companies * inspections,
    latencyMs,
    minutes: round(over.seconds / 60),
    inspectionsPerSecond: round((companies * inspections) / over.seconds),
    peakRssMb: over.peakRssMb,
    cpuSeconds: over.cpuSeconds,
    requests: after.requests - before.requests,
    requestsPerCompany: round((after.requests - before.requests) / companies),
    throttled: after.throttled,
    invoices: after.invoices,
    payments: after.payments,
    ingestPerSecond: round((2 * companies * inspections) / ingestSeconds),
  };
  if (values.json) console.log(JSON.stringify(result));
  else console.table(result);
  if (after.invoices !== companies * inspections || after.payments !== companies * inspections)
    throw new Error(`${after.invoices} invoices and ${after.payments} payments of ${companies * inspections} are in the books`);
} finally {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true });
}

async function startEmulator(): Promise<string> {
  const cli = join(import.meta.dirname, '../../../packages/qbo-emulator/src/cli.ts');
  const child = spawn(process.execPath, [...FLAGS, '--max-old-space-size=12000', cli, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /at (http\S+)/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('the emulator did not start');
}

interface EveningOver {
  seconds: number;
  peakRssMb: number;
  cpuSeconds: number;
}

async function startService(
  emulatorUrl: string,
  daysAhead: number,
): Promise<{ url: string; process: ChildProcess; over: Promise<EveningOver> }> {
  const child = spawn(process.execPath, [...FLAGS, ...SERVICE_FLAGS, join(import.meta.dirname, 'evening-service.ts'), String(daysAhead)], {
    env: {
      PATH: process.env.PATH ?? '',
      PORT: '0',
      VESPER_DATA_DIR: dataDir,
      VESPER_EMULATOR_URL: emulatorUrl,
      VESPER_ENCRYPTION_KEY: Buffer.alloc(32, 4).toString('base64'),
      VESPER_WEBHOOK_SECRETS: SECRET,
      VESPER_API_KEYS: `admin:${KEY}`,
      ...(process.env.MONGODB_URL && { MONGODB_URL: process.env.MONGODB_URL }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const listening = Promise.withResolvers<string>();
  const over = Promise.withResolvers<EveningOver>();
  over.promise.catch(() => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as { url?: string } & Partial<EveningOver>;
    if (said.url !== undefined) listening.resolve(said.url);
    else over.resolve(said as EveningOver);
  });
  child.once('exit', (code) => {
    const ended = new Error(`the service ended with ${code}`);
    listening.reject(ended);
    over.reject(ended);
  });
  return { url: await listening.promise, process: child, over: over.promise };
}

async function control(url: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as Record<string, unknown>;
}

async function requestsOf(url: string, realms: readonly string[]) {
  const sum = { requests: 0, throttled: 0, invoices: 0, payments: 0 };
  for (const realmId of realms) {
    const { requests, entities } = (await (await fetch(`${url}/emulator/companies/${realmId}/ledger`)).json()) as {
      requests: { total: number; throttled: number };
      entities: Record<string, unknown[]>;
    };
    sum.requests += requests.total;
    sum.throttled += requests.throttled;
    sum.invoices += entities.Invoice?.length ?? 0;
    sum.payments += entities.Payment?.length ?? 0;
  }
  return sum;
}

/** So many at a time, with a word now and then. */
async function inTurn(what: string, count: number, act: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      if (index > 0 && index % 5_000 === 0) tell(`${what}: ${index}`);
      await act(index);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

function zoneWhereItIs(hour: number): string {
  const ahead = Math.max(-12, hour - new Date().getUTCHours());
  // Its names count the hours behind Greenwich.
  return ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
