import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeptTokens } from '@vesper/qbo-adapter/token-keeper';
import { createEmulator } from '@vesper/qbo-emulator/emulator';
import { createOneByOneClient, type Sale } from '../../../packages/qbo-adapter/bench/one-by-one-client.ts';
import { runCompany } from '../src/company-run.ts';
import { parseConfig } from '../src/config.ts';
import { developmentSecrets } from '../src/development-secrets.ts';
import { sendWebhook } from '../src/demo/send-webhook.ts';
import { createLogger } from '../src/logger.ts';
import { connectCompany, createCompany, type ApiClient } from '../src/sample-company.ts';
import { startVesper } from '../src/start.ts';
import { createVirtualClock } from './virtual-clock.ts';

/**
 * What an evening costs QuickBooks: requests an inspection in steady state, beside a client that sends one request an operation, and how close
 * a run of 10,000 documents comes to QuickBooks' ceiling of 1,200 operations a minute, all limits on, by the emulator's clock.
 */
const STEADY = 300;
const LARGE = 3_334;
const DOCUMENTS_EACH = 3;
const CEILING_PER_MINUTE = 1_200;

const dataDir = await mkdtemp(join(tmpdir(), 'vesper-bench-'));
const emulator = await createEmulator({ port: 0 });
const clock = createVirtualClock(() => emulator.url);
globalThis.fetch = clock.fetch;
const secrets = developmentSecrets(dataDir);
const config = parseConfig({ VESPER_DATA_DIR: dataDir, PORT: '0', VESPER_EMULATOR_URL: emulator.url }, () => secrets);
const vesper = await startVesper(config, { clock, logger: createLogger('error'), evenings: false, host: '127.0.0.1' });
const client: ApiClient = { url: vesper.url, key: secrets.apiKey.replace(/^admin:/, '') };
try {
  const steady = await createBooks('steady');
  await bookDay('steady', 0, STEADY);
  await runEvening('steady');
  const before = await requestsOf(steady);
  await bookDay('steady', STEADY, STEADY);
  await runEvening('steady');
  const after = await requestsOf(steady);

  const baseline = await createBooks('baseline');
  const baselineBefore = await requestsOf(baseline);
  const kept = await vesper.room.store.getSecret('baseline', 'quickbooks_tokens');
  const { tokens } = JSON.parse(kept?.value ?? '') as KeptTokens;
  const oneByOne = createOneByOneClient({
    baseUrl: emulator.url,
    realmId: baseline,
    accessToken: tokens.accessToken,
    itemId: await firstServiceItem(baseline),
    // Eight requests a second stay inside every limit.
    beforeRequest: () => clock.sleep(125),
  });
  // What connecting has just asked counts against the limits too.
  await clock.sleep(61_000);
  for (let index = 0; index < STEADY; index += 1) await oneByOne.post(saleOf(String(index)));
  const baselineAfter = await requestsOf(baseline);

  const large = await createBooks('large');
  await bookDay('large', 0, LARGE);
  const startedAt = clock.now();
  await runEvening('large');
  const minutes = (clock.now() - startedAt) / 60_000;
  const { Customer = [], Invoice = [], Payment = [] } = await entitiesOf(large);
  const documents = Customer.length + Invoice.length + Payment.length;
  const { throttled, log } = await requestsOf(large);

  const result = {
    requestsPerInspection: round((after.total - before.total) / STEADY),
    baselineRequestsPerInspection: round((baselineAfter.total - baselineBefore.total) / STEADY),
    readsPerRun: after.total - before.total - (after.batches - before.batches),
    ceilingShare: round(shareOfWholeMinutes(documents, log)),
    documents,
    minutes: round(minutes),
    throttled,
  };
  if (process.argv.includes('--json')) console.log(JSON.stringify(result));
  else console.table(result);
  if (result.documents !== LARGE * DOCUMENTS_EACH)
    throw new Error(`${result.documents} documents of ${LARGE * DOCUMENTS_EACH} are in the books`);
} finally {
  await vesper.close();
  await emulator.close();
  await rm(dataDir, { recursive: true, force: true });
}

async function createBooks(id: string): Promise<string> {
  const answer = await control('POST', '/emulator/companies', { name: id, preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } } });
  const { realmId } = answer as { realmId: string };
  await createCompany(client, id, { name: id, timezone: 'America/Chicago' });
  await connectCompany(client, id, realmId);
  return realmId;
}

