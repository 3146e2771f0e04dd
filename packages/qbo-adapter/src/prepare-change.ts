import type { Prepared } from '@vesper/core/books';
import type { AccountingDocument, CustomerDocument } from '@vesper/core/document';
import type { Ledger, QuickbooksRecord } from '@vesper/core/ledger';
import type { Operation } from '@vesper/core/operation';
import type { Reason } from '@vesper/core/reason';
import { send, toPayload } from './batch-payload.ts';
import { type BooksSession, roomOf } from './books-session.ts';
import { closedReasonFor, redatedTo } from './closed-books.ts';
import { freeName } from './customer-match.ts';
import { toQboCustomer } from './documents/customer.ts';
import { depositProblem } from './deposit-check.ts';
import { appliedTo } from './documents/payment.ts';
import { compareRecord, toQbo } from './documents/to-qbo.ts';
import { cleanName, nameKey } from './names.ts';
import { covers, depositOf, isVoided, linksOf, toRecord } from './record.ts';
import { type Json, textAt } from './wire.ts';

type Change = Exclude<Operation, { kind: 'create' }>;

/**
 * Prepares an update, a void or a deletion of a record that was just read. Where a person has changed it in QuickBooks since we posted it, the
 * company's policy decides: hold, ours wins, theirs wins. A sync token that moved alone (balances, applied credits) is no such change.
 */
export async function prepareChange(session: BooksSession, operation: Change, ledger: Ledger): Promise<Prepared> {
  const { entity, id } = operation.quickbooks;
  if (operation.posted.type === 'customer') return prepareCustomerChange(session, operation, operation.posted);
  const current = session.records.get(`${entity}/${id}`);
  const refused = session.sentBack.get(operation.key);
  if (!current) return prepareGone(session, operation, ledger);
  if (refused?.code === 'reference_inactive') return { outcome: 'hold', reason: refused.reason };
  return operation.kind === 'update'
    ? prepareUpdate(session, operation, current, ledger)
    : prepareTakingBack(session, operation, current, ledger);
}

async function prepareUpdate(
  session: BooksSession,
  operation: Extract<Change, { kind: 'update' }>,
  current: Json,
  ledger: Ledger,
): Promise<Prepared> {
  const { document, quickbooks: before } = operation;
  const quickbooks = toRecord(before.entity, current);
  if (isVoided(current)) return byPolicy(session, quickbooks, ['voided in QuickBooks'], undefined);
  const wanted = toQbo(document, roomOf(session, ledger), openFor(session, document, current, ledger));
  if (wanted.outcome === 'hold') return wanted;
  const problem = document.type === 'deposit' ? depositProblem(session, document, ledger, before.id) : undefined;
  if (problem) return { outcome: 'hold', reason: problem };
  const movedTo = redatedTo(current);
  const { PrivateNote: _note, ...fields } = movedTo === undefined ? wanted.record : { ...wanted.record, TxnDate: movedTo };
  for (const date of new Set([textAt(current, 'TxnDate'), textAt(fields, 'TxnDate')])) {
    const closed = await closedReasonFor(session, date);
    if (closed) return { outcome: 'hold', reason: closed };
  }
  const ours = send(toPayload.update(before.entity, quickbooks, fields), false);
  const drift = driftOf(session, operation, current, ledger);
  if (drift.length > 0) return byPolicy(session, quickbooks, drift, ours);
  return covers(current, fields) ? { outcome: 'adopt', quickbooks } : ours;
}

function prepareTakingBack(session: BooksSession, operation: Exclude<Change, { kind: 'update' }>, current: Json, ledger: Ledger): Prepared {
  const { entity } = operation.quickbooks;
  const quickbooks = toRecord(entity, current);
  if (operation.kind === 'void' && isVoided(current)) return { outcome: 'adopt', quickbooks };
  const deposit = depositOf(current);
  if (deposit !== undefined) return { outcome: 'hold', reason: deposited(deposit) };
  const paid = entity === 'Invoice' ? linksOf(current).filter(({ type }) => type === 'Payment') : [];
  if (paid.length > 0) return { outcome: 'hold', reason: invoicePaid(paid.map(({ id }) => id)) };
  const payload = operation.kind === 'void' ? toPayload.void(entity, quickbooks) : toPayload.delete(entity, quickbooks);
  const drift = driftOf(session, operation, current, ledger);
  return drift.length > 0 ? byPolicy(session, quickbooks, drift, send(payload, false)) : send(payload, false);
}

/** The record is not in QuickBooks any more: taking it back is done; an update has nothing to change. */
function prepareGone(session: BooksSession, operation: Change, ledger: Ledger): Prepared {
  if (operation.kind !== 'update') return { outcome: 'adopt', quickbooks: operation.quickbooks };
  if (session.settings.onDrift !== 'ours') return { outcome: 'hold', reason: gone(operation.quickbooks) };
  const again = toQbo(operation.document, roomOf(session, ledger));
  return again.outcome === 'hold' ? again : send(toPayload.create(again.entity, again.record), false);
}

/** What a person changed, in words: the record now, beside what we posted. Differences known since posting are no drift. */
function driftOf(session: BooksSession, operation: Change, current: Json, ledger: Ledger): string[] {
  if (textAt(current, 'SyncToken') === operation.quickbooks.syncToken) return [];
  const posted = toQbo(operation.posted, roomOf(session, ledger));
  if (posted.outcome === 'hold') return [];
  const known = new Set(ledger.get(operation.key)?.differences);
  return compareRecord(operation.posted.type, current, posted.record).filter((difference) => !known.has(difference));
}

