import type { AccountingDocument } from '@vesper/core/document';
import { localDate } from '@vesper/core/local-date';
import type { Difference } from '@vesper/core/plan';
import { planInspections, planPayouts, type PlannedChunk } from '@vesper/outbox/flush-plan';
import { collectWork } from '@vesper/outbox/flush-work';
import type { Store } from '@vesper/outbox/store';
import type { z } from 'zod';
import type { Company } from './company.ts';
import { documentDifferences } from './document-differences.ts';
import type { verdict } from './routes/schemas.ts';

export type Verdict = z.infer<typeof verdict>;

/** What a run would do now, document by document, with the same fold, plan and diff; nothing is written and QuickBooks is not asked. */
export async function previewCompany(
  store: Store,
  { id, settings }: Company,
  nowMs: number,
  subjects?: readonly string[],
): Promise<Verdict[]> {
  const room = { store, companyId: id, settings, today: localDate(new Date(nowMs).toISOString(), settings.timezone) };
  const due = await collectWork(store, id, subjects);
  const inspections = await planInspections(room, due.inspectionIds);
  const payouts = await planPayouts(room, [...new Set([...due.payoutIds, ...inspections.payoutIds])], inspections.plan.documents);
  const verdicts = new Map<string, Verdict>();
  for (const chunk of [inspections, payouts]) for (const verdict of verdictsOf(chunk)) verdicts.set(verdict.key, verdict);
  return [...verdicts.values()];
}

export function verdictsOf(chunk: PlannedChunk): Verdict[] {
  return [
    ...chunk.differences.map((difference) => verdictOf(difference, chunk)),
    ...chunk.plan.holds.map(({ subject, key, reason }) => waiting(key ?? subject, 'hold', reason)),
    ...chunk.plan.skips.map(({ subject, key, reason }) => waiting(key ?? subject, 'skip', reason)),
  ];
}

function verdictOf(difference: Difference, { ledger }: PlannedChunk): Verdict {
  const { key } = difference;
  const record = ledger.get(key);
  const known = {
    key,
    type: key.slice(0, key.indexOf('/')),
    ...(record?.quickbooks?.docNumber !== undefined && { docNumber: record.quickbooks.docNumber }),
    ...(record?.quickbooks && { quickbooksId: record.quickbooks.id }),
  };
  switch (difference.kind) {
    case 'none':
      if (difference.why === 'outcome_unknown')
        return {
          ...known,
          verdict: 'unknown',
          message: 'Sent before, and no answer came back: it is looked for first.',
          ...(record?.reason && { reason: record.reason }),
        };
      return { ...known, verdict: 'already_there', message: 'QuickBooks already agrees; nothing would be sent.' };
    case 'create':
      return { ...known, ...totalOf(difference.document), verdict: 'create', message: 'It would be created.' };
    case 'update':
      return {
        ...known,
        ...totalOf(difference.document),
        verdict: 'update',
        message: 'It would be updated.',
        differences: documentDifferences(difference.posted, difference.document),
      };
    case 'void':
      return { ...known, verdict: 'void', message: 'It would be voided.' };
    case 'delete':
      return { ...known, verdict: 'delete', message: 'It would be deleted.' };
  }
}

function waiting(key: string, verdict: 'hold' | 'skip', reason: NonNullable<Verdict['reason']>): Verdict {
  return { key, type: key.slice(0, key.indexOf('/')), verdict, message: reason.message, reason };
}

function totalOf(document: AccountingDocument): { totalCents?: number; docNumber?: string } {
  return {
    ...('totalCents' in document && { totalCents: document.totalCents }),
    ...('docNumber' in document && { docNumber: document.docNumber }),
  };
}
