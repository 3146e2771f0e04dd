import { type AccountingDocument, type DocumentKey, dependenciesOf } from './document.ts';
import { type Ledger, type LedgerRecord, isInBooks } from './ledger.ts';
import { compareInstants } from './local-date.ts';
import type { Operation } from './operation.ts';
import type { Difference, NothingToDo, Wanted } from './plan.ts';
import { keyOf } from './plan-draft.ts';
import { isSameDocument } from './same-document.ts';

/**
 * What each wanted document needs so that the books agree, one answer for each, in the same order. Of a settled state every answer is
 * `none`, so running it again can never post twice. `wanted` holds each key once (`mergePlans`).
 *
 * `after` names the operations of this set that must settle first: those on its dependencies, and before something is voided or
 * deleted, those that let go of it (a deposit that gives up a payment before the payment is voided, payments before their invoice);
 * and before a payment is applied, those that take another payment off its invoice.
 */
export function diff(wanted: readonly Wanted[], ledger: Ledger): Difference[] {
  const changes = new Map(wanted.map((one) => [keyOf(one), changeOf(one, ledger.get(keyOf(one)))]));
  const holders = holdersOf(changes, ledger);
  const takenBack = paymentsTakenBack(changes);
  const leavingBefore = (document: AccountingDocument) => (document.type === 'payment' ? (takenBack.get(document.invoiceKey) ?? []) : []);
  const settled = new Map<DocumentKey, Difference>();

  const settle = (key: DocumentKey, change: Change): Difference => {
    const known = settled.get(key);
    if (known) return known;
    const difference = inOrder(key, change);
    settled.set(key, difference);
    return difference;
  };
  const inOrder = (key: DocumentKey, change: Change): Difference => {
    if (change.kind === 'none') return { key, ...change };
    const after: DocumentKey[] = [];
    /** Whether the document may go as far as `other` is concerned; if so, and `other` has an operation, after it. */
    const comesAfter = (other: DocumentKey, lack: typeof unknownOf): NothingToDo | undefined => {
      const theirs = changes.get(other);
      const difference = theirs && settle(other, theirs);
      const why = lack(difference);
      if (!why && difference && difference.kind !== 'none') after.push(other);
      return why;
    };
    if (isRemoval(change)) {
      for (const other of holders.get(key) ?? []) {
        const why = comesAfter(other, unknownOf);
        if (why) return { key, kind: 'none', why };
      }
      return { key, ...change, after };
    }
    for (const other of new Set(dependenciesOf(change.document))) {
      const why = comesAfter(other, (difference) => lackOf(change, { other, difference, record: ledger.get(other) }));
      if (why) return { key, kind: 'none', why };
    }
    for (const other of leavingBefore(change.document)) {
      const why = comesAfter(other, unknownOf);
      if (why) return { key, kind: 'none', why };
    }
    return { key, ...change, after };
  };
  return [...changes].map(([key, change]) => settle(key, change));
}

/** Payments taken back, by the invoice they leave: QuickBooks applies another payment only to what is open by then. */
function paymentsTakenBack(changes: ReadonlyMap<DocumentKey, Change>): Map<DocumentKey, DocumentKey[]> {
  const taken = new Map<DocumentKey, DocumentKey[]>();
  for (const [key, change] of changes) {
    if (!isRemoval(change) || change.posted.type !== 'payment') continue;
    const { invoiceKey } = change.posted;
    taken.set(invoiceKey, [...(taken.get(invoiceKey) ?? []), key]);
  }
  return taken;
}

type WithoutOrder<Of> = Of extends Operation ? Omit<Of, 'key' | 'after'> : never;
type Change = { kind: 'none'; why: NothingToDo } | WithoutOrder<Operation>;
type Removal = Extract<Change, { kind: 'void' | 'delete' }>;

function isRemoval(change: Change): change is Removal {
  return change.kind === 'void' || change.kind === 'delete';
}

/** The change a document needs, taken alone. */
function changeOf(wanted: Wanted, record: LedgerRecord | undefined): Change {
  if (isUnknown(record)) return { kind: 'none', why: 'outcome_unknown' };
  if (wanted.presence === 'absent') {
    if (isInBooks(record)) return { kind: wanted.how, posted: record.posted, quickbooks: record.quickbooks };
    return { kind: 'none', why: record?.state === 'voided' ? 'already_gone' : 'never_posted' };
  }
  const { document } = wanted;
  if (!isInBooks(record)) return { kind: 'create', document };
  const { posted, quickbooks } = record;
  if (isSameDocument(document, posted)) return { kind: 'none', why: 'already_there' };
  if (document.type === 'customer' && posted.type === 'customer' && compareInstants(posted.asOf, document.asOf) > 0) {
    return { kind: 'none', why: 'newer_there' };
  }
  return { kind: 'update', document, posted, quickbooks };
}

/** A batch with it may be on the wire: whatever else is wanted, its outcome must be known first. */
function isUnknown(record: LedgerRecord | undefined): boolean {
  return record?.state === 'sealed' || record?.state === 'unknown';
}

/** By document, what of this set stands on it in the books and will no longer, or may do so. */
function holdersOf(changes: ReadonlyMap<DocumentKey, Change>, ledger: Ledger): Map<DocumentKey, DocumentKey[]> {
  const holders = new Map<DocumentKey, DocumentKey[]>();
  for (const [key, change] of changes) {
    if (change.kind === 'create' || (change.kind === 'none' && change.why !== 'outcome_unknown')) continue;
    const posted = ledger.get(key)?.posted;
    if (!posted) continue;
    const kept = new Set(change.kind === 'update' ? dependenciesOf(change.document) : []);
    for (const other of new Set(dependenciesOf(posted))) {
      if (kept.has(other)) continue;
      const list = holders.get(other);
      if (list) list.push(key);
      else holders.set(other, [key]);
    }
  }
  return holders;
}

/** Why a removal must wait: something that may still stand on the document. */
function unknownOf(difference: Difference | undefined): NothingToDo | undefined {
  return difference?.kind === 'none' && difference.why === 'outcome_unknown' ? 'outcome_unknown' : undefined;
}

/** Why a document must wait for one it depends on: it neither is in the books nor is about to be. */
function lackOf(
  change: Exclude<Change, Removal | { kind: 'none' }>,
  { other, difference, record }: { other: DocumentKey; difference: Difference | undefined; record: LedgerRecord | undefined },
): NothingToDo | undefined {
  if (difference?.kind === 'void' || difference?.kind === 'delete') return 'dependency_missing';
  if (difference?.kind === 'create' || difference?.kind === 'update' || isInBooks(record)) return undefined;
  if (change.kind === 'update' && dependenciesOf(change.posted).includes(other)) return undefined;
  return isUnknown(record) || unknownOf(difference) ? 'outcome_unknown' : 'dependency_missing';
}
