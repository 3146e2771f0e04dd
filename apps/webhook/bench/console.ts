import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wordsOf } from '../src/receive-webhook.ts';
import { companies as oldCompanies, growSqlite } from '../../../packages/outbox/bench/grow-sqlite.ts';
import type { RunRecord } from '@vesper/outbox/run';
import type { Store } from '@vesper/outbox/store';
import { createHash } from 'node:crypto';
import { parseEvent } from '@vesper/core/event';
import { systemClock } from '../src/clock.ts';
import { parseConfig } from '../src/config.ts';
import { demoDay } from '../src/demo/demo-day.ts';
import { developmentSecrets } from '../src/development-secrets.ts';
import { createLogger } from '../src/logger.ts';
import { connectCompany, createCompany } from '../src/sample-company.ts';
import { startVesper } from '../src/start.ts';

/**
 * How long the console's pages take with a million entries of 200 companies behind them, on SQLite, over HTTP: p95 in milliseconds by page.
 * One company is live: connected, with hundreds of inspections its evening has posted; its emulated QuickBooks answers within a
 * millisecond or two, so that what is measured is ours. Thirty evenings of runs stand behind every company.
 */
const ENTRIES = Number(process.argv.find((argument) => /^\d+$/.test(argument)) ?? 1_000_000);
const LOOKS = 60;
const WARM_UP = 5;
const LIVE_DAYS = 30;
const EVENINGS = 30;
const DAY_MS = 86_400_000;

const dataDir = await mkdtemp(join(tmpdir(), 'vesper-bench-console-'));
try {
  await growSqlite(dataDir, ENTRIES);
  // In a process of its own, as QuickBooks is: its work is not ours.
  const emulator = await startEmulator();
  const secrets = developmentSecrets(dataDir);
  const config = parseConfig(
    { VESPER_DATA_DIR: dataDir, PORT: '0', VESPER_EMULATOR_URL: emulator.url, VESPER_EMULATOR_LIMITS: 'off' },
    () => secrets,
  );
  const vesper = await startVesper(config, { clock: systemClock, logger: createLogger('error'), evenings: false, host: '127.0.0.1' });
  try {
    const { store } = vesper.room;
    const client = { url: vesper.url, key: secrets.apiKey.replace(/^admin:/, '') };
    await createCompany(client, 'tern', { name: 'Tern Home Inspections', timezone: 'America/Chicago' });
    await connectCompany(client, 'tern', await quickbooksWithoutLimits(emulator.url));
    await receiveMonth(store);
    await runNow(client);
    await fillPast(store);

    const cookie = await signIn(vesper.url, client.key);
    const p95Ms: Record<string, number> = {};
    for (const [page, path] of Object.entries(await pagesOf(store))) p95Ms[page] = await p95Of(`${vesper.url}${path}`, cookie);
    const result = { entries: ENTRIES, companies: oldCompanies + 1, looks: LOOKS, p95Ms };
    process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify(result)}\n` : describe(result));
  } finally {
    await vesper.close();
    emulator.close();
  }
} finally {
  await rm(dataDir, { recursive: true, force: true });
}

async function startEmulator(): Promise<{ url: string; close: () => void }> {
  const cli = new URL('../../../packages/qbo-emulator/src/cli.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=source', cli, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const [url] = /http:\S+/.exec(line.toString()) ?? [];
  if (url === undefined) throw new Error(`the emulator said ${line.toString()}`);
  return { url, close: () => child.kill() };
}

async function quickbooksWithoutLimits(emulatorUrl: string): Promise<string> {
  const answer = await fetch(`${emulatorUrl}/emulator/companies`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'tern', limits: false, preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } } }),
  });
  return ((await answer.json()) as { realmId: string }).realmId;
}

/** A month of the demo's day, each with ids of its own: inspections, payments, holds, cancellations. */
async function receiveMonth(store: Store): Promise<void> {
  for (let back = LIVE_DAYS; back > 0; back -= 1) {
    const deliveries = demoDay('tern', 'America/Chicago', systemClock.now() - back * DAY_MS);
    for (const { webhookId, event } of deliveries) {
      const text = JSON.stringify(event).replaceAll(/"(8\d\d|9\d\d\d|8990)"/g, `"$1${String(back).padStart(2, '0')}"`);
      const parsed = parseEvent(JSON.parse(text));
      if (parsed.outcome !== 'known') continue;
      const body = new TextEncoder().encode(text);
      await store.append({
        companyId: 'tern',
        source: 'vesper',
        webhookId: `${webhookId}_${back}`,
        type: parsed.event.type,
        subject: parsed.subject,
        refs: parsed.refs,
        words: wordsOf(parsed.event),
        body,
        bodySha256: createHash('sha256').update(body).digest('hex'),
        receivedAt: new Date(systemClock.now() - back * DAY_MS).toISOString(),
        state: 'pending',
      });
    }
  }
}

async function runNow({ url, key }: { url: string; key: string }): Promise<void> {
  const answer = await fetch(`${url}/v1/companies/tern/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ wait: true }),
  });
  if (!answer.ok) throw new Error(`the run failed: ${answer.status} ${await answer.text()}`);
  await answer.text();
}

