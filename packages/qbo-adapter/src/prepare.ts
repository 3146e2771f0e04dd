import type { Prepared } from '@vesper/core/books';
import type { AccountingDocument, CustomerDocument, DocumentKey } from '@vesper/core/document';
import type { Ledger } from '@vesper/core/ledger';
import type { Operation } from '@vesper/core/operation';
import type { Reason } from '@vesper/core/reason';
import { send, toPayload } from './batch-payload.ts';
import { type BooksSession, readRecords, roomOf } from './books-session.ts';
import { closedBooksFor } from './closed-books.ts';
import { candidatesFor, matchCustomer } from './customer-match.ts';
import { depositProblem } from './deposit-check.ts';
import { toQbo } from './documents/to-qbo.ts';
import { lookUpExisting } from './find.ts';
import { nameKey } from './names.ts';
import { prepareChange } from './prepare-change.ts';
import { type Json, centsAt, listAt } from './wire.ts';

/** The index is caught up once a run, and again when a run lasts longer. */
const INDEX_MAX_AGE_MS = 30 * 60_000;

/**
 * Makes operations ready to seal: looks up in bulk what must be known, then decides for each. Nothing is written to QuickBooks here. When a
 * look fails, the run stops; nothing is ever concluded from a failed look.
 */
export async function prepareOperations(session: BooksSession, operations: readonly Operation[], ledger: Ledger): Promise<Prepared[]> {
  if (operations.length === 0) return [];
  session.ledger = ledger;
  session.records.clear();
  const blind = await gather(session, operations, ledger);
  if (blind) return operations.map(() => ({ outcome: 'stop', reason: blind }));
  const claimed = await session.claims.claimedBy(customerIdsInQuestion(session, operations));
  const existing = session.lookBeforeCreate ? await lookUpExisting(session, operations, ledger) : new Map<DocumentKey, Prepared>();
  const prepared: Prepared[] = [];
  for (const operation of operations) {
    const adopted = existing.get(operation.key);
    prepared.push(adopted ?? (await prepareOne(session, operation, ledger, claimed)));
  }
  return prepared;
}

async function prepareOne(
  session: BooksSession,
  operation: Operation,
  ledger: Ledger,
  claimed: ReadonlyMap<string, DocumentKey>,
): Promise<Prepared> {
  if (operation.kind !== 'create') return prepareChange(session, operation, ledger);
  const { document } = operation;
  if (document.type === 'customer') return prepareNewCustomer(session, document, claimed);
  const inactive = inactiveCustomer(session, document, ledger);
  if (inactive) return { outcome: 'hold', reason: inactive };
  const closed = await closedBooksFor(session, document);
  if (closed.outcome === 'hold') return closed;
  const result = toQbo(document, roomOf(session, ledger), knownOf(session, document, ledger));
  if (result.outcome === 'hold') return result;
  const problem = document.type === 'deposit' ? depositProblem(session, document, ledger) : undefined;
  if (problem) return { outcome: 'hold', reason: problem };
  if (document.type === 'payment') reserveOpenAmount(session, document, ledger, result.record);
  // A void document keeps its number: the one that takes its place may have it too.
  const replaces = ledger.get(operation.key)?.state === 'voided';
  return send(toPayload.create(result.entity, closed.redate(result.record), { replaces }), false);
}

function prepareNewCustomer(session: BooksSession, document: CustomerDocument, claimed: ReadonlyMap<string, DocumentKey>): Prepared {
  const match = matchCustomer(document, {
    companyId: session.companyId,
    index: session.index,
    isFree: (id) => (claimed.get(id) ?? document.key) === document.key && (session.adopted.get(id) ?? document.key) === document.key,
    isReserved: (name) => (session.reservedNames.get(nameKey(name)) ?? document.key) !== document.key,
  });
  if (match.outcome === 'existing') {
    session.adopted.set(match.person.id, document.key);
    const { id, syncToken, displayName } = match.person;
    return { outcome: 'adopt', quickbooks: { entity: 'Customer', id, syncToken, docNumber: displayName } };
  }
  session.reservedNames.set(nameKey(match.displayName), document.key);
  const result = toQbo(document, roomOf(session, new Map()), { displayName: match.displayName });
  return result.outcome === 'hold' ? result : send(toPayload.create('Customer', result.record), true);
}

