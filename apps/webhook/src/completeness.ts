import { documentKey, type DocumentKey } from '@vesper/core/document';
import { isInBooks } from '@vesper/core/ledger';
import type { Store } from '@vesper/outbox/store';
import type { Company } from './company.ts';
import type { WaitingRow } from './waiting-rows.ts';

/** What is not complete although no document failed. Each list names its subjects. */
export interface Completeness {
  /** Money that came and is not in QuickBooks. */
  paidButUnposted: { count: number; cents: number; keys: string[] };
  /** Confirmed inspections without an invoice. */
  confirmedButUninvoiced: { count: number; keys: string[] };
  /** ACH on its way for longer than the company's `achWaitDays`. */
  achTooLong: { count: number; cents: number; keys: string[] };
  /** Local days without a statement between others that have one. */
  daysWithoutStatement: string[];
}

const DAY_MS = 86_400_000;
/** How far back gaps between the platform's statements are looked for. */
const STATEMENT_DAYS = 35;
const MOST_KEYS = 50;
const PAGE = 200;
const LEDGER_PAGE = 1_000;

const NOT_YET_PAID = new Set(['ach_in_flight', 'pay_at_close_not_paid_out']);
const NOT_CONFIRMED = new Set(['unconfirmed', 'canceled_but_paid']);

/** `rows` is everything that waits; what waits and is in QuickBooks all the same, e.g. a payment the client disputes, lacks nothing. */
export async function completeness(
  store: Store,
  { id, settings }: Company,
  rows: readonly WaitingRow[],
  today: string,
): Promise<Completeness> {
  const money = rows.filter(({ key }) => /^(payment|sales_receipt)\//.test(key));
  const unposted = await notInBooks(
    store,
    id,
    money.filter(({ code }) => !NOT_YET_PAID.has(code)),
  );
  const late = money.filter(({ code, daysWaited = 0 }) => code === 'ach_in_flight' && daysWaited > settings.notices.achWaitDays);
  const uninvoiced = await notInBooks(
    store,
    id,
    rows.filter(({ key, code }) => /^(inspection|invoice)\//.test(key) && !NOT_CONFIRMED.has(code)),
  );
  return {
    paidButUnposted: summed(unposted),
    confirmedButUninvoiced: { count: uninvoiced.length, keys: keysOf(uninvoiced) },
    achTooLong: summed(late),
    daysWithoutStatement: await gaps(store, id, today),
  };
}

/** Those whose document QuickBooks does not hold. */
async function notInBooks(store: Store, companyId: string, rows: readonly WaitingRow[]): Promise<WaitingRow[]> {
  const found: WaitingRow[] = [];
  for (let start = 0; start < rows.length; start += LEDGER_PAGE) {
    const page = rows.slice(start, start + LEDGER_PAGE);
    const ledger = await store.ledger(companyId, page.flatMap(documentsOf));
    found.push(...page.filter((row) => !documentsOf(row).some((key) => isInBooks(ledger.get(key)))));
  }
  return found;
}

/** The documents a row may be about: a subject has none of its own. */
function documentsOf({ key }: WaitingRow): DocumentKey[] {
  const id = key.slice(key.indexOf('/') + 1);
  if (key.startsWith('inspection/')) return [documentKey.invoice(id)];
  return key.startsWith('payment/') ? [key, documentKey.salesReceipt(id)] : [key];
}

/** A platform that never sends statements has no gaps; today's may still come. */
async function gaps(store: Store, companyId: string, today: string): Promise<string[]> {
  const from = new Date(Date.parse(today) - STATEMENT_DAYS * DAY_MS).toISOString().slice(0, 10);
  const stated = new Set<string>();
  for (let cursor: string | undefined; ;) {
    const page = await store.search({
      companyIds: [companyId],
      type: 'day.closed',
      from: `${from}T00:00:00.000Z`,
      ...(cursor !== undefined && { cursor }),
      limit: PAGE,
    });
    for (const { subject } of page.entries) stated.add(subject.slice('day/'.length));
    cursor = page.next;
    if (cursor === undefined) break;
  }
  const first = [...stated].filter((day) => day >= from).toSorted()[0];
  if (first === undefined) return [];
  const missing: string[] = [];
  for (let ms = Date.parse(first); ms < Date.parse(today); ms += DAY_MS) {
    const day = new Date(ms).toISOString().slice(0, 10);
    if (!stated.has(day)) missing.push(day);
  }
  return missing;
}

function summed(rows: readonly WaitingRow[]): { count: number; cents: number; keys: string[] } {
  return { count: rows.length, cents: rows.reduce((sum, { amountCents = 0 }) => sum + amountCents, 0), keys: keysOf(rows) };
}

function keysOf(rows: readonly WaitingRow[]): string[] {
  return rows.slice(0, MOST_KEYS).map(({ key }) => key);
}
