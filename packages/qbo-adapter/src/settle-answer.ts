import type { ItemOutcome, SealedBytes, SendOutcome } from '@vesper/core/books';
import type { AccountingDocument } from '@vesper/core/document';
import type { Operation } from '@vesper/core/operation';
import type { Reason } from '@vesper/core/reason';
import { type BatchPayload, readBatch, takesBack } from './batch-payload.ts';
import { type BooksSession, noteRecord } from './books-session.ts';
import { appliedTo } from './documents/payment.ts';
import { compareCents } from './documents/sales-lines.ts';
import { compareRecord } from './documents/to-qbo.ts';
import { faultIn } from './fault.ts';
import { type Verdict, classifyFault } from './faults.ts';
import { nameKey } from './names.ts';
import { isVoided, toRecord } from './record.ts';
import { type Json, centsAt, listAt, objectAt, textAt } from './wire.ts';

/** What an answered batch says of each item: by bId, whatever their order. A bId answered twice in different words proves nothing. */
export function settleAnswer(session: BooksSession, batch: SealedBytes, json: Json, intuitTid: string | undefined): SendOutcome {
  const sent = readBatch(batch.body);
  const answers = new Map<string, Json[]>();
  for (const answer of listAt(json, 'BatchItemResponse')) {
    const bId = textAt(answer, 'bId');
    if (bId !== undefined) answers.set(bId, [...(answers.get(bId) ?? []), answer]);
  }
  const items = new Map<string, ItemOutcome>();
  for (const { bId, operation } of batch.items) {
    const [answer, ...more] = answers.get(bId) ?? [];
    const payload = sent.get(bId);
    if (!answer || !payload) continue;
    const contradicted = more.some((other) => JSON.stringify(other) !== JSON.stringify(answer));
    items.set(
      bId,
      contradicted ? { outcome: 'unknown', reason: CONTRADICTED } : settleItem(session, operation, payload, answer, intuitTid),
    );
  }
  return { outcome: 'answered', items, ...(intuitTid !== undefined && { intuitTid }) };
}

function settleItem(
  session: BooksSession,
  operation: Operation,
  payload: BatchPayload,
  answer: Json,
  intuitTid: string | undefined,
): ItemOutcome {
  const fault = faultIn(answer);
  if (fault) {
    const verdict = classifyFault({ status: 400, ...fault, ...(intuitTid !== undefined && { intuitTid }) });
    return settleFault(session, { operation, payload }, verdict);
  }
  const record = objectAt(answer, payload.entity);
  if (!record || textAt(record, 'Id') === undefined) return { outcome: 'unknown', reason: EMPTY };
  noteRecord(session, payload.entity, record);
  session.sentBack.delete(operation.key);
  if (takesBack(payload)) {
    // Its invoice is open again by an amount only QuickBooks knows: the next payment asks.
    if (payload.entity === 'Payment') session.openCents.clear();
    return settleTakenBack(operation, payload, record);
  }
  notePaid(session, payload, record);
  const { document } = operation as Extract<Operation, { document: unknown }>;
  const differences = [
    ...compareRecord(document.type, record, payload.record),
    ...redated(document, payload),
    ...clamped(session, document, payload),
  ];
  return { outcome: 'posted', quickbooks: toRecord(payload.entity, record), ...(differences.length > 0 && { differences }) };
}

function settleTakenBack(operation: Operation, payload: BatchPayload, record: Json): ItemOutcome {
  const before = operation.kind === 'create' ? undefined : operation.quickbooks;
  if (textAt(record, 'status') === 'Deleted') {
    return {
      outcome: 'posted',
      quickbooks: { entity: payload.entity, id: textAt(record, 'Id') ?? '', syncToken: before?.syncToken ?? '0' },
    };
  }
  const quickbooks = toRecord(payload.entity, record);
  const differences = isVoided(record) || centsAt(record, 'TotalAmt') === 0 ? [] : ['voided, but QuickBooks still shows an amount'];
  return { outcome: 'posted', quickbooks, ...(differences.length > 0 && { differences }) };
}

/**
 * An item's fault, in the port's words. Nothing here concludes "not written" from a fault that may lie (10000, the transient 6000), and what stops
 * the whole company stops this run's next batches as well.
 */
