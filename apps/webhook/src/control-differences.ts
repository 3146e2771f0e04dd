import type { DocumentKey } from '@vesper/core/document';
import { isInBooks, type LedgerRecord } from '@vesper/core/ledger';
import { formatDollars } from '@vesper/core/money';
import type { BooksTotals } from '@vesper/qbo-adapter/control-totals';
import { keysOf, type DayFigures, type Movement } from './day-figures.ts';

/** Names in one sentence; the rest is counted. */
const MOST_NAMES = 10;

/** The platform's statement against the accepted webhooks it can have known of: what has `notArrived`, and what we have `beyond` it. */
export function platformDifferences(
  localDate: string,
  { statement, outboxWhenStated, countsWhenStated, movements }: DayFigures,
): { notArrived: string[]; beyond: string[] } {
  const found = { notArrived: [] as string[], beyond: [] as string[] };
  if (!statement) return found;
  for (const [what, field, kind] of SUMS) {
    const theirs = statement.totals[field];
    const ours = outboxWhenStated[field];
    if (theirs === ours) continue;
    const said = `The platform counts ${formatDollars(theirs)} of ${what} for ${localDate}; the accepted webhooks make ${formatDollars(ours)}`;
    if (theirs > ours)
      found.notArrived.push(
        `${said}: webhooks worth ${formatDollars(theirs - ours)} have not arrived. Ask the platform to send that day's ${what} again.`,
      );
    else
      found.beyond.push(
        `${said}, ${formatDollars(ours - theirs)} more: ${nameSome(movements.filter((one) => one.kind === kind && !one.isExternal))}. Ask the platform which of these it does not count.`,
      );
  }
  const missing = Object.entries(statement.counts).flatMap(([type, theirs]) => {
    const ours = countsWhenStated[type] ?? 0;
    return KNOWN.test(type) && theirs > ours ? [`${theirs - ours} of ${theirs} ${type}`] : [];
  });
  if (missing.length > 0)
    found.notArrived.push(`The platform sent more events for ${localDate} than were accepted; missing are ${missing.join(', ')}.`);
  return found;
}

const SUMS = [
  ['payments', 'paymentsCents', 'payment'],
  ['refunds', 'refundsCents', 'refund'],
  ['payouts', 'payoutsCents', 'payout'],
] as const;
/** Types of the contract; others are stored and have no effect, so nobody misses them. */
const KNOWN = /^(inspection|payment|payout)\./;

/** What the webhooks say the books should hold under the day against what we know to be posted; what waits with a reason is explained. */
export function ledgerDifferences(
  localDate: string,
  movements: readonly Movement[],
  records: ReadonlyMap<DocumentKey, LedgerRecord>,
): { explained: string[]; unexplained: string[] } {
  const explained: string[] = [];
  const unexplained = movements.flatMap((movement) => {
    const found = keysOf(movement).flatMap((key) => records.get(key) ?? []);
    const posted = found.find(isInBooks);
    if (!posted) {
      const message = notPosted(localDate, movement, found[0]);
      if (!isExplained(movement, found[0])) return [message];
      explained.push(message);
      return [];
    }
    const { posted: document } = posted;
    if (document.type === 'customer') return [];
    if (document.totalCents !== movement.amountCents)
      return [
        `${nameOf(movement)} is ${formatDollars(movement.amountCents)} by the webhooks and ${formatDollars(document.totalCents)} in the books (${recordName(posted)}).${because(posted.reason?.message)}`,
      ];
    if (document.date !== localDate)
      return [
        `${nameOf(movement)} of ${formatDollars(movement.amountCents)} belongs to ${localDate} and is dated ${document.date} in the books (${recordName(posted)}).`,
      ];
    return [];
  });
  return { explained, unexplained };
}

