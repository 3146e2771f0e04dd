import type { FindOutcome, Prepared } from '@vesper/core/books';
import type { AccountingDocument, DocumentKey } from '@vesper/core/document';
import type { Ledger } from '@vesper/core/ledger';
import type { Operation } from '@vesper/core/operation';
import type { Reason } from '@vesper/core/reason';
import { type BooksSession, roomOf } from './books-session.ts';
import { firstOpenDay, redatedTo } from './closed-books.ts';
import { compareRecord, entityOf, toQbo } from './documents/to-qbo.ts';
import { readMark } from './marker.ts';
import { cleanName, cut, withSuffix } from './names.ts';
import { ACTIVE_OR_NOT, between, equals, isIn } from './query.ts';
import { covers, isVoided, toRecord } from './record.ts';
import { type Json, textAt } from './wire.ts';

/**
 * Whether QuickBooks holds the effect of an operation whose outcome is unknown. A record is ours only when our mark, customer, date, lines and
 * total all agree; a look that failed, or something that nearly agrees, is `unclear` and waits for a person.
 */
export async function findOperation(session: BooksSession, operation: Operation, ledger: Ledger): Promise<FindOutcome> {
  return operation.kind === 'create' ? findCreated(session, operation.document, ledger) : findChanged(session, operation, ledger);
}

async function findCreated(session: BooksSession, document: AccountingDocument, ledger: Ledger): Promise<FindOutcome> {
  const entity = entityOf(document);
  const read = await session.client.query(entity, whereOf(session, document));
  if (read.outcome === 'failed') return { outcome: 'unclear', reason: lookFailed(read.verdict.reason) };
  return judge(session, document, read.value, ledger);
}

/** Among records that may be the document: the one that provably is, none, or doubt. */
function judge(session: BooksSession, document: AccountingDocument, candidates: readonly Json[], ledger: Ledger): FindOutcome {
  const entity = entityOf(document);
  const marked = candidates.filter((record) => hasMark(session, document.key, record));
  const number = numberOf(document);
  if (marked.length === 0) {
    const namesake =
      number === undefined ? undefined : candidates.find((record) => textAt(record, 'DocNumber') === number && !isVoided(record));
    return namesake ? { outcome: 'unclear', reason: notOurs(entity, namesake, number ?? '') } : { outcome: 'absent' };
  }
  const [record, second] = marked.filter((candidate) => !isVoided(candidate));
  if (!record) return { outcome: 'unclear', reason: voidedMeanwhile(entity, marked[0]) };
  if (second) return { outcome: 'unclear', reason: twice(entity, [record, second]) };
  const wanted = toQbo(document, roomOf(session, ledger), { displayName: textAt(record, 'DisplayName') ?? '' });
  if (wanted.outcome === 'hold') return { outcome: 'unclear', reason: wanted.reason };
  const redated = redatedTo(record);
  const differences = compareRecord(document.type, record, redated === undefined ? wanted.record : { ...wanted.record, TxnDate: redated });
  const doubtful = differences.filter((difference) => !isApplication(document, difference));
  if (doubtful.length > 0) return { outcome: 'unclear', reason: nearly(entity, record, doubtful) };
  const known = [
    ...differences,
    ...(redated === undefined || document.type === 'customer' ? [] : [`date: ${redated} instead of ${document.date}`]),
  ];
  return { outcome: 'found', quickbooks: toRecord(entity, record), ...(known.length > 0 && { differences: known }) };
}

async function findChanged(session: BooksSession, operation: Exclude<Operation, { kind: 'create' }>, ledger: Ledger): Promise<FindOutcome> {
  const { entity, id, syncToken } = operation.quickbooks;
  const read = await session.client.query(entity, [equals('Id', id), ...(entity === 'Customer' ? [ACTIVE_OR_NOT] : [])]);
  if (read.outcome === 'failed') return { outcome: 'unclear', reason: lookFailed(read.verdict.reason) };
  const [record] = read.value;
  if (operation.kind !== 'update') {
    if (!record) return { outcome: 'found', quickbooks: operation.quickbooks };
    if (operation.kind === 'void' && isVoided(record)) return { outcome: 'found', quickbooks: toRecord(entity, record) };
    return { outcome: 'absent' };
  }
  if (!record) return { outcome: 'unclear', reason: nearly(entity, operation.quickbooks as unknown as Json, ['deleted']) };
  if (textAt(record, 'SyncToken') === syncToken) return { outcome: 'absent' };
  const wanted = toQbo(operation.document, roomOf(session, ledger), { displayName: textAt(record, 'DisplayName') ?? '' });
  if (wanted.outcome === 'hold') return { outcome: 'unclear', reason: wanted.reason };
  const movedTo = redatedTo(record);
  const { PrivateNote: _note, Notes: _notes, DisplayName: _name, ...fields } = wanted.record;
  // An update that is not wholly there is planned again, which does no harm: it says the same again.
  const isThere = covers(record, movedTo === undefined ? fields : { ...fields, TxnDate: movedTo });
  return isThere ? { outcome: 'found', quickbooks: toRecord(entity, record) } : { outcome: 'absent' };
}

/**
 * For creates, before anything is sent: what QuickBooks already has under these numbers, a hundred in one query, and of payments and deposits,
 * whose numbers cannot be asked for, on their days. Ours are adopted; others under our number are held.
 */
