import { spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator } from '@vesper/qbo-emulator/emulator';
import { startMongoServer } from '../packages/outbox/test/mongo-server.ts';
import { sendWebhook } from '../apps/webhook/src/demo/send-webhook.ts';
import { connectCompany, createCompany } from '../apps/webhook/src/sample-company.ts';
import { inspectionEvent, ledgerOf, paymentEvent, quickbooksCompany } from '../apps/webhook/test/rig.ts';
import { carryOutDockerfile, startCommand } from './carry-out-dockerfile.ts';
import { API_KEY, endAll, freePort, runEvening, startReplica, WEBHOOK_SECRET } from './replica.ts';

/**
 * `npm run deploy:upgrade -- <git ref>`: an older version and this one at work together on one MongoDB, as in an upgrade one replica at a time,
 * then the older one alone again; and a SQLite folder that goes from the older to this one. Each posts what the other has stored, changes what
 * the other has posted, and in the end each document is in the emulator once, at its last amount. Needs Linux, root, git.
 */
const [ref] = process.argv.slice(2);
if (ref === undefined) throw new Error('Say from which version: npm run deploy:upgrade -- <git ref>');
const root = join(import.meta.dirname, '..');
const place = mkdtempSync(join(tmpdir(), 'vesper-upgrade-'));
chmodSync(place, 0o755);
const children: ChildProcess[] = [];
const done = (what: string): void => console.log(`ok  ${what}`);
const PRICE = 45_000;

type Version = 'older' | 'this';
const sources: Record<Version, string> = { older: join(place, 'source'), this: root };

