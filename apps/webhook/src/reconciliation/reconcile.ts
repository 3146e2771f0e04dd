import { localDate } from '@vesper/core/local-date';
import type { Store } from '@vesper/outbox/store';
import type { Chart } from '@vesper/qbo-adapter/chart';
import { readTotals, undeposited } from '@vesper/qbo-adapter/control-totals';
import { completeness, type Completeness } from '../completeness.ts';
import type { Company } from '../company.ts';
import { controlDays, type DayControl } from '../control-totals.ts';
import { toAmount, toCsv } from '../csv.ts';
import type { MoneyTotals } from '../day-figures.ts';
import type { QuickbooksDesk } from '../quickbooks-desk.ts';
import { waitingRows, type WaitingRow } from '../waiting-rows.ts';
import { explainUndeposited, type UndepositedFunds } from './undeposited-funds.ts';

/** Any period from four sides, day by day, with what is not complete and what lies in Undeposited Funds. */
export interface Reconciliation {
  companyId: string;
  from: string;
  to: string;
  /** Oldest first, days without anything included. */
  days: DayControl[];
  /** Of the whole period; `platform` sums the days that have a statement, and says how many. */
  sums: { platform: MoneyTotals & { days: number }; outbox: MoneyTotals; ledger: MoneyTotals; quickbooks: MoneyTotals | null };
  differences: string[];
  completeness: Completeness;
  waiting: WaitingRow[];
  waitingTotal: number;
  undepositedFunds: UndepositedFunds;
}

const MOST_WAITING = 500;
const DAY_MS = 86_400_000;
/** Money that has waited longer is found all the same by QuickBooks' own report; the platform pays out within days. */
const UNDEPOSITED_DAYS = 365;

export async function reconcile(
  { store, clientOf, now }: { store: Store; clientOf: QuickbooksDesk['clientOf']; now: () => number },
  company: Company,
  { from, to }: { from: string; to: string },
): Promise<Reconciliation> {
  const opened = clientOf(company);
  const today = localDate(new Date(now()).toISOString(), company.settings.timezone);
  const days = await controlDays(store, company, { from, to, mayStillArriveOn: today }, async (period) => {
    if (opened.outcome === 'closed') throw Object.assign(new Error(opened.reason.code), { reason: opened.reason });
    return readTotals(opened.client, company.id, period);
  });
  const rows = await waitingRows(store, company, now());
  return {
    companyId: company.id,
    from,
    to,
    days,
    sums: {
      platform: { ...sum(days.map(({ platform }) => platform)), days: days.filter(({ platform }) => platform).length },
      outbox: sum(days.map(({ outbox }) => outbox)),
      ledger: sum(days.map(({ ledger }) => ledger)),
      quickbooks: days.some(({ quickbooks }) => quickbooks === null) ? null : sum(days.map(({ quickbooks }) => quickbooks ?? undefined)),
    },
    differences: days.flatMap(({ differences }) => differences),
    completeness: await completeness(store, company, rows, today),
    waiting: rows.slice(0, MOST_WAITING),
    waitingTotal: rows.length,
    undepositedFunds: await undepositedFunds(store, company, opened, to),
  };
}

async function undepositedFunds(
  store: Store,
  { id: companyId, connection }: Company,
  opened: ReturnType<QuickbooksDesk['clientOf']>,
  to: string,
): Promise<UndepositedFunds> {
  if (opened.outcome === 'closed') return { outcome: 'unreadable', reason: opened.reason };
  const chart = connection.chart as Chart | undefined;
  if (!chart) return { outcome: 'unreadable', reason: NOT_CHECKED };
  const from = new Date(Date.parse(to) - UNDEPOSITED_DAYS * DAY_MS).toISOString().slice(0, 10);
  const found = await undeposited(opened.client, { companyId, chart, from });
  if (found.outcome === 'failed') return { outcome: 'unreadable', reason: found.verdict.reason };
  return explainUndeposited(store, companyId, found.value);
}

function sum(sides: readonly (MoneyTotals | undefined)[]): MoneyTotals {
  const total = { paymentsCents: 0, refundsCents: 0, payoutsCents: 0 };
  for (const side of sides) {
    total.paymentsCents += side?.paymentsCents ?? 0;
    total.refundsCents += side?.refundsCents ?? 0;
    total.payoutsCents += side?.payoutsCents ?? 0;
  }
  return total;
}

/** One row a day; differences of the day in the last column. */
export function reconciliationCsv({ days }: Pick<Reconciliation, 'days'>): string {
  return toCsv(
    COLUMNS,
    days.map(({ localDate: day, platform, outbox, ledger, quickbooks, differences }) => [
      day,
      ...(['paymentsCents', 'refundsCents', 'payoutsCents'] as const).flatMap((field) =>
        [platform, outbox, ledger, quickbooks ?? undefined].map((side) => toAmount(side?.[field])),
      ),
      ledger.invoices.count,
      toAmount(ledger.invoices.cents),
      differences.join('\n'),
    ]),
  );
}

const COLUMNS = [
  'Day',
  ...['Payments', 'Refunds', 'Payouts'].flatMap((what) =>
    ['platform', 'webhooks', 'ledger', 'QuickBooks'].map((side) => `${what}, ${side}`),
  ),
  'Invoices',
  'Invoiced',
  'Differences',
];

/** What lies in Undeposited Funds, one row a record. */
export function undepositedCsv(funds: UndepositedFunds): string {
  const rows = funds.outcome === 'read' ? funds.rows : [];
  return toCsv(
    ['Date', 'Document', 'QuickBooks', 'Amount', 'Why'],
    rows.map(({ date, documentKey, entity, id, amountCents, why }) => [date, documentKey, `${entity} ${id}`, toAmount(amountCents), why]),
  );
}

const NOT_CHECKED = {
  code: 'not_checked',
  message: 'The QuickBooks company has not been checked since it was connected.',
  remedy: 'Connect it again; the check runs at the end of connecting.',
};