/** A customer made inactive by a person gets nothing new until somebody decides. */
function inactiveCustomer(session: BooksSession, document: AccountingDocument, ledger: Ledger): Reason | undefined {
  if (document.type === 'deposit' || document.type === 'customer') return undefined;
  const id = roomOf(session, ledger).recordOf(document.customerKey)?.id;
  const person = id === undefined ? undefined : session.index.customer(id);
  if (!person || person.active) return undefined;
  return {
    code: 'customer_inactive',
    message: `The customer of this document, "${person.displayName}", was made inactive in QuickBooks, or merged into another one.`,
    remedy:
      'Make the customer active again in QuickBooks; it posts on the next evening. After a merge, tell Vesper which customer lives on.',
  };
}

function knownOf(session: BooksSession, document: AccountingDocument, ledger: Ledger): { openCents?: number } {
  if (document.type !== 'payment') return {};
  const invoiceId = ledger.get(document.invoiceKey)?.quickbooks?.id;
  const openCents = invoiceId === undefined ? undefined : session.openCents.get(invoiceId);
  return openCents === undefined ? {} : { openCents };
}

/** Two payments of one run must not both count on the same open amount. */
function reserveOpenAmount(session: BooksSession, document: AccountingDocument, ledger: Ledger, record: Json): void {
  if (document.type !== 'payment') return;
  const invoiceId = ledger.get(document.invoiceKey)?.quickbooks?.id;
  const openCents = invoiceId === undefined ? undefined : session.openCents.get(invoiceId);
  if (invoiceId === undefined || openCents === undefined) return;
  const appliedCents = listAt(record, 'Line').reduce((sum, line) => sum + (centsAt(line, 'Amount') ?? 0), 0);
  session.openCents.set(invoiceId, Math.max(0, openCents - appliedCents));
}

/** One look for all: the customer index, the records to change, the invoices to pay, what is to be deposited. A reason when it failed. */
async function gather(session: BooksSession, operations: readonly Operation[], ledger: Ledger): Promise<Reason | undefined> {
  const needsNames = operations.some((operation) => operation.kind !== 'create' || operation.document.type !== 'deposit');
  if (needsNames) {
    const refreshed = await session.index.refresh(session.namesStale ? 0 : INDEX_MAX_AGE_MS);
    if (refreshed.outcome === 'failed') return refreshed.verdict.reason;
    session.namesStale = false;
  }
  for (const [entity, ids] of recordsToRead(session, operations, ledger)) {
    const failed = await readRecords(session, entity, [...ids]);
    if (failed) return failed;
  }
  return undefined;
}

/** What is changed is read afresh; what is only referred to is read unless this run has seen it. */
function recordsToRead(session: BooksSession, operations: readonly Operation[], ledger: Ledger): Map<string, Set<string>> {
  const wanted = new Map<string, Set<string>>();
  const want = (entity: string, id: string) => wanted.set(entity, (wanted.get(entity) ?? new Set()).add(id));
  for (const operation of operations) {
    if (operation.kind !== 'create') want(operation.quickbooks.entity, operation.quickbooks.id);
    if (!('document' in operation)) continue;
    const { document } = operation;
    if (document.type === 'payment') {
      const invoice = ledger.get(document.invoiceKey)?.quickbooks;
      if (invoice && !session.openCents.has(invoice.id)) want(invoice.entity, invoice.id);
    }
    if (document.type === 'deposit') {
      for (const line of document.lines) {
        const record = line.kind === 'document' ? ledger.get(line.documentKey)?.quickbooks : undefined;
        if (record && !session.standing.has(`${record.entity}/${record.id}`)) want(record.entity, record.id);
      }
    }
  }
  return wanted;
}

function customerIdsInQuestion(session: BooksSession, operations: readonly Operation[]): string[] {
  const ids = operations.flatMap((operation) =>
    operation.kind === 'create' && operation.document.type === 'customer'
      ? candidatesFor(operation.document, session.companyId, session.index).map(({ id }) => id)
      : [],
  );
  return [...new Set(ids)];
}
