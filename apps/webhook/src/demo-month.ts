import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { formatDollars } from '@vesper/core/money';
import type { FlushClock } from '@vesper/outbox/flusher';
import { createEmulator } from '@vesper/qbo-emulator/emulator';
import { systemClock } from './clock.ts';
import { parseConfig } from './config.ts';
import { nameOfKey, plural } from './console/words.ts';
import type { MoneyTotals } from './day-figures.ts';
import { monthTraffic } from './demo/month-traffic.ts';
import { sendWebhook } from './demo/send-webhook.ts';
import { developmentSecrets } from './development-secrets.ts';
import { createLogger } from './logger.ts';
import type { Reconciliation } from './reconciliation/reconcile.ts';
import { connectCompany, createCompany } from './sample-company.ts';
import { startVesper } from './start.ts';

export interface MonthDemoResult {
  /** Real seconds. */
  seconds: number;
  webhooks: number;
  companies: {
    id: string;
    timezone: string;
    /** Local days with an evening run, each once. */
    evenings: string[];
    reconciliation: Reconciliation;
  }[];
}

const COMPANIES = [
  { id: 'tern', name: 'Tern Home Inspections', timezone: 'America/New_York', seed: 1 },
  { id: 'auk', name: 'Auk Property Checks', timezone: 'America/Chicago', seed: 2 },
  { id: 'ibis', name: 'Ibis Inspections', timezone: 'Pacific/Honolulu', seed: 3 },
];
const MOST_ROWS = 5;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** A month with a night on which the clocks skip an hour in two of the three zones. */
const MONTH = { from: '2026-03-01', to: '2026-03-31' };

/**
 * A month of evenings for three companies in three zones, with real parts: service and emulator on sockets, SQLite on disk, signed webhooks, and
 * the schedule itself, asked every hour of a clock that is moved on by hand.
 */