try {
  build();
  done(`${ref} and this version are built`);
  const emulator = await createEmulator({ port: 0 });
  const mongo = await startMongoServer();
  try {
    await onMongo();
    await onSqlite();
  } finally {
    await mongo.stop();
    await emulator.close();
  }

  async function onMongo(): Promise<void> {
    const start = (version: Version) => startVersion(version, { data: `data-${version}`, mongoUrl: mongo.url('vesper') });
    const [older, newer] = [await start('older'), await start('this')];
    const books = await company('tern', older.url);
    await books.send([older.url, newer.url], range(1, 40));
    await runEvening(newer.url, 'tern');
    await books.expectPosted('this version posts what both have stored');
    await books.change([older.url, newer.url], range(1, 10));
    await books.send([newer.url], range(41, 60));
    await runEvening(older.url, 'tern');
    await books.expectPosted('the older one changes what this version has posted');
    await books.change([newer.url], range(5, 50));
    await Promise.all([runEvening(older.url, 'tern'), runEvening(newer.url, 'tern')]);
    await books.expectPosted('both are told to run at once');
    await stop(older);
    await books.change([newer.url], range(30, 60));
    await runEvening(newer.url, 'tern');
    await books.expectPosted('this version goes on alone');
    await stop(newer);
    const again = await start('older');
    await books.sendAgain(again.url);
    await books.change([again.url], range(50, 60));
    await runEvening(again.url, 'tern');
    await books.expectPosted('the older one is back, and goes on');
    await stop(again);
  }

  async function onSqlite(): Promise<void> {
    const older = await startVersion('older', { data: 'data-sqlite' });
    const books = await company('gull', older.url);
    await books.send([older.url], range(1, 20));
    await runEvening(older.url, 'gull');
    await books.change([older.url], range(1, 5));
    await stop(older);
    const newer = await startVersion('this', { data: 'data-sqlite' });
    await books.sendAgain(newer.url);
    await books.send([newer.url], range(21, 30));
    await runEvening(newer.url, 'gull');
    await books.expectPosted('a SQLite folder of the older one is taken over');
    await stop(newer);
  }

  async function startVersion(version: Version, { data, mongoUrl }: { data: string; mongoUrl?: string }): Promise<Running> {
    const port = await freePort();
    const child = await startReplica({
      image: join(place, version, 'image'),
      command: startCommand(sources[version]),
      data: join(place, data),
      port,
      ...(mongoUrl !== undefined && { mongoUrl }),
      emulatorUrl: emulator.url,
    });
    children.push(child);
    return { child, url: `http://127.0.0.1:${port}` };
  }

  /** A company, and what must stand in its books: each inspection's latest price, and its payment. */
  async function company(id: string, url: string) {
    const realmId = await quickbooksCompany(emulator.url, id);
    await createCompany({ url, key: API_KEY }, id, { name: 'Tern Home Inspections', timezone: 'America/Chicago' });
    await connectCompany({ url, key: API_KEY }, id, realmId);
    const prices = new Map<string, number>();
    const revisions = new Map<string, number>();
    const tell = async (to: string, webhookId: string, event: unknown, expected = 202): Promise<void> => {
      const status = await sendWebhook(to, WEBHOOK_SECRET, { webhookId, event, nowMs: Date.now() });
      if (status !== expected) throw new Error(`${webhookId} was answered ${status} instead of ${expected}`);
    };
    const inspection = (inspectionId: string) => {
      const { lines } = inspectionEvent(id, inspectionId).data.inspection;
      const revision = revisions.get(inspectionId) ?? 1;
      const changed = lines.map((line) => ({ ...line, unitAmountCents: prices.get(inspectionId) }));
      return inspectionEvent(id, inspectionId, { revision, lines: changed });
    };
    const first = (inspectionId: string): (readonly [string, unknown])[] => [
      [`i${inspectionId}`, inspectionEvent(id, inspectionId)],
      [`p${inspectionId}`, paymentEvent(id, `9${inspectionId}`, inspectionId)],
    ];
    return {
      async send(urls: readonly string[], ids: readonly string[]): Promise<void> {
        for (const [index, inspectionId] of ids.entries()) {
          prices.set(inspectionId, PRICE);
          for (const [webhookId, event] of first(inspectionId)) await tell(urls[index % urls.length] ?? '', webhookId, event);
        }
      },
      /** A higher price, so that what was paid stays applied. */
      async change(urls: readonly string[], ids: readonly string[]): Promise<void> {
        for (const [index, inspectionId] of ids.entries()) {
          const revision = (revisions.get(inspectionId) ?? 1) + 1;
          revisions.set(inspectionId, revision);
          prices.set(inspectionId, (prices.get(inspectionId) ?? PRICE) + 1_000);
          await tell(urls[index % urls.length] ?? '', `i${inspectionId}-${revision}`, inspection(inspectionId));
        }
      },
      async sendAgain(to: string): Promise<void> {
        for (const inspectionId of prices.keys())
          for (const [webhookId, event] of first(inspectionId)) await tell(to, webhookId, event, 200);
      },
      async expectPosted(what: string): Promise<void> {
        const { Invoice = [], Payment = [], Customer = [] } = await ledgerOf(emulator.url, realmId);
        const wrong = [...prices].filter(([inspectionId, cents]) => {
          const invoices = Invoice.filter(({ DocNumber }) => DocNumber === `sp${inspectionId}`);
          return invoices.length !== 1 || Math.round(Number(invoices[0]?.['TotalAmt']) * 100) !== cents;
        });
        const counts = [Invoice.length, Payment.length, Customer.length];
        if (wrong.length > 0 || counts.some((count) => count !== prices.size))
          throw new Error(`${what}: ${counts.join(', ')} invoices, payments, customers of ${prices.size}; wrong: ${JSON.stringify(wrong)}`);
        done(`${what}: ${prices.size} invoices, payments and customers, each once and at its last amount`);
      },
    };
  }
} finally {
  await endAll(children);
  rmSync(place, { recursive: true, force: true });
}

interface Running {
  child: ChildProcess;
  url: string;
}

function build(): void {
  mkdirSync(sources.older);
  const unpacked = spawnSync('bash', ['-c', 'set -o pipefail; git archive "$1" | tar -x -C "$2"', 'bash', ref ?? '', sources.older], {
    cwd: root,
    encoding: 'utf8',
  });
  if (unpacked.status !== 0) throw new Error(`git has no ${ref}: ${unpacked.stderr}`);
  for (const version of ['older', 'this'] as const) {
    mkdirSync(join(place, version));
    carryOutDockerfile({ root: sources[version], place: join(place, version) });
  }
}

async function stop({ child }: Running): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = (await gone) as [number];
  if (code !== 0) throw new Error(`a replica told to stop ended with ${code}`);
}

function range(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => String(1_000 + from + index));
}
