import { type AccountingDocument, type DocumentKey, dependenciesOf } from '@vesper/core/document';
import { type Ledger, type LedgerRecord, isInBooks } from '@vesper/core/ledger';
import type { Plan, Waiting, Wanted } from '@vesper/core/plan';
import type { Reason } from '@vesper/core/reason';
import { subjectOfDocument } from './document-subject.ts';

type Former = NonNullable<LedgerRecord['former']>;

/**
 * A plan without what stands in the QuickBooks company the books were in before: it is neither posted a second time nor changed there, and what
 * belongs to it waits for a person, who alone knows in which books it is to be entered. Customers are made or found anew, when something needs them.
 */
export function leaveFormerBooks(plan: Plan, ledger: Ledger): Plan {
  if (!plan.documents.some((wanted) => [keyOf(wanted), ...neededBy(wanted)].some((key) => formerOf(ledger, key)))) return plan;
  const left: Plan = { documents: [], holds: [...plan.holds], skips: [...plan.skips] };
  const leaveOut = (list: Waiting[], key: DocumentKey, reason: Reason): void =>
    void list.push({ subject: subjectOfDocument(key) ?? key, key, reason });
  for (const wanted of plan.documents) {
    const key = keyOf(wanted);
    const former = formerOf(ledger, key);
    const parent = neededBy(wanted).find((other) => formerOf(ledger, other));
    if (former && wanted.presence === 'present' && isAlike(wanted.document, former.posted))
      leaveOut(left.skips, key, standsInFormerBooks(former));
    else if (former) leaveOut(left.holds, key, changeByHand(former, wanted));
    else if (parent !== undefined) leaveOut(left.holds, key, belongsToFormerBooks(parent, formerOf(ledger, parent) as Former));
    else left.documents.push(wanted);
  }
  const needed = new Set(left.documents.flatMap(neededBy));
  const idle = new Set(plan.documents.flatMap(neededBy).filter((key) => !needed.has(key)));
  return { ...left, documents: left.documents.filter((wanted) => !(typeOf(wanted) === 'customer' && idle.has(keyOf(wanted)))) };
}

function typeOf(wanted: Wanted): AccountingDocument['type'] {
  return wanted.presence === 'present' ? wanted.document.type : wanted.type;
}

function formerOf(ledger: Ledger, key: DocumentKey): Former | undefined {
  const record = ledger.get(key);
  return record === undefined || record.type === 'customer' || isInBooks(record) ? undefined : record.former;
}

function keyOf(wanted: Wanted): DocumentKey {
  return wanted.presence === 'present' ? wanted.document.key : wanted.key;
}

function neededBy(wanted: Wanted): DocumentKey[] {
  return wanted.presence === 'present' ? dependenciesOf(wanted.document) : [];
}

/** Which items and classes it goes to is a matter of the new books' settings. */
function isAlike(a: AccountingDocument, b: AccountingDocument): boolean {
  const [one, other] = [a, b].map((document) => [
    'totalCents' in document && document.totalCents,
    'date' in document && document.date,
    'docNumber' in document && document.docNumber,
  ]);
  return JSON.stringify(one) === JSON.stringify(other);
}

const describe = ({ realmId, quickbooks: { entity, id, docNumber } }: Former): string =>
  `${entity} ${docNumber ?? id} in the former QuickBooks company ${realmId}`;

export function standsInFormerBooks(former: Former): Reason {
  return {
    code: 'in_former_books',
    message: `It stands as ${describe(former)}, from before the books were moved.`,
    remedy: 'Nothing to do: Vesper neither changes it there nor posts it again here.',
  };
}

function changeByHand(former: Former, wanted: Wanted): Reason {
  const change = wanted.presence === 'present' ? 'It has changed on the platform since' : 'It should be taken back';
  return {
    code: 'change_in_former_books',
    message: `${change}, and it stands as ${describe(former)}, where Vesper changes nothing any more.`,
    remedy: 'Make the change by hand in the books it belongs to, then cancel this entry.',
  };
}

function belongsToFormerBooks(parent: DocumentKey, former: Former): Reason {
  return {
    code: 'belongs_to_former_books',
    message: `It belongs to ${parent}, which stands as ${describe(former)}.`,
    remedy: 'Enter it by hand in the books it belongs to, then cancel this entry.',
  };
}
