import { type DocumentKey, dependenciesOf } from './document.ts';
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
 * `after` names the operations of this set that must settle first: those on its dependencies, and those that let go of what it needs for
 * itself (a deposit gives up a payment before the payment is voided, or goes to another deposit; a payment leaves an invoice before that is
 * voided, or another is applied to it).
 */
export function diff(wanted: readonly Wanted[], ledger: Ledger): Difference[] {
  const changes = new Map(wanted.map((one) => [keyOf(one), changeOf(one, ledger.get(keyOf(one)))]));
  const leaving = leavingOf(changes, ledger);
  const settled = new Map<DocumentKey, Difference>();
  const underWay = new Set<DocumentKey>();

  const settle = (key: DocumentKey, change: Change): Difference => {
    const known = settled.get(key);
    if (known) return known;
    underWay.add(key);
    const difference = inOrder(key, change);
    underWay.delete(key);
    settled.set(key, difference);
    return difference;
  };
  const inOrder = (key: DocumentKey, change: Change): Difference => {
    if (change.kind === 'none') return { key, ...change };
    const after = new Set<DocumentKey>();
    for (const other of dependenciesAfter(change)) {
      const difference = settleOther(other);
      const why = lackOf(change, { other, difference, record: ledger.get(other) });
      if (why) return { key, kind: 'none', why };
      if (difference && difference.kind !== 'none') after.add(other);
    }
    for (const other of exclusivesOf(key, change).flatMap((exclusive) => leaving.get(exclusive) ?? [])) {
      // Two that each wait for the other to let go have no order; QuickBooks says which of them it takes.
      if (other === key || underWay.has(other)) continue;
      const difference = settleOther(other);
      if (isUnsure(difference)) return { key, kind: 'none', why: 'outcome_unknown' };
      if (difference && difference.kind !== 'none') after.add(other);
    }
    return { key, ...change, after: [...after] };
  };
  const settleOther = (key: DocumentKey): Difference | undefined => {
    const change = changes.get(key);
    return change && settle(key, change);
  };
  return [...changes].map(([key, change]) => settle(key, change));
}

function dependenciesAfter(change: Exclude<Change, { kind: 'none' }>): DocumentKey[] {
  return isRemoval(change) ? [] : dependenciesOf(change.document);
}

/**
 * What others must let go of before this change: what is removed itself; the invoice a payment is applied to, which takes no more than it has
 * open; the documents of a deposit, which stand in one deposit only.
 */
function exclusivesOf(key: DocumentKey, change: Exclude<Change, { kind: 'none' }>): DocumentKey[] {
  if (isRemoval(change)) return [key];
  if (change.document.type === 'payment') return [change.document.invoiceKey];
  return change.document.type === 'deposit' ? dependenciesOf(change.document) : [];
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
  if (isSameDocument(document, posted) && !record.restore) return { kind: 'none', why: 'already_there' };
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
function leavingOf(changes: ReadonlyMap<DocumentKey, Change>, ledger: Ledger): Map<DocumentKey, DocumentKey[]> {
  const leaving = new Map<DocumentKey, DocumentKey[]>();
  for (const [key, change] of changes) {
    if (change.kind === 'create' || (change.kind === 'none' && change.why !== 'outcome_unknown')) continue;
    const posted = ledger.get(key)?.posted;
    if (!posted) continue;
    const kept = new Set(change.kind === 'update' ? dependenciesOf(change.document) : []);
    for (const other of new Set(dependenciesOf(posted))) {
      if (kept.has(other)) continue;
      const list = leaving.get(other);
      if (list) list.push(key);
      else leaving.set(other, [key]);
    }
  }
  return leaving;
}

function isUnsure(difference: Difference | undefined): boolean {
  return difference?.kind === 'none' && difference.why === 'outcome_unknown';
}

/** Why a document must wait for one it depends on: it neither is in the books nor is about to be. */
function lackOf(
  change: Exclude<Change, { kind: 'none' }>,
  { other, difference, record }: { other: DocumentKey; difference: Difference | undefined; record: LedgerRecord | undefined },
): NothingToDo | undefined {
  if (difference?.kind === 'void' || difference?.kind === 'delete') return 'dependency_missing';
  if (difference?.kind === 'create' || difference?.kind === 'update' || isInBooks(record)) return undefined;
  if (change.kind === 'update' && dependenciesOf(change.posted).includes(other)) return undefined;
  return isUnknown(record) || isUnsure(difference) ? 'outcome_unknown' : 'dependency_missing';
}
