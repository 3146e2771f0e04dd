import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import type { RunRecord } from '@vesper/outbox/run';
import type { ControlTotals } from '../control-totals.ts';
import { systemClock } from '../clock.ts';
import { parseConfig } from '../config.ts';
import { developmentSecrets } from '../development-secrets.ts';
import { createLogger } from '../logger.ts';
import { connectCompany, createCompany, type ApiClient } from '../sample-company.ts';
import { startVesper } from '../start.ts';
import { documentsInQuickbooks, type BookedDocument } from './books-as-they-are.ts';
import { demoDay } from './demo-day.ts';
import { sendWebhook } from './send-webhook.ts';

export interface DemoResult {
  documents: BookedDocument[];
  waiting: { subject: string; state: string; why: string }[];
  answers: Record<string, number>;
  controlTotals: ControlTotals;
  secondEvening: { posted: number; updated: number };
}

const COMPANY = 'tern';
const TIMEZONE = 'America/Chicago';

/** The main job once, end to end, with real parts: service and emulator on sockets, SQLite on disk, one day of signed webhooks, the evening twice. */
export async function runDemo(): Promise<DemoResult> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vesper-demo-'));
  try {
    const secrets = developmentSecrets(dataDir);
    const config = parseConfig({ VESPER_DATA_DIR: dataDir, PORT: '0' }, () => secrets);
    const vesper = await startVesper(config, { clock: systemClock, logger: createLogger('error'), evenings: false, host: '127.0.0.1' });
    try {
      const client: ApiClient = { url: vesper.url, key: secrets.apiKey.replace(/^admin:/, '') };
      await createCompany(client, COMPANY, { name: 'Tern Home Inspections', timezone: TIMEZONE });
      await connectCompany(client, COMPANY);
      const answers: Record<string, number> = {};
      for (const { webhookId, event } of demoDay(COMPANY, TIMEZONE, systemClock.now())) {
        const status = await sendWebhook(vesper.url, secrets.webhookSecret, { webhookId, event, nowMs: systemClock.now() });
        answers[status] = (answers[status] ?? 0) + 1;
      }
      const first = await runEvening(client);
      const second = await runEvening(client);
      return {
        documents: await documentsInQuickbooks(vesper, COMPANY),
        waiting: await waitingEntries(client),
        answers,
        controlTotals: first.controlTotals as ControlTotals,
        secondEvening: { posted: second.counts.posted, updated: second.counts.updated },
      };
    } finally {
      await vesper.close();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

export function describeDemo({ documents, waiting, answers, controlTotals, secondEvening }: DemoResult): string {
  const books = new Table({
    head: ['Type', 'Number', 'Customer', 'Date', 'Amount', 'Why'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'left', 'left', 'right', 'left'],
  });
  for (const { type, number, customer, date, totalCents, why } of documents)
    books.push([type, number, customer, date, dollars(totalCents), why]);
  const open = new Table({
    head: ['Waits or is left out', 'State', 'Why'],
    style: { head: [], border: [] },
    colWidths: [24, 10, 90],
    wordWrap: true,
  });
  for (const { subject, state, why } of waiting) open.push([subject, state, why]);
  return [
    `One day of signed webhooks: ${Object.entries(answers)
      .map(([status, count]) => `${count} answered ${status}`)
      .join(', ')}.`,
    '',
    'QuickBooks after the evening:',
    books.toString(),
    '',
    open.toString(),
    '',
    'Control totals of the day:',
    describeTotals(controlTotals),
    '',
    `A second evening posted ${secondEvening.posted} and updated ${secondEvening.updated}.`,
    '',
  ].join('\n');
}

/** The day from four sides; what differs is said below, never adjusted. */
function describeTotals({ platform, outbox, ledger, quickbooks, differences }: ControlTotals): string {
  const table = new Table({
    head: ['', 'Platform', 'Webhooks', 'Ledger', 'QuickBooks'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'right'],
  });
  for (const [name, field] of [
    ['Payments', 'paymentsCents'],
    ['Refunds', 'refundsCents'],
    ['Payouts', 'payoutsCents'],
  ] as const)
    table.push([name, ...[platform, outbox, ledger, quickbooks].map((side) => (side ? dollars(side[field]) : '–'))]);
  return [table.toString(), ...(differences.length > 0 ? differences.map(String) : ['No differences.'])].join('\n');
}

async function runEvening({ url, key }: ApiClient): Promise<RunRecord> {
  const answer = await fetch(`${url}/v1/companies/${COMPANY}/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ wait: true }),
  });
  if (!answer.ok) throw new Error(`the evening could not be run: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as RunRecord;
}

async function waitingEntries({ url, key }: ApiClient): Promise<DemoResult['waiting']> {
  const answer = await fetch(`${url}/v1/outbox?company=${COMPANY}&limit=200`, { headers: { authorization: `Bearer ${key}` } });
  const { entries } = (await answer.json()) as { entries: { subject: string; state: string; reason?: { message: string } }[] };
  return entries
    .flatMap(({ subject, state, reason }) => (state === 'posted' ? [] : [{ subject, state, why: reason?.message ?? '' }]))
    .toReversed();
}

function dollars(cents: number): string {
  return (cents / 100).toLocaleString('en-US', { style: 'currency', currency: 'USD' });
}
