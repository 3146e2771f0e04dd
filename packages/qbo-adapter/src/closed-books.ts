import type { Prepared } from '@vesper/core/books';
import type { AccountingDocument } from '@vesper/core/document';
import type { Reason } from '@vesper/core/reason';
import type { BooksSession } from './books-session.ts';
import { classifyFault } from './faults.ts';
import { type Json, objectAt, textAt } from './wire.ts';

/** Whether a new document can be posted on its date, and on which day if not. */
export type ClosedBooks = { outcome: 'open'; redate(record: Json): Json } | Extract<Prepared, { outcome: 'hold' }>;

/**
 * Closed books, by the company's policy: hold, or post on the first open day and say so in the note. The chart's closing date is a hint from the last
 * check, so it is read once more before anything is held or moved: books that were reopened meanwhile are open.
 */
export async function closedBooksFor(session: BooksSession, document: AccountingDocument): Promise<ClosedBooks> {
  const date = document.type === 'customer' ? undefined : document.date;
  const closed = await closedReasonFor(session, date);
  if (!closed || date === undefined) return OPEN;
  const { closedThrough } = session;
  if (session.settings.closedBooks === 'hold' || !closedThrough) return { outcome: 'hold', reason: closed };
  const day = firstOpenDay(closedThrough, date);
  return {
    outcome: 'open',
    redate: (record) => ({
      ...record,
      TxnDate: day,
      PrivateNote: `${textAt(record, 'PrivateNote') ?? ''}\nDated ${date}; booked on ${day}, the first open day.`.slice(0, 4_000),
    }),
  };
}

/** Why nothing may be written on that day, or nothing. What stands in a closed period is never changed, whatever the policy for new documents. */
export async function closedReasonFor(session: BooksSession, date: string | undefined): Promise<Reason | undefined> {
  if (date === undefined || (session.chart.bookCloseDate ?? '') < date) return undefined;
  if (session.closedThrough === undefined) {
    const read = await session.client.query('Preferences');
    if (read.outcome === 'failed') return read.verdict.reason;
    session.closedThrough = textAt(objectAt(read.value[0], 'AccountingInfoPrefs'), 'BookCloseDate') ?? null;
  }
  const { closedThrough } = session;
  return closedThrough === null || closedThrough < date ? undefined : closedReason(closedThrough);
}

const OPEN: ClosedBooks = { outcome: 'open', redate: (record) => record };

/** The same words as when QuickBooks itself refuses. */
function closedReason(through: string): Reason {
  const { reason } = classifyFault({
    status: 400,
    type: 'ValidationFault',
    errors: [{ code: '6200', message: '', detail: `closed through ${through}` }],
  });
  return {
    ...reason,
    message: `${reason.message} They are closed through ${through}.`,
    quickbooks: { detail: `BookCloseDate ${through}` },
  };
}

/** The day after the closing date, or the document's own when that is open. */
export function firstOpenDay(closedThrough: string | undefined, date: string): string {
  if (closedThrough === undefined || closedThrough < date) return date;
  return new Date(Date.parse(`${closedThrough}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** The day a record of ours was moved to because the books were closed, by its note; undefined when it was not, or was moved again. */
export function redatedTo(record: Json): string | undefined {
  const [, day] = /\sDated \d{4}-\d\d-\d\d; booked on (\d{4}-\d\d-\d\d), /.exec(textAt(record, 'PrivateNote') ?? '') ?? [];
  return day === textAt(record, 'TxnDate') ? day : undefined;
}
