import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { createCompany } from '../src/sample-company.ts';
import { SECRET, signedBooking } from './signed-booking.ts';
import { openConnection, type RawConnection } from './raw-http-client.ts';

/**
 * Durable ingest beside a bare handler that only reads the body and checks the signature, in the same run and on the same cores.
 * Saturation is a closed loop; latency comes from an open loop with Poisson arrivals, counted from each request's intended start.
 * Afterwards every acknowledged id is looked for in the store.
 */
const KEY = '0123456789abcdef0123';
const CONNECTIONS = 64;
const ROUNDS = 3;
const ROUND_MS = 4_000;
const RATE = 3_000;
const OPEN_MS = 10_000;
/** More than any server here answers. */
const MOST_PER_SECOND = 25_000;

const dataDir = await mkdtemp(join(tmpdir(), 'vesper-bench-'));
interface Prepared {
  id: string;
  request: Buffer;
}

let serial = 0;
const ready: Prepared[] = [];
const acknowledged: string[] = [];
try {
  const bare = await startServer('bare');
  const vesper = await startServer('vesper');
  await createCompany({ url: `http://127.0.0.1:${vesper.port}`, key: KEY }, 'bench', { name: 'Bench', timezone: 'America/Chicago' });
  await saturate(bare.port, 1_000, false);
  await saturate(vesper.port, 1_000, true);
  const rates = { bare: [] as number[], vesper: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.bare.push(await saturate(bare.port, ROUND_MS, false));
    rates.vesper.push(await saturate(vesper.port, ROUND_MS, true));
  }
  const latencies = await arrive(vesper.port);
  await bare.stop();
  await vesper.stop();
  const { lost, duplicated } = countStored();
  const result = {
    saturationRatio: round(median(rates.vesper) / median(rates.bare)),
    p99MsAt3000: round(percentile(latencies, 0.99)),
    lost,
    duplicated,
    p50MsAt3000: round(percentile(latencies, 0.5)),
    durablePerSecond: Math.round(median(rates.vesper)),
    barePerSecond: Math.round(median(rates.bare)),
    acknowledged: acknowledged.length,
  };
  if (process.argv.includes('--json')) console.log(JSON.stringify(result));
  else console.table(result);
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

interface Server {
  port: number;
  stop(): Promise<void>;
}

async function startServer(mode: 'bare' | 'vesper'): Promise<Server> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'ingest-server.ts'), [mode], {
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
    env: { PATH: process.env.PATH, VESPER_DATA_DIR: dataDir, BENCH_SECRET: SECRET, BENCH_KEY: KEY },
  });
  const [message] = (await once(child, 'message')) as [{ port: number }];
  return {
    port: message.port,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** Requests a second with every connection sending its next one as soon as it is answered. */
async function saturate(port: number, ms: number, isKept: boolean): Promise<number> {
  makeReady((ms / 1000) * MOST_PER_SECOND);
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => openConnection(port)));
  const startedAt = performance.now();
  let answered = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() - startedAt < ms) {
        await post(connection, isKept);
        answered += 1;
      }
      connection.close();
    }),
  );
  return answered / ((performance.now() - startedAt) / 1000);
}

/** Latencies in ms at 3,000 arrivals a second, Poisson; one that waits for a free connection has begun all the same. */
async function arrive(port: number): Promise<number[]> {
  makeReady((OPEN_MS / 1000) * RATE * 1.1);
  const idle: RawConnection[] = await Promise.all(Array.from({ length: 256 }, () => openConnection(port)));
  const all = [...idle];
  const waiting: number[] = [];
  const latencies: number[] = [];
  const underWay = new Set<Promise<void>>();
  const begin = (intendedAt: number): void => {
    let connection = idle.pop();
    for (; connection && !connection.isOpen; connection = idle.pop()) underWay.add(replace());
    if (!connection) {
      waiting.push(intendedAt);
      return;
    }
    const sending: Promise<void> = answerFrom(connection, intendedAt).finally(() => underWay.delete(sending));
    underWay.add(sending);
  };
  const answerFrom = async (connection: RawConnection, intendedAt: number): Promise<void> => {
    await post(connection, true);
    latencies.push(performance.now() - intendedAt);
    free(connection);
  };
  const free = (connection: RawConnection): void => {
    idle.push(connection);
    const next = waiting.shift();
    if (next !== undefined) begin(next);
  };
  /** One that stayed silent too long was ended by the server. */
  const replace = (): Promise<void> => {
    const opening: Promise<void> = openConnection(port)
      .then((connection) => {
        all.push(connection);
        free(connection);
      })
      .finally(() => underWay.delete(opening));
    return opening;
  };
  const startedAt = performance.now();
  for (let nextAt = startedAt; nextAt - startedAt < OPEN_MS;) {
    const now = performance.now();
    while (nextAt <= now) {
      begin(nextAt);
      nextAt += (-Math.log(1 - Math.random()) * 1000) / RATE;
    }
    // Not a busy loop: it would take the core the service needs. An arrival is begun at most about a millisecond late, and that counts.
    await setTimeout(1);
  }
  while (underWay.size > 0) await Promise.all(underWay);
  for (const connection of all) connection.close();
  return latencies;
}

/** Signs requests before the clock runs, so that the generator does little while it does. */
function makeReady(count: number): void {
  while (ready.length < count) {
    serial += 1;
    const id = `msg_${serial}`;
    ready.push({ id, request: signedBooking(id) });
  }
}

async function post(connection: RawConnection, isKept: boolean): Promise<void> {
  if (ready.length === 0) makeReady(1_000);
  const { id, request } = ready.pop() as Prepared;
  const { status } = await connection.send(request);
  if (status !== 202) throw new Error(`${id} was answered ${status}`);
  if (isKept) acknowledged.push(id);
}

function countStored(): { lost: number; duplicated: number } {
  const database = new DatabaseSync(join(dataDir, 'vesper.db'), { readOnly: true });
  const stored = new Map<string, number>();
  for (const row of database.prepare("SELECT id FROM entries WHERE company_id = 'bench' UNION ALL SELECT id FROM inbox").iterate()) {
    const id = String(row['id']).split('|').at(-1) ?? '';
    stored.set(id, (stored.get(id) ?? 0) + 1);
  }
  database.close();
  return {
    lost: acknowledged.filter((id) => !stored.has(id)).length,
    duplicated: [...stored.values()].filter((count) => count > 1).length,
  };
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