export async function lookUpExisting(
  session: BooksSession,
  operations: readonly Operation[],
  ledger: Ledger,
): Promise<Map<DocumentKey, Prepared>> {
  const byEntity = new Map<string, AccountingDocument[]>();
  for (const operation of operations) {
    // What we voided ourselves and are asked to make anew: the void record with its number is no news. Customers have their index.
    if (operation.kind !== 'create' || operation.document.type === 'customer' || ledger.get(operation.key)?.state === 'voided') continue;
    const entity = entityOf(operation.document);
    byEntity.set(entity, [...(byEntity.get(entity) ?? []), operation.document]);
  }
  const decided = new Map<DocumentKey, Prepared>();
  for (const [entity, documents] of byEntity) {
    for (let start = 0; start < documents.length; start += NUMBERS_A_QUERY) {
      const some = documents.slice(start, start + NUMBERS_A_QUERY);
      const read = await session.client.query(entity, whereOfAll(session, some));
      for (const document of some) {
        const found = read.outcome === 'failed' ? undefined : judge(session, document, sameNumber(read.value, document), ledger);
        if (read.outcome === 'failed') decided.set(document.key, { outcome: 'hold', reason: lookFailed(read.verdict.reason) });
        else if (found?.outcome === 'found') decided.set(document.key, { outcome: 'adopt', quickbooks: found.quickbooks });
        else if (found?.outcome === 'unclear') decided.set(document.key, { outcome: 'hold', reason: found.reason });
      }
    }
  }
  return decided;
}

function whereOfAll({ chart }: BooksSession, documents: readonly AccountingDocument[]): string[] {
  const numbers = documents.flatMap((document) => numberOf(document) ?? []);
  if (numbers.length > 0) return [isIn('DocNumber', numbers)];
  const days = documents
    .flatMap((document) => ('date' in document ? [document.date, firstOpenDay(chart.bookCloseDate, document.date)] : []))
    .sort();
  return [between('TxnDate', { from: days[0] ?? '', to: days.at(-1) ?? '' })];
}

const NUMBERS_A_QUERY = 100;

/** Those with the document's number; all of them where QuickBooks keeps none. */
function sameNumber(records: readonly Json[], document: AccountingDocument): Json[] {
  const number = numberOf(document);
  return records.filter((record) => number === undefined || textAt(record, 'DocNumber') === number);
}

/** By number where QuickBooks keeps one, else by day: a payment's reference and a note cannot be asked for. */
function whereOf({ chart }: BooksSession, document: AccountingDocument): string[] {
  switch (document.type) {
    case 'customer': {
      const name = cleanName(document.displayName, 'DisplayName').name;
      return [isIn('DisplayName', [name, withSuffix(name, document.clientId)]), ACTIVE_OR_NOT];
    }
    case 'invoice':
    case 'sales_receipt':
    case 'refund':
      return [equals('DocNumber', numberOf(document) ?? '')];
    case 'payment':
    case 'deposit':
      return [between('TxnDate', { from: document.date, to: firstOpenDay(chart.bookCloseDate, document.date) })];
  }
}

function numberOf(document: AccountingDocument): string | undefined {
  switch (document.type) {
    case 'invoice':
    case 'sales_receipt':
      return document.docNumber;
    case 'refund':
      return cut(document.docNumber, 21);
    case 'customer':
    case 'payment':
    case 'deposit':
      return undefined;
  }
}

function hasMark({ companyId }: BooksSession, key: DocumentKey, record: Json): boolean {
  const mark = readMark(textAt(record, 'PrivateNote') ?? textAt(record, 'Notes'));
  return mark?.companyId === companyId && mark.key === key;
}

/** How much of a payment its invoice could take is QuickBooks' affair and may have been clamped; whose it is, when and how much, is not. */
function isApplication(document: AccountingDocument, difference: string): boolean {
  return document.type === 'payment' && difference.startsWith('applied to invoice');
}

const describe = (entity: string, record: Json | undefined) => `${entity} ${textAt(record, 'Id') ?? textAt(record, 'id') ?? ''}`;

const lookFailed = (reason: Reason): Reason => ({
  ...reason,
  code: 'look_failed',
  message: `Vesper could not look in QuickBooks whether it is there: ${reason.message}`,
});

const notOurs = (entity: string, record: Json, number: string): Reason => ({
  code: 'number_taken',
  message: `${describe(entity, record)} in QuickBooks already has the number ${number} and does not carry Vesper's mark.`,
  remedy:
    'Look at it in QuickBooks. If it is the same document, entered by hand or by another program, delete one of the two; then replay.',
});

const voidedMeanwhile = (entity: string, record: Json | undefined): Reason => ({
  code: 'voided_in_quickbooks',
  message: `${describe(entity, record)} was posted and has been voided in QuickBooks since.`,
  remedy: 'Leave it out in the console if it should stay void. To have it posted anew, delete the void record in QuickBooks, then replay.',
});

const twice = (entity: string, records: Json[]): Reason => ({
  code: 'stands_twice',
  message: `QuickBooks holds this document more than once (${records.map((record) => describe(entity, record)).join(', ')}).`,
  remedy: 'Delete the later one in QuickBooks, then replay: Vesper takes over the one that stays.',
});

const nearly = (entity: string, record: Json, differences: string[]): Reason => ({
  code: 'not_provably_ours',
  message: `${describe(entity, record)} in QuickBooks carries Vesper's mark but differs (${differences.slice(0, 5).join('; ')}).`,
  remedy: 'Compare it with the platform. Correct or delete it in QuickBooks, then replay.',
});
