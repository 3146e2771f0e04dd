import { parseEvent } from '@vesper/core/event';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { Store } from '@vesper/outbox/store';
import type { Company } from './company.ts';

/** Sums of one local day by kind, in cents; `count` documents each. */
export type DayTotals = Record<'invoices' | 'payments' | 'salesReceipts' | 'refunds' | 'deposits', { count: number; cents: number }>;

/** What QuickBooks itself holds of ours for the days asked, one row a document. */
export interface BooksTotals {
  totals: DayTotals;
  /** QuickBooks id → total in cents, by entity, to name the documents that differ. */
  records: readonly { entity: string; id: string; totalCents: number }[];
}

export interface ControlTotals {
  /** The platform's own statement for the day, when it sent one. */
  platform?: { paymentsCents: number; refundsCents: number; payoutsCents: number };
  outbox: DayTotals;
  quickbooks: DayTotals;
  /** In words, each naming its documents. Shown, never adjusted. */
  differences: string[];
}

const KINDS = { invoice: 'invoices', payment: 'payments', sales_receipt: 'salesReceipts', refund: 'refunds', deposit: 'deposits' } as const;
const PAGE = 1_000;

export function noTotals(): DayTotals {
  const none = () => ({ count: 0, cents: 0 });
  return { invoices: none(), payments: none(), salesReceipts: none(), refunds: none(), deposits: none() };
}

/** Sets the day of the platform, of our ledger and of QuickBooks side by side. */
export async function controlTotals(
  store: Store,
  { id, settings }: Company,
  localDate: string,
  readBooks: (days: { from: string; to: string }) => Promise<BooksTotals>,
): Promise<ControlTotals> {
  const records = await ledgerOfDay(store, id, localDate);
  const books = await readBooks({ from: localDate, to: localDate });
  const outbox = noTotals();
  for (const record of records) {
    if (record.type === 'customer') continue;
    const sum = outbox[KINDS[record.type]];
    sum.count += 1;
    sum.cents += record.quickbooks?.totalCents ?? 0;
  }
  const platform = await platformTotals(store, id, localDate);
  return {
    ...(platform && { platform }),
    outbox,
    quickbooks: books.totals,
    differences: [...differencesOf(records, books), ...(platform ? platformDifferences(platform, outbox, settings.mode) : [])],
  };
}

async function ledgerOfDay(store: Store, companyId: string, day: string): Promise<LedgerRecord[]> {
  const posted: LedgerRecord[] = [];
  for (let after: string | undefined; ;) {
    const page = await store.ledgerByDate(companyId, { from: day, to: day }, { ...(after !== undefined && { after }), limit: PAGE });
    posted.push(...page.filter(({ state }) => state === 'posted'));
    if (page.length < PAGE) return posted;
    after = page.at(-1)?.key;
  }
}

async function platformTotals(store: Store, companyId: string, day: string): Promise<ControlTotals['platform']> {
  const statements = (await store.entriesByRefs(companyId, [`day/${day}`])).flatMap(({ body }) => {
    const parsed = body ? parseEvent(JSON.parse(new TextDecoder().decode(body))) : undefined;
    return parsed?.outcome === 'known' && parsed.event.type === 'day.closed' ? [parsed.event] : [];
  });
  const latest = statements.reduce<(typeof statements)[number] | undefined>(
    (last, one) => (last && last.timestamp >= one.timestamp ? last : one),
    undefined,
  );
  if (!latest) return undefined;
  const { paymentsCents, refundsCents, payoutsCents } = latest.data.totals;
  return { paymentsCents, refundsCents, payoutsCents };
}

function differencesOf(records: readonly LedgerRecord[], books: BooksTotals): string[] {
  const found = new Map(books.records.map((record) => [`${record.entity}/${record.id}`, record.totalCents]));
  return records.flatMap(({ key, quickbooks }) => {
    if (!quickbooks || quickbooks.entity === 'Customer') return [];
    const total = found.get(`${quickbooks.entity}/${quickbooks.id}`);
    const name = `${key} (QuickBooks ${quickbooks.entity} ${quickbooks.docNumber ?? quickbooks.id})`;
    if (total === undefined) return [`${name} is posted but QuickBooks does not list it under that day: it was deleted or re-dated there.`];
    if (quickbooks.totalCents !== undefined && total !== quickbooks.totalCents)
      return [`${name} was posted with ${dollars(quickbooks.totalCents)}; QuickBooks now has ${dollars(total)}.`];
    return [];
  });
}

function platformDifferences(
  platform: NonNullable<ControlTotals['platform']>,
  outbox: DayTotals,
  mode: Company['settings']['mode'],
): string[] {
  const money = mode === 'sales_receipt' ? outbox.salesReceipts.cents : outbox.payments.cents;
  const pairs = [
    ['payments', platform.paymentsCents, money],
    ['refunds', platform.refundsCents, outbox.refunds.cents],
    ['payouts', platform.payoutsCents, outbox.deposits.cents],
  ] as const;
  return pairs.flatMap(([what, theirs, ours]) =>
    theirs === ours ? [] : [`The platform counts ${dollars(theirs)} of ${what} for the day, ${dollars(ours)} is posted under that date.`],
  );
}

function dollars(amountCents: number): string {
  return `$${(amountCents / 100).toFixed(2)}`;
}
