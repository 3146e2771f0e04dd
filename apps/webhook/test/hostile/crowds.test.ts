import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createSecretBox, parseEncryptionKeys } from '@vesper/outbox/secret-box';
import { openSqliteStore } from '@vesper/outbox/sqlite-store';
import { createEmulator, type Emulator } from '@vesper/qbo-emulator/emulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCompany } from '../../src/sample-company.ts';
import { inspectionEvent } from '../rig.ts';
import { startService, type ServiceProcess } from '../service-process.ts';
import { openWire, signed } from './raw-wire.ts';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const KEY = '0123456789abcdef0123';
const ENCRYPTION_KEY = Buffer.alloc(32, 4).toString('base64');
const MOST_MB = 450;
const RECOVERED_WITHIN_MS = 10_000;
/** Ten thousand companies with ten inspections an evening make about 4 webhooks a second over a day, 50 in the busiest minutes; twenty times that. */
const BURST_PER_SECOND = 1_000;

let dataDir: string;
let emulator: Emulator;
let service: ServiceProcess;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'vesper-crowd-'));
  emulator = await createEmulator({ port: 0 });
  service = await startService({
    VESPER_DATA_DIR: dataDir,
    VESPER_EMULATOR_URL: emulator.url,
    VESPER_ENCRYPTION_KEY: ENCRYPTION_KEY,
    VESPER_WEBHOOK_SECRETS: SECRET,
    VESPER_API_KEYS: `admin:${KEY}`,
    VESPER_LOG_LEVEL: 'info',
  });
  await createCompany({ url: service.url, key: KEY }, 'tern', { name: 'Tern Home Inspections', timezone: 'America/Chicago' });
});
afterEach(async () => {
  await service.kill('SIGKILL');
  await emulator.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Resident memory of the service now. Linux only. */
const memoryMb = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${service.process.pid}/status`, 'utf8'))?.[1]) / 1024;

const send = (agent: Agent, id: string): Promise<number> => {
  const body = JSON.stringify(inspectionEvent('tern', id));
  return new Promise((resolve) => {
    const sent = request(
      `${service.url}/webhooks/vesper`,
      { method: 'POST', agent, headers: { 'content-type': 'application/json', ...signed({ body, secret: SECRET, id: `msg_${id}` }) } },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    sent.on('error', () => resolve(0));
    sent.end(body);
  });
};

/** As an ordinary sender sees it: answered in time, or not yet. */
async function recovered(): Promise<boolean> {
  const agent = new Agent();
  const deadline = Date.now() + RECOVERED_WITHIN_MS;
  for (let tries = 0; Date.now() < deadline; tries += 1) {
    const status = await Promise.race([send(agent, `after${tries}`), delay(1_000).then(() => 0)]);
    if (status === 202) return true;
  }
  return false;
}

describe('five thousand sockets that say nothing', () => {
  // One sender's forgotten connections must not keep every other one out.
  it('cost little memory, keep nobody out, and are closed', async () => {
    const before = memoryMb();
    const wires = Array.from({ length: 5_000 }, () => openWire(service.url));
    await Promise.all(wires.map(({ socket }) => new Promise<void>((resolve) => void socket.once('connect', () => resolve()))));
    // Half of them begin a request they never finish.
    for (const { socket } of wires.slice(0, 2_500)) socket.write('POST /webhooks/vesper HTTP/1.1\r\nhost: x\r\n');
    const agent = new Agent({ keepAlive: true, maxSockets: 10 });
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => send(agent, String(index))));
    expect(new Set(answers)).toEqual(new Set([202]));
    expect(memoryMb() - before).toBeLessThan(200);
    await Promise.all(wires.slice(0, 2_500).map((wire) => wire.ended()));
    for (const { socket } of wires) socket.destroy();
    expect(await recovered()).toBe(true);
    agent.destroy();
  }, 120_000);
});

describe('a burst of twenty times the busiest minutes', () => {
  // A 202 that is not in the store is money lost; memory that grows with the burst is a crash in the next one.
  it('is answered 202 or 503 only, grows no memory without end, loses none of the 202, and is over within ten seconds', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 400 });
    const answers = new Map<string, number>();
    for (let second = 0; second < 6; second += 1) {
      const begun = Date.now();
      await Promise.all(
        Array.from({ length: BURST_PER_SECOND }, async (_, index) => {
          const id = `${second}x${index}`;
          answers.set(id, await send(agent, id));
        }),
      );
      await delay(Math.max(0, begun + 1_000 - Date.now()));
    }
    const memory = memoryMb();
    expect(await recovered()).toBe(true);
    agent.destroy();
    await service.kill('SIGKILL');

    expect([...new Set(answers.values())].filter((status) => status !== 202 && status !== 503)).toEqual([]);
    expect(memory).toBeLessThan(MOST_MB);
    const store = await openSqliteStore({ folder: dataDir, secretBox: createSecretBox({ keys: parseEncryptionKeys(ENCRYPTION_KEY) }) });
    const accepted = [...answers].flatMap(([id, status]) => (status === 202 ? [id] : []));
    const missing: string[] = [];
    for (const id of accepted) if ((await store.entry(`tern|vesper|msg_${id}`)) === undefined) missing.push(id);
    await store.close();
    expect(missing).toEqual([]);
    expect(accepted.length).toBeGreaterThan(0);
  }, 120_000);
});
