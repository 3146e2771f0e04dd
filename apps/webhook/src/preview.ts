import type { AccountingDocument } from '@vesper/core/document';
import { localDate } from '@vesper/core/local-date';
import type { Difference } from '@vesper/core/plan';
import type { Reason } from '@vesper/core/reason';
import { planInspections, planPayouts, type PlannedChunk } from '@vesper/outbox/flush-plan';
import { collectWork } from '@vesper/outbox/flush-work';
import type { Store } from '@vesper/outbox/store';
import type { z } from 'zod';
import type { Company } from './company.ts';
import { documentDifferences } from './document-differences.ts';
import type { verdict } from './routes/schemas.ts';
import type { Correction } from './support/correction.ts';
import { correctedRules } from './support/corrections.ts';

export type Verdict = z.infer<typeof verdict>;

export interface PreviewScope {
  /** Only what these subjects lead to; everything that is due otherwise. */
  subjects?: readonly string[];
  /** Corrections that are not in force, to see what they would change. */
  corrections?: readonly Correction[];
}

/** What a run would do now, document by document, with the same fold, plan and diff; nothing is written and QuickBooks is not asked. */
export async function previewCompany(store: Store, company: Company, nowMs: number, scope: PreviewScope = {}): Promise<Verdict[]> {
  const verdicts = new Map<string, Verdict>();
  for (const chunk of await planCompany(store, company, nowMs, scope)) {
    for (const verdict of verdictsOf(chunk)) if (!isCertain(verdicts.get(verdict.key))) verdicts.set(verdict.key, verdict);
  }
  return [...verdicts.values()];
}

/** The plan behind a preview: first inspections, then payouts set against them. */
export async function planCompany(
  store: Store,
  company: Company,
  nowMs: number,
  { subjects, corrections }: PreviewScope = {},
): Promise<PlannedChunk[]> {
  const rules = await correctedRules(store, company, corrections);
  const today = localDate(new Date(nowMs).toISOString(), rules.settings.timezone);
  const room = { store, companyId: company.id, today, ...rules };
  const due = await collectWork(store, company.id, subjects);
  const inspections = await planInspections(room, due.inspectionIds);
  const payouts = await planPayouts(room, [...new Set([...due.payoutIds, ...inspections.payoutIds])], inspections.plan.documents);
  return [inspections, payouts];
}

export function verdictsOf(chunk: PlannedChunk): Verdict[] {
  return [
    ...chunk.differences.map((difference) => verdictOf(difference, chunk)),
    ...chunk.plan.holds.map(({ subject, key, reason }) => waiting(key ?? subject, 'hold', reason)),
    ...chunk.plan.skips.map(({ subject, key, reason }) => waiting(key ?? subject, 'skip', reason)),
  ];
}

/** What is sent is said before what is remarked about the same document. */
function isCertain(verdict: Verdict | undefined): boolean {
  return verdict !== undefined && verdict.verdict !== 'hold' && verdict.verdict !== 'skip';
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
      return { ...known, ...nothingToDo(difference.why, record?.reason) };
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

function nothingToDo(
  why: Extract<Difference, { kind: 'none' }>['why'],
  reason: Reason | undefined,
): Pick<Verdict, 'verdict' | 'message' | 'reason'> {
  switch (why) {
    case 'already_there':
      return { verdict: 'already_there', message: 'Already there: QuickBooks agrees, nothing would be sent.' };
    case 'newer_there':
      return { verdict: 'already_there', message: 'Already there, with newer data of this customer; nothing would be sent.' };
    case 'already_gone':
      return { verdict: 'nothing', message: 'It was taken back before; nothing would be sent.' };
    case 'never_posted':
      return { verdict: 'nothing', message: 'It was never posted, so there is nothing to take back.' };
    case 'outcome_unknown':
      return {
        verdict: 'unknown',
        message: 'It, or something it needs, was sent before and no answer came back: that is looked for first.',
        ...(reason && { reason }),
      };
    case 'dependency_missing':
      return {
        verdict: 'hold',
        message: 'It waits for a document it needs, which is neither in QuickBooks nor about to be.',
        ...(reason && { reason }),
      };
  }
}

function waiting(key: string, verdict: 'hold' | 'skip', reason: Reason): Verdict {
  return { key, type: key.slice(0, key.indexOf('/')), verdict, message: reason.message, reason };
}

function totalOf(document: AccountingDocument): { totalCents?: number; docNumber?: string } {
  return {
    ...('totalCents' in document && { totalCents: document.totalCents }),
    ...('docNumber' in document && { docNumber: document.docNumber }),
  };
}
