import { isInBooks, type LedgerRecord } from '@vesper/core/ledger';
import type { DocumentKey } from '@vesper/core/document';
import type { Reason } from '@vesper/core/reason';
import type { Store } from '@vesper/outbox/store';
import type { BooksTotals, Totals } from '@vesper/qbo-adapter/control-totals';
import type { Company } from './company.ts';
import { booksDifferences, ledgerDifferences, platformDifferences } from './control-differences.ts';
import { dayFigures, keysOf, type DayFigures, type MoneyTotals } from './day-figures.ts';

export type { BooksTotals } from '@vesper/qbo-adapter/control-totals';
/** Sums of one local day by kind, in cents; `count` documents each. */
export type DayTotals = Totals;

/** One local day from four sides. What is compared is alike: money the platform counts for the day, documents dated that day. */
export interface DayControl {
  localDate: string;
  /** The platform's own statement for the day, when it sent one. */
  platform?: MoneyTotals & { statedAt: string };
  /** The same figures from the webhooks accepted by now. */
  outbox: MoneyTotals & { externalPaymentsCents: number };
  /** The documents our ledger has under that date. */
  ledger: MoneyTotals & DayTotals;
  /** Those QuickBooks itself lists; null when it could not be read. */
  quickbooks: (MoneyTotals & DayTotals) | null;
  /** In words, each naming its documents and the reason. Shown, never adjusted. */
  differences: string[];
  /** Those of them that no waiting document explains, and that a webhook on its way will not settle by itself. */
  unexplained: string[];
}

/** The evening's own day, and the days before it on which something was: their final statements and late webhooks come after their evening. */
export interface ControlTotals extends DayControl {
  earlier: DayControl[];
}

/** Reads QuickBooks for local days, both inclusive: one query a document type. */
export type ReadBooks = (days: { from: string; to: string }) => Promise<BooksTotals>;

const DAY_MS = 86_400_000;
const DAYS_BEFORE = 3;
const PAGE = 1_000;

export function noTotals(): DayTotals {
  return { invoices: noTotal(), payments: noTotal(), salesReceipts: noTotal(), refunds: noTotal(), deposits: noTotal() };
}

function noTotal(): { count: number; cents: number } {
  return { count: 0, cents: 0 };
}

/** The control totals a run ends with: its day and the three before. */
export async function controlTotals(store: Store, company: Company, localDate: string, readBooks: ReadBooks): Promise<ControlTotals> {
  const days = await controlDays(store, company, { ...daysCompared(localDate), mayStillArriveOn: localDate }, readBooks);
  const [today, ...earlier] = days.toReversed();
  if (!today) throw new RangeError(`${localDate} is no day`);
  return { ...today, earlier: earlier.filter(hadSomething) };
}

/** The days a run's control totals look at, both inclusive. */
export function daysCompared(localDate: string): { from: string; to: string } {
  return { from: new Date(Date.parse(localDate) - DAYS_BEFORE * DAY_MS).toISOString().slice(0, 10), to: localDate };
}

function hadSomething({ platform, outbox, ledger, quickbooks, differences }: DayControl): boolean {
  const cents = [outbox, ledger, quickbooks ?? {}].flatMap((side) => Object.values(side).filter((value) => typeof value === 'number'));
  return platform !== undefined || differences.length > 0 || cents.some((value) => value !== 0) || ledger.invoices.count > 0;
}

/** Every local day of a period, oldest first, from four sides. Webhooks of the day `mayStillArriveOn` that have not come are no surprise yet. */
export async function controlDays(
  store: Store,
  company: Company,
  { mayStillArriveOn, ...days }: { from: string; to: string; mayStillArriveOn?: string },
  readBooks: ReadBooks,
): Promise<DayControl[]> {
  const figures = await dayFigures(store, company, days);
  const dated = await ledgerByDay(store, company.id, days);
  const books = await readBooks(days).then(
    (totals) => ({ totals }),
    (error: unknown) => ({ failure: reasonOf(error) }),
  );
  const known = await recordsOf(store, company.id, [...figures.values()]);
  const strangers = 'totals' in books ? await unknownHere(store, company.id, books.totals, dated) : new Map();
  return [...figures].map(([localDate, day]) => {
    const records = dated.get(localDate) ?? [];
    const { explained, unexplained } = ledgerDifferences(localDate, day.movements, known);
    const { notArrived, beyond } = platformDifferences(localDate, day);
    const expected = localDate === mayStillArriveOn ? notArrived : [];
    const others = [
      ...(localDate === mayStillArriveOn ? [] : notArrived),
      ...beyond,
      ...unexplained,
      ...('totals' in books ? booksDifferences(localDate, records, books.totals, strangers) : [notRead(books.failure)]),
    ];
    return {
      localDate,
      ...(day.statement && { platform: { ...day.statement.totals, statedAt: day.statement.statedAt } }),
      outbox: day.outbox,
      ledger: withMoney(totalsOf(records)),
      quickbooks: 'totals' in books ? withMoney(books.totals.byDate[localDate] ?? noTotals()) : null,
      differences: [...expected, ...explained, ...others],
      unexplained: others,
    };
  });
}