/** What an invoice can take from this payment: what it has open, and what the payment gives it already. */
function openFor(session: BooksSession, document: AccountingDocument, current: Json, ledger: Ledger): { openCents?: number } {
  const invoiceId = document.type === 'payment' ? ledger.get(document.invoiceKey)?.quickbooks?.id : undefined;
  const openCents = invoiceId === undefined ? undefined : session.openCents.get(invoiceId);
  if (invoiceId === undefined || openCents === undefined) return {};
  return { openCents: openCents + (appliedTo(current).get(invoiceId) ?? 0) };
}

function byPolicy(session: BooksSession, quickbooks: QuickbooksRecord, drift: string[], ours: Prepared | undefined): Prepared {
  switch (session.settings.onDrift) {
    case 'theirs':
      return { outcome: 'adopt', quickbooks, differences: drift };
    case 'ours':
      return ours ?? { outcome: 'hold', reason: edited(drift) };
    case 'hold':
      return { outcome: 'hold', reason: edited(drift) };
  }
}

/**
 * Only what changed on the platform is sent, so a phone number a bookkeeper added stays. A field that a person has changed in QuickBooks keeps their
 * value unless ours wins by policy; it is never held, since documents wait for their customer.
 */
async function prepareCustomerChange(session: BooksSession, operation: Change, posted: CustomerDocument): Promise<Prepared> {
  if (operation.kind !== 'update' || operation.document.type !== 'customer') return { outcome: 'hold', reason: customerStays() };
  const id = session.index.follow(operation.quickbooks.id);
  if (id !== operation.quickbooks.id) {
    const winner = session.index.customer(id);
    return {
      outcome: 'adopt',
      quickbooks: { entity: 'Customer', id, syncToken: winner?.syncToken ?? '0' },
      differences: ['merged in QuickBooks'],
    };
  }
  const current = session.records.get(`Customer/${id}`);
  if (!current) return { outcome: 'hold', reason: gone(operation.quickbooks) };
  const quickbooks = toRecord('Customer', current);
  if (textAt(current, 'Active') === 'false') return { outcome: 'hold', reason: inactive(textAt(current, 'DisplayName') ?? '') };
  const [before, after] = [fieldsOf(session, posted), fieldsOf(session, operation.document)];
  const changes: Json = {};
  const kept: string[] = [];
  for (const [field, value] of Object.entries(after)) {
    if (same(value, before[field]) || same(value, current[field])) continue;
    const theirs = !contains(current[field], before[field]);
    if (theirs && session.settings.onDrift !== 'ours') kept.push(`${field}: kept as changed in QuickBooks`);
    else changes[field] = value;
  }
  if (cleanName(posted.displayName, 'DisplayName').name !== cleanName(operation.document.displayName, 'DisplayName').name) {
    const isTaken = (name: string) => session.index.isTaken(name) && nameKey(name) !== nameKey(textAt(current, 'DisplayName') ?? '');
    changes['DisplayName'] = freeName(operation.document, isTaken);
  }
  if (Object.keys(changes).length === 0) return { outcome: 'adopt', quickbooks, ...(kept.length > 0 && { differences: kept }) };
  return send(toPayload.update('Customer', quickbooks, changes), true);
}

/** The fields of a customer but its names in lists and its notes, which are handled apart. */
function fieldsOf(session: BooksSession, document: CustomerDocument): Json {
  const result = toQboCustomer(document, { companyId: session.companyId, displayName: document.displayName });
  if (result.outcome === 'hold') return {};
  const { DisplayName: _name, Notes: _notes, ...fields } = result.record;
  return fields;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** QuickBooks adds ids and coordinates to addresses; what we sent must still be in it. */
function contains(current: unknown, sent: unknown): boolean {
  if (sent === undefined) return current === undefined;
  if (typeof sent !== 'object' || sent === null || typeof current !== 'object' || current === null) return same(current, sent);
  return Object.entries(sent).every(([key, value]) => same((current as Json)[key], value));
}

const edited = (drift: string[]): Reason => ({
  code: 'edited_in_quickbooks',
  message: `A person changed this record in QuickBooks since Vesper posted it (${drift.slice(0, 5).join('; ')}). Vesper does not overwrite that without being told.`,
  remedy:
    'Decide in the console whether the platform or QuickBooks is right for this document, or set the rule for all in the settings (onDrift).',
});

const gone = ({ entity, id }: QuickbooksRecord): Reason => ({
  code: 'deleted_in_quickbooks',
  message: `${entity} ${id} was deleted in QuickBooks, so there is nothing to change.`,
  remedy: 'Leave it deleted and cancel this, or let the platform win (onDrift) and replay, which posts it anew.',
});

const deposited = (depositId: string): Reason => ({
  code: 'deposited',
  message: `It stands in deposit ${depositId} in QuickBooks and is frozen there.`,
  remedy: 'Take it off that deposit in QuickBooks, then replay; or correct it by hand with a refund or a journal entry.',
});

const invoicePaid = (paymentIds: string[]): Reason => ({
  code: 'invoice_has_payment',
  message: `The invoice has payments in QuickBooks (${paymentIds.join(', ')}), so it is not taken back.`,
  remedy: 'Void or unlink the payments in QuickBooks first, or leave the invoice and refund the client; then replay.',
});

const inactive = (name: string): Reason => ({
  code: 'customer_inactive',
  message: `The customer "${name}" was made inactive in QuickBooks.`,
  remedy: 'Make the customer active again in QuickBooks; it is updated on the next evening.',
});

const customerStays = (): Reason => ({
  code: 'customer_stays',
  message: 'Customers are never deleted in QuickBooks.',
  remedy: 'Make the customer inactive in QuickBooks by hand if it should not be seen any more.',
});
