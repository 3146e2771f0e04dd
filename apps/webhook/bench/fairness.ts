import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEvent } from '@vesper/core/event';
import { createEmulator } from '@vesper/qbo-emulator/emulator';
import { loadCompany } from '../src/company.ts';
import { parseConfig } from '../src/config.ts';
import { developmentSecrets } from '../src/development-secrets.ts';
import { startEvenings } from '../src/evening.ts';
import { createDriftWatch } from '../src/drift-watch.ts';
import { createLogger } from '../src/logger.ts';
import { createQuickbooksDesk } from '../src/quickbooks-desk.ts';
import { connectCompany, createCompany, type ApiClient } from '../src/sample-company.ts';
import { startVesper } from '../src/start.ts';
import { createPatientClock } from './patient-clock.ts';

/**
 * One company with 50,000 documents and two hundred small ones at the same evening hour, every limit of QuickBooks on: when each is done, by the
 * emulator's clock. `--documents` and `--small` change the sizes.
 */
const LARGE_DOCUMENTS = numberOf('--documents', 50_000);
const SMALL = numberOf('--small', 200);
const SMALL_INSPECTIONS = 5;
const DOCUMENTS_EACH = 3;

const dataDir = await mkdtemp(join(tmpdir(), 'vesper-fairness-'));
const emulator = await createEmulator({ port: 0 });
const clock = createPatientClock(() => emulator.url);
globalThis.fetch = clock.fetch;
const secrets = developmentSecrets(dataDir);
const config = parseConfig({ VESPER_DATA_DIR: dataDir, PORT: '0', VESPER_EMULATOR_URL: emulator.url }, () => secrets);
const vesper = await startVesper(config, { clock, logger: createLogger('error'), evenings: false, host: '127.0.0.1' });
const client: ApiClient = { url: vesper.url, key: secrets.apiKey.replace(/^admin:/, '') };
const { store } = vesper.room;
const watched = clock.watched(store);
try {
  const large = 'a-large';
  const small = Array.from({ length: SMALL }, (_, index) => `b-small-${String(index).padStart(4, '0')}`);
  for (const id of [large, ...small]) await openCompany(id);
  await book(large, Math.ceil(LARGE_DOCUMENTS / DOCUMENTS_EACH));
  for (const id of small) await book(id, SMALL_INSPECTIONS);
  await nextEvening();
  // Tokens have ended by then; renewing them is no part of what is measured.
  for (const id of [large, ...small]) await readOnce(id);
  const beganAt = clock.now();
  const { signal } = new AbortController();
  const { openBooks, lookForDrift } = deskWithWatchedStore(signal);
  const { observer: _, ...room } = vesper.room;
  const evenings = startEvenings({ ...room, store: watched, openBooks, lookForDrift, signal });
  await evenings.catchUp();
  await evenings.stop();

  const minutes = async (id: string): Promise<number> => {
    const [run] = await store.runs({ companyId: id, limit: 1 });
    if (run?.state !== 'done' || run.counts.failed + run.counts.unknown > 0) throw new Error(`${id} ended ${JSON.stringify(run)}`);
    return (Date.parse(run.finishedAt ?? '') - beganAt) / 60_000;
  };
  const done = (await Promise.all(small.map(minutes))).toSorted((a, b) => a - b);
  const result = {
    largeDocuments: LARGE_DOCUMENTS,
    largeMinutes: round(await minutes(large)),
    small: SMALL,
    smallMedianMinutes: round(done[Math.floor(done.length / 2)] ?? 0),
    smallLastMinutes: round(done.at(-1) ?? 0),
  };
  if (process.argv.includes('--json')) console.log(JSON.stringify(result));
  else console.table(result);
} finally {
  await vesper.close();
  await emulator.close();
  await rm(dataDir, { recursive: true, force: true });
}

async function openCompany(id: string): Promise<void> {
  const answer = await control('/emulator/companies', { name: id, preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } } });
  await createCompany(client, id, { name: id, timezone: 'America/Chicago' });
  await connectCompany(client, id, (answer as { realmId: string }).realmId);
}

/** Straight into the store: how fast webhooks are taken in is another benchmark's affair. */
async function book(companyId: string, inspections: number): Promise<void> {
  const at = new Date(clock.now()).toISOString();
  for (let start = 0; start < inspections; start += 500) {
    const ids = Array.from({ length: Math.min(500, inspections - start) }, (_, index) => String(start + index));
    await Promise.all(
      ids.flatMap((id) => eventsOf(companyId, id, at).map((event, index) => append(companyId, `${index}-${id}`, event, at))),
    );
  }
}

async function append(companyId: string, webhookId: string, event: { type: string }, at: string): Promise<void> {
  const parsed = parseEvent(event);
  if (parsed.outcome !== 'known') throw new Error(`the event is ${parsed.outcome}`);
  const { subject, refs } = parsed;
  const body = new TextEncoder().encode(JSON.stringify(event));
  const entry = { source: 'vesper', webhookId, type: event.type, words: [], bodySha256: webhookId, state: 'pending' as const };
  await store.append({ companyId, subject, refs, body, receivedAt: at, ...entry });
}

function eventsOf(companyId: string, id: string, at: string): { type: string; timestamp: string; data: object }[] {
  const line = { id: `${id}-1`, kind: 'service', name: 'General Home Inspection', quantity: 1, unitAmountCents: 45_000, taxable: false };
  const person = { id, firstName: 'Client', lastName: id, email: `c${id}@example.com` };
  const inspection = { id, revision: 1, status: 'confirmed', createdAt: at, scheduledAt: at, client: person, lines: [line] };
  const money = { amountCents: 45_000, method: 'card', processor: 'platform', receivedAt: at };
  const payment = { id: `9${id}`, inspectionId: id, revision: 1, ...money };
  return [
    { type: 'inspection.confirmed', timestamp: at, data: { companyId, inspection } },
    { type: 'payment.settled', timestamp: at, data: { companyId, payment } },
  ];
}

/** The clock must know of all that goes on, the adapter's own small records included. */
function deskWithWatchedStore(hangUp: AbortSignal) {
  const logger = createLogger('error');
  const intuit = { ...config.intuit, emulatorUrl: emulator.url };
  const desk = createQuickbooksDesk({ intuit, store: watched, clock, logger, publicUrl: () => vesper.url, hangUp });
  const drift = createDriftWatch({ store: watched, desk, clock, holder: 'bench', logger, background: new Set() });
  return { openBooks: desk.openBooks, lookForDrift: (companyId: string) => drift.look(companyId) };
}

async function readOnce(id: string): Promise<void> {
  const company = await loadCompany(store, id);
  const opened = company && vesper.room.clientOf(company);
  if (opened?.outcome !== 'open' || (await opened.client.query('Term')).outcome !== 'ok') throw new Error(`${id} cannot be read`);
}

/** Sets both clocks to the next 20:00 in Chicago, a minute past. */
async function nextEvening(): Promise<void> {
  const hourNow = Number(
    new Intl.DateTimeFormat('en-US', { hour: 'numeric', hourCycle: 'h23', timeZone: 'America/Chicago' }).format(clock.now()),
  );
  await clock.sleep(((20 - hourNow + 24) % 24 || 24) * 3_600_000);
}

async function control(path: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${emulator.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return answer.json();
}

function numberOf(flag: string, otherwise: number): number {
  const at = process.argv.indexOf(flag);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