function settleFault(
  session: BooksSession,
  { operation, payload }: { operation: Operation; payload: BatchPayload },
  { class: kind, reason }: Verdict,
): ItemOutcome {
  forgetOpenAmount(session, operation);
  switch (kind) {
    case 'unknown':
      return { outcome: 'unknown', reason };
    case 'stop':
    case 'refresh':
      session.halted ??= reason;
      return { outcome: 'hold', reason };
    case 'retry':
    case 'reread':
      session.sentBack.set(operation.key, { code: reason.code, reason });
      if (reason.code === 'name_taken') noteNameTaken(session, payload);
      return { outcome: 'again', reason };
    case 'split':
    case 'fail': {
      const outcome = isFirstOverpayment(session, operation, reason) ? 'again' : 'fail';
      return { outcome, reason, ...(mayBeSaved(operation, reason) && { unproven: true }) };
    }
    case 'adopt':
      return { outcome: 'hold', reason };
    case 'hold': {
      const moved = operation.kind !== 'create' && reason.code === 'reference_inactive' && !session.sentBack.has(operation.key);
      session.sentBack.set(operation.key, { code: reason.code, reason });
      return moved ? { outcome: 'again', reason } : { outcome: 'hold', reason };
    }
  }
}

/** Among all refusals by 6000 only words tell the one after which the record may be saved, and words come in the user's language. */
function mayBeSaved(operation: Operation, { quickbooks }: Reason): boolean {
  return operation.kind === 'create' && quickbooks?.code === '6000';
}

/** A payment refused by a business rule may have met an invoice that was paid meanwhile: once, the open amount is read again and it is tried anew. */
function isFirstOverpayment(session: BooksSession, operation: Operation, reason: Reason): boolean {
  if (operation.kind !== 'create' || operation.document.type !== 'payment') return false;
  if (reason.code !== 'refused_by_quickbooks' || session.sentBack.has(operation.key)) return false;
  session.sentBack.set(operation.key, { code: reason.code, reason });
  return true;
}

/** Whoever holds the name is found by catching up; if nobody is seen to, the suffix is used all the same. */
function noteNameTaken(session: BooksSession, { record }: BatchPayload): void {
  session.namesStale = true;
  session.reservedNames.set(nameKey(textAt(record, 'DisplayName') ?? ''), '');
}

/** The answer of a payment lowers what its invoice has open; it was reserved when it was prepared. */
function notePaid(session: BooksSession, payload: BatchPayload, record: Json): void {
  if (payload.entity !== 'Payment' || payload.operation !== 'update') return;
  for (const line of listAt(record, 'Line')) {
    for (const link of listAt(line, 'LinkedTxn')) session.openCents.delete(textAt(link, 'TxnId') ?? '');
  }
}

/** A payment that did not go through frees what it had reserved: the next one asks QuickBooks. */
function forgetOpenAmount(session: BooksSession, operation: Operation): void {
  if (operation.kind === 'create' && operation.document.type === 'payment') session.openCents.clear();
}

function redated(document: AccountingDocument, { record }: BatchPayload): string[] {
  const date = textAt(record, 'TxnDate');
  return document.type === 'customer' || date === undefined || date === document.date ? [] : [`date: ${date} instead of ${document.date}`];
}

/** A payment of which the invoice could take less than the platform thinks: somebody paid it otherwise. */
function clamped(session: BooksSession, document: AccountingDocument, { record }: BatchPayload): string[] {
  if (document.type !== 'payment') return [];
  const invoiceId = session.ledger.get(document.invoiceKey)?.quickbooks?.id;
  return invoiceId === undefined
    ? []
    : compareCents(`applied to invoice ${invoiceId}`, appliedTo(record).get(invoiceId) ?? 0, document.applyCents);
}

const CONTRADICTED: Reason = {
  code: 'answered_twice',
  message: 'QuickBooks answered this document twice in one batch, with different words.',
  remedy: 'Vesper asks again under the same request id, then looks in QuickBooks.',
};

const EMPTY: Reason = {
  code: 'answer_empty',
  message: 'QuickBooks answered this document with neither a record nor a fault.',
  remedy: 'Vesper asks again under the same request id, then looks in QuickBooks.',
};