async function bookDay(companyId: string, from: number, count: number): Promise<void> {
  const at = new Date(clock.now()).toISOString();
  for (let start = from; start < from + count; start += 50) {
    const ids = Array.from({ length: Math.min(50, from + count - start) }, (_, index) => String(start + index));
    await Promise.all(
      ids.flatMap((id) => {
        const lines = [
          { id: `${id}-1`, kind: 'service', name: 'General Home Inspection', quantity: 1, unitAmountCents: 45_000, taxable: false },
        ];
        const inspection = {
          id,
          revision: 1,
          status: 'confirmed',
          createdAt: at,
          scheduledAt: at,
          client: { id, firstName: 'Client', lastName: id, email: `c${id}@example.com` },
          lines,
        };
        const payment = {
          id: `9${id}`,
          inspectionId: id,
          revision: 1,
          amountCents: 45_000,
          method: 'card',
          processor: 'platform',
          receivedAt: at,
        };
        return [
          { webhookId: `i${id}`, event: { type: 'inspection.confirmed', timestamp: at, data: { companyId, inspection } } },
          { webhookId: `p${id}`, event: { type: 'payment.settled', timestamp: at, data: { companyId, payment } } },
        ].map((delivery) => sendWebhook(vesper.url, secrets.webhookSecret, { ...delivery, nowMs: clock.now() }));
      }),
    );
  }
}

async function runEvening(companyId: string): Promise<void> {
  const answer = await vesperRun(companyId);
  if (answer.state !== 'done' || answer.counts.failed + answer.counts.unknown > 0)
    throw new Error(`the run ended ${JSON.stringify(answer)}`);
}

/** Asked for in-process: an HTTP request that waits for the run would hold the clock. */
async function vesperRun(companyId: string): Promise<{ state: string; counts: Record<'failed' | 'unknown', number> }> {
  const outcome = await runCompany(vesper.room, { companyId, trigger: 'person', clock });
  if (outcome.outcome !== 'ran') throw new Error(`the run of ${companyId} was ${outcome.outcome}`);
  return outcome.run;
}

async function firstServiceItem(realmId: string): Promise<string> {
  const items = (await entitiesOf(realmId)).Item as { Id: string }[];
  return items[0]?.Id ?? '';
}

function saleOf(id: string): Sale {
  const money = { inspectionId: id, customerKey: `customer/${id}`, date: '2026-06-01', totalCents: 45_000 };
  const line = {
    lineId: `${id}-1`,
    description: 'General Home Inspection',
    quantity: 1,
    unitAmountCents: 45_000,
    amountCents: 45_000,
    taxable: false,
    item: { role: 'service' as const },
  };
  return {
    customer: { type: 'customer', key: `customer/${id}`, clientId: id, displayName: `Client ${id}`, asOf: '2026-06-01T00:00:00Z' },
    invoice: { type: 'invoice', key: `invoice/${id}`, docNumber: `sp${id}`, taxCents: 0, lines: [line], ...money },
    payment: {
      type: 'payment',
      key: `payment/9${id}`,
      paymentId: `9${id}`,
      referenceNumber: `spp9${id}`,
      invoiceKey: `invoice/${id}`,
      method: 'card',
      applyCents: 45_000,
      ...money,
    },
  };
}

/**
 * Share of the ceiling over the run's whole minutes. What remains is left out: a run spends forty batches at the beginning of each minute, so an
 * unfinished last minute would show more than QuickBooks lets through.
 */
function shareOfWholeMinutes(documents: number, log: Ledger['requests']['log']): number {
  const batches = log.filter(({ path }) => path === '/batch').map(({ at }) => Date.parse(at));
  const [first = 0, last = 0] = [batches[0], batches.at(-1)];
  const minutes = Math.floor((last - first) / 60_000);
  const within = batches.filter((at) => at < first + minutes * 60_000).length;
  return (documents * (within / batches.length)) / minutes / CEILING_PER_MINUTE;
}

interface Ledger {
  entities: Record<string, unknown[]>;
  requests: { total: number; batches: number; throttled: number; log: { at: string; path: string }[] };
}

async function requestsOf(realmId: string): Promise<Ledger['requests']> {
  return ((await control('GET', `/emulator/companies/${realmId}/ledger`)) as Ledger).requests;
}

async function entitiesOf(realmId: string): Promise<Ledger['entities']> {
  return ((await control('GET', `/emulator/companies/${realmId}/ledger`)) as Ledger).entities;
}

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${emulator.url}${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return answer.json();
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
