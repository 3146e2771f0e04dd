import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { systemClock } from '../apps/webhook/src/clock.ts';
import { parseConfig } from '../apps/webhook/src/config.ts';
import { developmentSecrets } from '../apps/webhook/src/development-secrets.ts';
import { createLogger } from '../apps/webhook/src/logger.ts';
import { connectCompany, createCompany, type ApiClient } from '../apps/webhook/src/sample-company.ts';
import { startVesper, type Vesper } from '../apps/webhook/src/start.ts';

/**
 * `npm run check:traffic -- --seeds 1-20`: drives the running service evening by evening through generated platform traffic and sets the
 * emulator's ledger beside the traffic's own truth. The generator and its oracle are not part of this project.
 */
interface Delivery {
  at: string;
  companyId: string;
  webhookId: string;
}
interface TrafficCompany {
  id: string;
  timezone: string;
  eveningAt?: string;
}
interface Traffic {
  companies: TrafficCompany[];
  deliveries: Delivery[];
}
interface Oracle {
  makeTraffic(options: Record<string, unknown>): Traffic;
  truthAt(traffic: Traffic, options: { throughLocalDate: string }): Record<string, { customers: { open?: string }[] }>;
  eveningOf(delivery: Delivery, company: TrafficCompany): string;
  compareLedger(truth: unknown, ledger: unknown): string[];
  post(baseUrl: string, delivery: Delivery, secret: string): Promise<{ status: number }>;
  instantAt(date: string, minute: number, timezone: string): number;
}

const options = new Command('check:traffic')
  .option('--seeds <list>', 'seeds or ranges, such as 1-20 or 3,7', '1-5')
  .option('--companies <n>', 'companies a seed', '3')
  .option('--days <n>', 'days a seed', '5')
  .option('--inspections <n>', 'inspections a company and day', '12')
  .option('--quirks <names>', 'all, none, or a list', 'all')
  .option('--traffic <folder>', 'where the generator is', resolve(import.meta.dirname, '..', '..', 'shared', 'traffic'))
  .option('--explain', 'tell what Vesper says of each document that is not posted where the books differ')
  .option('--json', 'one JSON object')
  .parse()
  .opts<{
    seeds: string;
    companies: string;
    days: string;
    inspections: string;
    quirks: string;
    traffic: string;
    explain?: true;
    json?: true;
  }>();

const oracle = await loadOracle(options.traffic);
const dataDir = await mkdtemp(join(tmpdir(), 'vesper-traffic-'));
const secrets = developmentSecrets(dataDir);
const config = parseConfig({ VESPER_DATA_DIR: dataDir, PORT: '0', VESPER_EMULATOR_LIMITS: 'off' }, () => secrets);
const vesper = await startVesper(config, { clock: systemClock, logger: createLogger('error'), evenings: false, host: '127.0.0.1' });
const client: ApiClient = { url: vesper.url, key: secrets.apiKey.replace(/^admin:/, '') };
const differences: string[] = [];
let evenings = 0;
let posted = 0;
try {
  for (const seed of seedsOf(options.seeds)) {
    const found = await checkSeed(seed);
    differences.push(...found);
    if (!options.json) console.log(`seed ${seed}: ${found.length === 0 ? 'agrees' : `${found.length} differences`}`);
    if (!options.json) for (const difference of found.slice(0, 20)) console.log(`  ${difference}`);
  }
} finally {
  await vesper.close();
  await rm(dataDir, { recursive: true, force: true });
}
const summary = { seeds: seedsOf(options.seeds).length, evenings, webhooks: posted, differences };
console.log(
  options.json
    ? JSON.stringify(summary)
    : `${summary.seeds} seeds, ${evenings} evenings, ${posted} webhooks, ${differences.length} differences`,
);
process.exitCode = differences.length > 0 ? 1 : 0;

async function checkSeed(seed: number): Promise<string[]> {
  const traffic = oracle.makeTraffic({
    seed,
    companies: Number(options.companies),
    days: Number(options.days),
    inspectionsPerDay: Number(options.inspections),
    quirks: quirksOf(options.quirks),
  });
  const found = await Promise.all(traffic.companies.map((company) => checkCompany(seed, traffic, company)));
  return found.flat();
}

async function checkCompany(seed: number, traffic: Traffic, company: TrafficCompany): Promise<string[]> {
  const { id, ...settings } = company;
  const realmId = await emulatorCompany(vesper, id);
  await createCompany(client, id, settings);
  await connectCompany(client, id, realmId);
  const own = traffic.deliveries.filter(({ companyId }) => companyId === id);
  const days = [...new Set(own.map((delivery) => oracle.eveningOf(delivery, company)))].sort();
  for (const evening of days) {
    for (const delivery of own.filter((one) => oracle.eveningOf(one, company) === evening)) {
      const { status } = await oracle.post(vesper.url, delivery, secrets.webhookSecret);
      if (![200, 202, 409].includes(status)) return [`seed ${seed} ${id} ${evening}: ${delivery.webhookId} was answered ${status}`];
      posted += 1;
    }
    const [hour = 20, minute = 0] = (company.eveningAt ?? '20:00').split(':').map(Number);
    const asOf = new Date(oracle.instantAt(evening, hour * 60 + minute, company.timezone)).toISOString();
    const answer = await fetch(`${client.url}/v1/companies/${id}/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${client.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ wait: true, asOf }),
    });
    if (!answer.ok) return [`seed ${seed} ${id} ${evening}: the run was answered ${answer.status} ${await answer.text()}`];
    evenings += 1;
    const ledger: unknown = await (await fetch(`${vesper.emulatorUrl}/emulator/companies/${realmId}/ledger`)).json();
    const truth = oracle.truthAt(traffic, { throughLocalDate: evening })[id];
    // The comparison pairs clients with records in their order: a client that may be missing must not take the record of one that may not.
    truth?.customers.sort((a, b) => Number(a.open !== undefined) - Number(b.open !== undefined));
    const wrong = oracle.compareLedger(truth, ledger);
    if (wrong.length > 0)
      return [...wrong.map((difference) => `seed ${seed} ${id} ${evening}: ${difference}`), ...(options.explain ? await explain(id) : [])];
  }
  return [];
}

/** What Vesper itself says of the company's documents that are not simply posted. */
async function explain(companyId: string): Promise<string[]> {
  const records = await vesper.room.store.ledgerByState(companyId, ['planned', 'sealed', 'held', 'failed', 'unknown'], { limit: 200 });
  return records.map(({ key, state, reason }) => `    ${key} is ${state}: ${reason?.message ?? ''} ${reason?.quickbooks?.detail ?? ''}`);
}

async function emulatorCompany({ emulatorUrl }: Vesper, name: string): Promise<string> {
  const answer = await fetch(`${emulatorUrl}/emulator/companies`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, limits: false, preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } } }),
  });
  return ((await answer.json()) as { realmId: string }).realmId;
}

async function loadOracle(folder: string): Promise<Oracle> {
  const load = async (file: string): Promise<Record<string, unknown>> =>
    (await import(pathToFileURL(join(folder, file)).href)) as Record<string, unknown>;
  return Object.assign(
    {},
    ...(await Promise.all(['traffic.mjs', 'truth.mjs', 'compare.mjs', 'sign.mjs', 'local-time.mjs'].map(load))),
  ) as Oracle;
}

/** `all`, `none`, or `duplicates=0.2,late`. */
function quirksOf(text: string): string | Record<string, number | true> {
  if (text === 'all' || text === 'none') return text;
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [name = '', share] = part.split('=');
      return [name, share === undefined ? true : Number(share)];
    }),
  );
}

function seedsOf(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [first = 1, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