/** The document waits visibly, with its reason, in the outbox: whoever looks after it there needs no second message. */
function isExplained({ waiting }: Movement, record: LedgerRecord | undefined): boolean {
  const isOpen = record?.state === 'held' || record?.state === 'failed' || record?.state === 'unknown';
  return (isOpen && record.reason !== undefined) || (waiting?.reason !== undefined && waiting.state !== 'pending');
}

function notPosted(localDate: string, movement: Movement, record: LedgerRecord | undefined): string {
  const reason = record?.reason ?? movement.waiting?.reason;
  const state = record?.state === 'unknown' ? 'may or may not be posted' : 'is not posted';
  return `${nameOf(movement)} of ${formatDollars(movement.amountCents)} came on ${localDate} and ${state}.${because(reason?.message ?? 'No run has looked at it yet.')}`;
}

/** What we know to be posted under the day against what QuickBooks lists. `strangers` are records of ours the ledger dates elsewhere, or not at all. */
export function booksDifferences(
  localDate: string,
  records: readonly LedgerRecord[],
  books: BooksTotals,
  strangers: ReadonlyMap<string, LedgerRecord | undefined>,
): string[] {
  const found = new Map(books.records.map((record) => [`${record.entity}/${record.id}`, record]));
  const ours = records.flatMap((record) => {
    const { quickbooks } = record;
    if (!quickbooks) return [];
    const there = found.get(`${quickbooks.entity}/${quickbooks.id}`);
    if (!there)
      return [`${recordName(record)} is posted under ${localDate}, but QuickBooks does not list it there: it was deleted or re-dated.`];
    if (there.date !== localDate)
      return [`${recordName(record)} is posted under ${localDate}; in QuickBooks it is now dated ${there.date}.`];
    if (quickbooks.totalCents !== undefined && there.totalCents !== quickbooks.totalCents)
      return [
        `${recordName(record)} was posted with ${formatDollars(quickbooks.totalCents)}; QuickBooks now has ${formatDollars(there.totalCents)}.`,
      ];
    return [];
  });
  const theirs = books.records.flatMap(({ entity, id, date, totalCents }) => {
    const name = `${entity}/${id}`;
    if (date !== localDate || totalCents === 0 || !strangers.has(name)) return [];
    const known = strangers.get(name);
    const what = `QuickBooks ${entity} ${id} of ${formatDollars(totalCents)} under ${localDate} carries Vesper's mark`;
    if (!known)
      return [`${what} but is not in the ledger: it may have been copied in QuickBooks, or the store was restored from a backup.`];
    if (known.state === 'voided') return [`${what} and is voided in the ledger, but stands in QuickBooks (${known.key}).`];
    return [`${what}; the ledger has it under ${dateOf(known)} (${known.key}): it was re-dated in QuickBooks.`];
  });
  const doubles = books.doubles.flatMap(({ documentKey, records: twins }) =>
    twins.some(({ date }) => date === localDate)
      ? [
          `${documentKey} stands ${twins.length} times in QuickBooks: ${twins.map(({ entity, id, totalCents }) => `${entity} ${id} of ${formatDollars(totalCents)}`).join(', ')}. Delete all but one of them.`,
        ]
      : [],
  );
  return [...ours, ...theirs, ...doubles];
}

function recordName({ key, quickbooks }: LedgerRecord): string {
  return quickbooks ? `${key} (QuickBooks ${quickbooks.entity} ${quickbooks.docNumber ?? quickbooks.id})` : key;
}

function dateOf({ posted }: LedgerRecord): string {
  return posted && 'date' in posted ? posted.date : 'another date';
}

function nameOf({ kind, name }: Movement): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${name.slice(name.indexOf('/') + 1)}`;
}

function nameSome(movements: readonly Movement[]): string {
  const names = movements.slice(0, MOST_NAMES).map((movement) => `${nameOf(movement)} of ${formatDollars(movement.amountCents)}`);
  const more = movements.length - names.length;
  return names.length === 0 ? 'none of them stands now' : `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function because(message: string | undefined): string {
  return message ? ` ${message}` : '';
}