export async function runMonthDemo({ from, to }: { from: string; to: string } = MONTH): Promise<MonthDemoResult> {
  const startedAtMs = performance.now();
  const dataDir = await mkdtemp(join(tmpdir(), 'vesper-month-'));
  const clock = createMovedClock(Date.parse(`${from}T10:30:00Z`));
  const emulator = await createEmulator({ port: 0, clock: () => clock.now() });
  try {
    const secrets = developmentSecrets(dataDir);
    const env = { VESPER_DATA_DIR: dataDir, PORT: '0', VESPER_EMULATOR_URL: emulator.url, VESPER_EMULATOR_LIMITS: 'off' };
    const config = parseConfig(env, () => secrets);
    const vesper = await startVesper(config, { clock, logger: createLogger('error'), evenings: false, host: '127.0.0.1' });
    try {
      const client = { url: vesper.url, key: secrets.apiKey.replace(/^admin:/, '') };
      const days = daysOf({ from, to });
      for (const { id, name, timezone } of COMPANIES) {
        await createCompany(client, id, { name, timezone });
        await connectCompany(client, id, await quickbooksCompany(emulator.url, name));
      }
      const deliveries = COMPANIES.flatMap((company) => monthTraffic(company, days)).toSorted((a, b) => a.atMs - b.atMs);
      const { evenings } = vesper.room.evening.start(vesper.room);
      const endMs = Date.parse(`${to}T00:00:00Z`) + DAY_MS + 12 * HOUR_MS;
      for (let next = 0, hourMs = clock.now(); hourMs <= endMs; hourMs += HOUR_MS) {
        for (let delivery = deliveries[next]; delivery && delivery.atMs <= hourMs; delivery = deliveries[(next += 1)]) {
          clock.set(delivery.atMs);
          const status = await sendWebhook(vesper.url, secrets.webhookSecret, { ...delivery, nowMs: delivery.atMs });
          if (status !== 202) throw new Error(`a webhook was answered ${status}`);
        }
        clock.set(hourMs);
        await evenings.catchUp();
      }
      const companies = await Promise.all(
        COMPANIES.map(async ({ id, timezone }) => {
          const runs = await vesper.room.store.runs({ companyId: id, limit: 1_000 });
          const reconciliation = await get<Reconciliation>(client, `/v1/companies/${id}/reconciliation?from=${from}&to=${to}`);
          return { id, timezone, evenings: runs.flatMap(toEvening).toSorted(), reconciliation };
        }),
      );
      return { seconds: (performance.now() - startedAtMs) / 1_000, webhooks: deliveries.length, companies };
    } finally {
      await vesper.room.evening.stop();
      await vesper.close();
    }
  } finally {
    await emulator.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

export function describeMonthDemo({ seconds, webhooks, companies }: MonthDemoResult): string {
  return [
    `A month of evenings for ${companies.length} companies: ${webhooks} webhooks, ${companies.reduce((sum, { evenings }) => sum + evenings.length, 0)} evening runs, in ${seconds.toFixed(1)} s of real time.`,
    '',
    ...companies.flatMap(({ id, timezone, evenings, reconciliation }) => [
      `${id} (${timezone}): ${evenings.length} evenings, ${new Set(evenings).size} local days`,
      describeReconciliation(reconciliation),
      '',
    ]),
  ].join('\n');
}

/** Weeks and the whole period from four sides, then what differs and what lies in Undeposited Funds. */
export function describeReconciliation({ days, sums, differences, undepositedFunds, waiting, waitingTotal }: Reconciliation): string {
  const table = new Table({
    head: ['', 'platform', 'webhooks', 'ledger', 'QuickBooks'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'right'],
  });
  const row = (name: string, field: keyof MoneyTotals, sides: readonly (MoneyTotals | null | undefined)[]) =>
    table.push([name, ...sides.map((side) => (side ? formatDollars(side[field]) : '–'))]);
  for (let start = 0; start < days.length; start += 7) {
    const week = days.slice(start, start + 7);
    const side = (of: (day: (typeof week)[number]) => MoneyTotals | null | undefined): MoneyTotals => ({
      paymentsCents: week.reduce((sum, day) => sum + (of(day)?.paymentsCents ?? 0), 0),
      refundsCents: 0,
      payoutsCents: 0,
    });
    row(`Payments ${week[0]?.localDate} to ${week.at(-1)?.localDate}`, 'paymentsCents', [
      side(({ platform }) => platform),
      side(({ outbox }) => outbox),
      side(({ ledger }) => ledger),
      side(({ quickbooks }) => quickbooks),
    ]);
  }
  const whole = [sums.platform, sums.outbox, sums.ledger, sums.quickbooks];
  row('Payments', 'paymentsCents', whole);
  row('Refunds', 'refundsCents', whole);
  row('Payouts', 'payoutsCents', whole);
  return [
    table.toString(),
    differences.length === 0 ? 'No difference.' : `${plural(differences.length, 'difference')}:`,
    ...differences.slice(0, 10).map((difference) => `  ${difference}`),
    undepositedFunds.outcome === 'read'
      ? `In Undeposited Funds: ${formatDollars(undepositedFunds.totalCents)} in ${plural(undepositedFunds.rows.length, 'record')}.`
      : undepositedFunds.reason.message,
    ...(undepositedFunds.outcome === 'read' ? undepositedFunds.rows.slice(0, MOST_ROWS) : []).map(
      ({ documentKey, date, amountCents, why }) => `  ${date} ${nameOfKey(documentKey)}, ${formatDollars(amountCents)}: ${why}`,
    ),
    ...(undepositedFunds.outcome === 'read' && undepositedFunds.rows.length > MOST_ROWS
      ? [`  and ${undepositedFunds.rows.length - MOST_ROWS} more`]
      : []),
    waitingTotal === 0
      ? 'Nothing waits.'
      : `${plural(waitingTotal, 'document')} ${waitingTotal === 1 ? 'waits' : 'wait'}, each with its reason:`,
    ...waiting.slice(0, MOST_ROWS).map(({ message }) => `  ${message}`),
    ...(waitingTotal > MOST_ROWS ? [`  and ${waitingTotal - MOST_ROWS} more`] : []),
  ].join('\n');
}

/** Time runs as it does, from an instant that can be moved on. */
function createMovedClock(startMs: number): FlushClock & { set(ms: number): void } {
  let offsetMs = startMs - Date.now();
  return {
    ...systemClock,
    now: () => Date.now() + offsetMs,
    set(ms) {
      // Never back: the evenings just run took some seconds.
      offsetMs = Math.max(offsetMs, ms - Date.now());
    },
  };
}

function daysOf({ from, to }: { from: string; to: string }): string[] {
  const days: string[] = [];
  for (let ms = Date.parse(from); ms <= Date.parse(to); ms += DAY_MS) days.push(new Date(ms).toISOString().slice(0, 10));
  return days;
}

function toEvening({ trigger, state, localDate }: { trigger: string; state: string; localDate: string }): string[] {
  return trigger === 'evening' && state === 'done' ? [localDate] : [];
}

async function quickbooksCompany(emulatorUrl: string, name: string): Promise<string> {
  const answer = await fetch(`${emulatorUrl}/emulator/companies`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, limits: false, preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } } }),
  });
  return ((await answer.json()) as { realmId: string }).realmId;
}

async function get<Body>({ url, key }: { url: string; key: string }, path: string): Promise<Body> {
  const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } });
  if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Body;
}