/** Documents QuickBooks holds now, by the local day they are dated. */
async function ledgerByDay(store: Store, companyId: string, days: { from: string; to: string }): Promise<Map<string, LedgerRecord[]>> {
  const byDay = new Map<string, LedgerRecord[]>();
  for (let after: string | undefined; ;) {
    const page = await store.ledgerByDate(companyId, days, { ...(after !== undefined && { after }), limit: PAGE });
    for (const record of page) {
      if (!isInBooks(record) || record.posted.type === 'customer') continue;
      const { date } = record.posted;
      byDay.set(date, [...(byDay.get(date) ?? []), record]);
    }
    if (page.length < PAGE) return byDay;
    after = page.at(-1)?.key;
  }
}

/** The ledger's records of all movements, whatever their date. */
async function recordsOf(store: Store, companyId: string, days: readonly DayFigures[]): Promise<Map<DocumentKey, LedgerRecord>> {
  const keys = days.flatMap(({ movements }) => movements.flatMap(keysOf));
  const records = new Map<DocumentKey, LedgerRecord>();
  for (let start = 0; start < keys.length; start += PAGE) {
    for (const [key, record] of await store.ledger(companyId, keys.slice(start, start + PAGE))) records.set(key, record);
  }
  return records;
}

/** Records with our mark that the ledger does not date within these days, with what it knows of them otherwise. */
async function unknownHere(
  store: Store,
  companyId: string,
  books: BooksTotals,
  dated: ReadonlyMap<string, readonly LedgerRecord[]>,
): Promise<Map<string, LedgerRecord | undefined>> {
  const ours = new Set([...dated.values()].flat().map(({ quickbooks }) => `${quickbooks?.entity}/${quickbooks?.id}`));
  const strange = books.records.filter(({ entity, id }) => !ours.has(`${entity}/${id}`));
  const found = strange.length > 0 ? await store.ledgerByQuickbooks(companyId, strange) : [];
  const byRecord = new Map(found.map((record) => [`${record.quickbooks?.entity}/${record.quickbooks?.id}`, record]));
  return new Map(strange.map(({ entity, id }) => [`${entity}/${id}`, byRecord.get(`${entity}/${id}`)]));
}

const KINDS = { invoice: 'invoices', payment: 'payments', sales_receipt: 'salesReceipts', refund: 'refunds', deposit: 'deposits' } as const;

function totalsOf(records: readonly LedgerRecord[]): DayTotals {
  const totals = noTotals();
  for (const { type, quickbooks, posted } of records) {
    if (type === 'customer') continue;
    const sum = totals[KINDS[type]];
    sum.count += 1;
    sum.cents += quickbooks?.totalCents ?? (posted && 'totalCents' in posted ? posted.totalCents : 0);
  }
  return totals;
}

function withMoney(totals: DayTotals): MoneyTotals & DayTotals {
  return {
    paymentsCents: totals.payments.cents + totals.salesReceipts.cents,
    refundsCents: totals.refunds.cents,
    payoutsCents: totals.deposits.cents,
    ...totals,
  };
}

function reasonOf(error: unknown): Reason | undefined {
  return error instanceof Error && 'reason' in error ? (error.reason as Reason) : undefined;
}

function notRead(reason: Reason | undefined): string {
  return `QuickBooks could not be read for the control totals${reason ? `: ${reason.message}` : ''}. The other columns stand; look again with the reconciliation.`;
}