/** The companies of the old entries, and thirty evenings of each. */
async function fillPast(store: Store): Promise<void> {
  const [live] = await store.runs({ companyId: 'tern', limit: 1 });
  const tern = await store.company('tern');
  if (!live || !tern) throw new Error('the live company has no run');
  for (let index = 0; index < oldCompanies; index += 1) {
    const id = `company-${index}`;
    await store.putCompany({ ...tern, id, version: 1, settings: { ...(tern.settings as object), name: `Company ${index}` } }, 'new');
    const claim = await store.claimLease({ companyId: id, holder: 'bench', ttlMs: 60_000 });
    if (claim.outcome !== 'claimed') throw new Error(`${id} is taken`);
    for (let back = 0; back < EVENINGS; back += 1) {
      const at = new Date(systemClock.now() - back * DAY_MS).toISOString();
      const run: RunRecord = {
        ...live,
        id: `${id}-${back}`,
        companyId: id,
        trigger: 'evening',
        localDate: at.slice(0, 10),
        startedAt: at,
        finishedAt: at,
      };
      await store.startRun(claim.lease, run);
    }
    await store.releaseLease(claim.lease);
  }
}

async function signIn(url: string, key: string): Promise<string> {
  const answer = await fetch(`${url}/console/first`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: url },
    body: new URLSearchParams({ key, name: 'Bench', email: 'bench@example.com', password: 'a million entries later' }),
  });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`could not sign in: ${answer.status}`);
  return cookie;
}

async function pagesOf(store: Store): Promise<Record<string, string>> {
  const [run] = await store.runs({ companyId: 'tern', limit: 1 });
  const held = (await store.search({ companyIds: ['tern'], states: ['held'], limit: 1 })).entries[0];
  const posted = (await store.search({ companyIds: ['tern'], states: ['posted'], type: 'payment.settled', limit: 1 })).entries[0];
  const entry = (id: string | undefined) => `/console/entries/${encodeURIComponent(id ?? '')}`;
  return {
    overview: '/console',
    outbox: '/console/outbox',
    outboxByState: '/console/outbox?state=failed',
    outboxByName: '/console/outbox?q=first7%20last1925',
    outboxByEmail: '/console/outbox?q=first7.last53%40example.com',
    // Two beginnings of words that thousands of entries share.
    outboxByPrefixes: '/console/outbox?q=first7%20last19',
    outboxByNumber: '/console/outbox?q=sp81205&company=tern',
    outboxByDate: '/console/outbox?company=company-7&from=2020-09-20&to=2020-09-22',
    companies: '/console/companies',
    company: '/console/companies/company-7',
    companyLive: '/console/companies/tern',
    setup: '/console/companies/tern/setup',
    settings: '/console/companies/tern/settings',
    preview: '/console/companies/tern/preview',
    inspection: '/console/companies/tern/inspections/81205',
    entryHeld: entry(held?.id),
    entryPosted: entry(posted?.id),
    verdict: `${entry(held?.id)}/replay`,
    fix: `${entry(held?.id)}/fix`,
    undo: '/console/companies/tern/undo?key=invoice%2F81205',
    runs: '/console/runs',
    run: `/console/companies/tern/runs/${run?.id}`,
    reconciliation: '/console/reconciliation?company=tern',
    reconciliationCompared: '/console/reconciliation?company=tern&compare=now',
    corrections: '/console/corrections?company=tern',
    audit: '/console/audit',
    people: '/console/people',
    keys: '/console/keys',
    account: '/console/account',
  };
}

async function p95Of(url: string, cookie: string): Promise<number> {
  const times: number[] = [];
  for (let look = -WARM_UP; look < LOOKS; look += 1) {
    const startedAt = performance.now();
    const answer = await fetch(url, { headers: { cookie }, redirect: 'manual' });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
    if (look >= 0) times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  return Math.round((times[Math.ceil(times.length * 0.95) - 1] ?? 0) * 10) / 10;
}

function describe({ entries, companies, p95Ms }: { entries: number; companies: number; p95Ms: Record<string, number> }): string {
  const rows = Object.entries(p95Ms).map(([page, ms]) => `  ${page.padEnd(16)} ${ms.toFixed(1).padStart(8)} ms`);
  return [`p95 of ${entries.toLocaleString('en-US')} entries of ${companies} companies`, ...rows, ''].join('\n');
}
