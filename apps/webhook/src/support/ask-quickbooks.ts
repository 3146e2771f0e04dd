import { isInBooks, type LedgerRecord } from '@vesper/core/ledger';
import type { DocumentKey } from '@vesper/core/document';
import type { Operation } from '@vesper/core/operation';
import type { Prepared } from '@vesper/core/books';
import { dependenciesOf } from '@vesper/core/document';
import type { Company } from '../company.ts';
import { planCompany, verdictsOf, type Verdict } from '../preview.ts';
import type { SupportRoom } from './support-room.ts';

/**
 * The verdicts of a preview, made certain by reading QuickBooks as a run would before it sends: which record would be linked instead of
 * created, what closed books or an inactive customer would hold. Nothing is written. Documents whose parents are not there yet keep the
 * verdict of the plan. A company that is not connected keeps all of them, with the reason why nothing can be sent.
 */
export async function askQuickbooks(room: SupportRoom, company: Company, subjects: readonly string[]): Promise<Verdict[]> {
  const chunks = await planCompany(room.store, company, room.clock.now(), { subjects });
  const opened = await room.openBooks(company, room.clock, { lookBeforeCreate: true });
  const verdicts = new Map<string, Verdict>();
  for (const chunk of chunks) {
    const operations = chunk.differences.filter((difference) => difference.kind !== 'none');
    const answers = new Map<DocumentKey, Prepared>();
    if (opened.outcome === 'open') {
      const ready = operations.filter((operation) => standsOnPosted(operation, chunk.ledger));
      const prepared = await opened.open.books.prepare(ready, chunk.ledger);
      ready.forEach(({ key }, index) => prepared[index] && answers.set(key, prepared[index]));
    }
    for (const verdict of verdictsOf(chunk)) {
      const sent = operations.some(({ key }) => key === verdict.key);
      const answer = sent ? (opened.outcome === 'open' ? answers.get(verdict.key) : refusal(opened.reason)) : undefined;
      const known = verdicts.get(verdict.key);
      if (!known || known.verdict === 'hold' || known.verdict === 'skip') verdicts.set(verdict.key, withAnswer(verdict, answer));
    }
  }
  return [...verdicts.values()];
}

/** All it needs is in the books now, so preparing it alone tells what a run would do. */
function standsOnPosted(operation: Operation, ledger: ReadonlyMap<DocumentKey, LedgerRecord>): boolean {
  if (!('document' in operation)) return true;
  return dependenciesOf(operation.document).every((key) => isInBooks(ledger.get(key)));
}

function refusal(reason: Extract<Prepared, { outcome: 'hold' }>['reason']): Prepared {
  return { outcome: 'fail', reason };
}

function withAnswer(verdict: Verdict, answer: Prepared | undefined): Verdict {
  switch (answer?.outcome) {
    case undefined:
    case 'send':
      return verdict;
    case 'adopt':
      return {
        ...verdict,
        verdict: 'link',
        message: `Already there: it would be linked to QuickBooks ${answer.quickbooks.entity} ${answer.quickbooks.docNumber ?? answer.quickbooks.id}; nothing new would be created.`,
        quickbooksId: answer.quickbooks.id,
        ...(answer.differences && { differences: answer.differences }),
      };
    case 'hold':
    case 'stop':
      return { ...verdict, verdict: 'hold', message: answer.reason.message, reason: answer.reason };
    case 'fail':
      return { ...verdict, verdict: 'refuse', message: answer.reason.message, reason: answer.reason };
  }
}
