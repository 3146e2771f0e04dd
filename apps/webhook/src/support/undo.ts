import { type DocumentKey, dependenciesOf } from '@vesper/core/document';
import { isInBooks, type LedgerRecord } from '@vesper/core/ledger';
import type { Reason } from '@vesper/core/reason';
import type { RunRecord } from '@vesper/outbox/run';
import { planUndo as planOperations } from '@vesper/qbo-adapter/undo';
import { loadCompany, type Company } from '../company.ts';
import { runCompany } from '../company-run.ts';
import { mayReach } from '../people/reach.ts';
import { takenBack } from './adjust-plan.ts';
import { changedDocuments, type ChangedDocument } from './changed-documents.ts';
import type { Correction } from './correction.ts';
import { keepCorrection, replaceCorrection } from './corrections.ts';
import { subjectOfDocument } from './document-subject.ts';
import { instantOf, noteAct } from './note-act.ts';
import { runUnderWay } from './run-under-way.ts';
import type { Act, Agent, SupportRoom } from './support-room.ts';

/** What to take back: documents, with whatever stands on them where wanted, or all that one run created. */
export type UndoTarget = { keys: readonly DocumentKey[]; withDependents?: boolean } | { runId: string };

interface UndoDocument {
  key: DocumentKey;
  how: 'void' | 'delete';
  docNumber?: string;
  quickbooksId: string;
  totalCents?: number;
}

const MOST_NAMED = 5;

export type UndoPlan =
  | { outcome: 'not_found'; message: string }
  | { outcome: 'refused'; message: string; reason: Reason }
  /** `stays` are left as they are, each with why; `dependents` stand on what is taken back and are not part of it. */
  | { outcome: 'plan'; takeBack: UndoDocument[]; stays: { key: DocumentKey; reason: Reason }[]; dependents: DocumentKey[] };

export type UndoOutcome =
  | Exclude<UndoPlan, { outcome: 'plan' }>
  | { outcome: 'nothing_to_undo'; message: string; stays: { key: DocumentKey; reason: Reason }[] }
  /**
   * `changed` is what really changed, `stays` what was left or QuickBooks refused to give up, each with why. What was taken back stays out of
   * QuickBooks until `correction` is reverted.
   */
  | {
      outcome: 'undone';
      message: string;
      changed: ChangedDocument[];
      run: RunRecord;
      correction: Correction;
      stays: { key: DocumentKey; reason: Reason }[];
    }
  /** Decided and kept; a run of the company is under way, and the next run takes them back. */
  | { outcome: 'busy'; message: string; correction: Correction };

export type UndoRequest = { who: Agent; companyId: string; target: UndoTarget };

/** What an undo would take back and what it would leave, after reading the records in QuickBooks. Nothing is written. */
export async function planUndo(room: SupportRoom, { who, companyId, target }: UndoRequest): Promise<UndoPlan> {
  const company = mayReach(who, companyId) ? await loadCompany(room.store, companyId) : undefined;
  return company ? planFor(room, company, target) : { outcome: 'not_found', message: `There is no company ${companyId}.` };
}

/** Takes documents back, through the same runs and sealed batches as everything else, and keeps them out of QuickBooks. */
export async function undo(room: SupportRoom, { who, why, companyId, target }: UndoRequest & Act): Promise<UndoOutcome> {
  const { store, clock } = room;
  const plan = await planUndo(room, { who, companyId, target });
  if (plan.outcome !== 'plan') return plan;
  const { takeBack, stays } = plan;
  if (takeBack.length === 0)
    return {
      outcome: 'nothing_to_undo',
      stays,
      message: stays.map(({ key, reason }) => `${key}: ${reason.message}`).join(' ') || 'Nothing of it is in QuickBooks.',
    };
  const keys = takeBack.map(({ key }) => key);
  const before = await store.ledger(companyId, keys);
  const correction: Correction = {
    id: clock.newId(),
    companyId,
    fix: { kind: 'take_back', documents: takeBack.map(({ key, how }) => ({ key, how })) },
    madeBy: who.name,
    madeAt: instantOf(room),
    why,
  };
  await noteAct(
    room,
    { who, why },
    {
      action: 'runId' in target ? 'run.undo' : 'document.undo',
      companyId,
      subject: 'runId' in target ? `run/${target.runId}` : `document/${keys[0]}`,
      before: takeBack,
      after: correction,
    },
  );
  await keepCorrection(store, correction);
  const subjects = [...new Set(keys.flatMap((key) => subjectOfDocument(key) ?? []))];
  const ran = await runCompany(room, { companyId, trigger: 'replay', clock, subjects, signal: room.signal, withoutTotals: true });
  switch (ran.outcome) {
    case 'unknown_company':
    case 'exists':
      throw new Error(`an undo of ${companyId} ended as ${ran.outcome}`);
    case 'closed':
      return { outcome: 'refused', message: `${ran.reason.message} ${ran.reason.remedy}`, reason: ran.reason };
    case 'busy': {
      for (const { id } of await store.entriesByRefs(companyId, subjects)) await store.moveEntry({ id, from: ['posted'], to: 'pending' });
      return { outcome: 'busy', correction, message: `${await runUnderWay(room, companyId)} They are taken back by the next run.` };
    }
    case 'ran': {
      const after = await store.ledger(companyId, keys);
      await markEntries(room, companyId, correction, after);
      const changed = changedDocuments(before, after);
      const gone = changed.filter((document) => document.after === 'voided');
      const refused = [...after.values()].flatMap(({ key, state, reason }) =>
        reason && (state === 'held' || state === 'failed') ? [{ key, reason }] : [],
      );
      // What is reconciled, QuickBooks itself refuses: it is left alone from now on, not tried again each evening.
      const kept = withoutDocuments(correction, new Set(refused.map(({ key }) => key)));
      if (kept !== correction) await replaceCorrection(store, kept);
      return {
        outcome: 'undone',
        message: [
          `${gone.length} of ${keys.length} taken back from QuickBooks.`,
          ...refused.slice(0, MOST_NAMED).map(({ key, reason }) => `${key} stays: ${reason.message}`),
          ...(refused.length > MOST_NAMED ? [`${refused.length - MOST_NAMED} more stay.`] : []),
        ].join(' '),
        changed,
        run: ran.run,
        correction: kept,
        stays: [...stays, ...refused],
      };
    }
  }
}

function withoutDocuments(correction: Correction, keys: ReadonlySet<DocumentKey>): Correction {
  const { fix } = correction;
  if (fix.kind !== 'take_back' || keys.size === 0) return correction;
  return { ...correction, fix: { ...fix, documents: fix.documents.filter(({ key }) => !keys.has(key)) } };
}

async function planFor(room: SupportRoom, company: Company, target: UndoTarget): Promise<UndoPlan> {
  const { store } = room;
  const records = await recordsOf(room, company.id, target);
  if (records.length === 0) return { outcome: 'not_found', message: 'Nothing is known of such documents.' };
  const opened = room.clientOf(company);
  if (opened.outcome === 'closed')
    return { outcome: 'refused', message: `${opened.reason.message} ${opened.reason.remedy}`, reason: opened.reason };
  const planned = await planOperations(opened.client, records);
  if (planned.outcome === 'failed') {
    const { reason } = planned.verdict;
    return { outcome: 'refused', message: `${reason.message} ${reason.remedy}`, reason };
  }
  const { operations, skipped } = planned.value;
  const asked = new Set(records.map(({ key }) => key));
  const notThere = records.filter((record) => !isInBooks(record)).map(({ key, state }) => ({ key, reason: notInBooks(state) }));
  const dependents = (await dependentsOf(store, company.id, records)).filter(({ key }) => !asked.has(key)).map(({ key }) => key);
  return {
    outcome: 'plan',
    takeBack: operations.flatMap((operation) => {
      if (operation.kind !== 'void' && operation.kind !== 'delete') return [];
      const { key, kind, quickbooks } = operation;
      return [
        {
          key,
          how: kind,
          ...(quickbooks.docNumber !== undefined && { docNumber: quickbooks.docNumber }),
          quickbooksId: quickbooks.id,
          ...(quickbooks.totalCents !== undefined && { totalCents: quickbooks.totalCents }),
        },
      ];
    }),
    stays: [...skipped, ...notThere],
    dependents,
  };
}

async function recordsOf({ store }: SupportRoom, companyId: string, target: UndoTarget): Promise<LedgerRecord[]> {
  const keys = 'runId' in target ? await createdBy({ store }, companyId, target.runId) : target.keys;
  const records = [...(await store.ledger(companyId, keys)).values()];
  if ('runId' in target || !target.withDependents) return records;
  return [...records, ...(await dependentsOf(store, companyId, records))];
}

/** What a run created, as its batches were answered. */
async function createdBy({ store }: Pick<SupportRoom, 'store'>, companyId: string, runId: string): Promise<DocumentKey[]> {
  const items = (await store.batchesOfRun(companyId, runId)).flatMap((batch) => batch.items);
  return [...new Set(items.flatMap(({ key, operation, outcome }) => (operation.kind === 'create' && outcome === 'posted' ? [key] : [])))];
}

/** Documents in the books that stand on these: payments on their invoice, deposits on their payments. */
async function dependentsOf(store: SupportRoom['store'], companyId: string, records: readonly LedgerRecord[]): Promise<LedgerRecord[]> {
  const known = new Map(records.map((record) => [record.key, record]));
  const inspections = new Set(
    records.flatMap(({ type, inspectionId }) => (type === 'customer' || inspectionId === undefined ? [] : [inspectionId])),
  );
  const near: LedgerRecord[] = [];
  for (const inspectionId of inspections) near.push(...(await store.ledgerByInspection(companyId, inspectionId)));
  const payments = near.filter(({ type }) => type !== 'invoice' && type !== 'customer').flatMap(({ key }) => subjectOfDocument(key) ?? []);
  const entries = payments.length > 0 ? await store.entriesByRefs(companyId, [...new Set(payments)]) : [];
  const deposits = entries.flatMap(({ subject }) => (subject.startsWith('payout/') ? [`deposit/${subject.slice('payout/'.length)}`] : []));
  near.push(...(await store.ledger(companyId, [...new Set(deposits)])).values());
  for (let grew = true; grew;) {
    grew = false;
    for (const record of near) {
      if (
        known.has(record.key) ||
        !isInBooks(record) ||
        !dependenciesOf(record.posted).some((key) => known.get(key)?.type !== 'customer' && known.has(key))
      )
        continue;
      known.set(record.key, record);
      grew = true;
    }
  }
  return [...known.values()].filter((record) => !records.includes(record));
}

/** Their entries say that a person took the documents back; `posted` would no longer be true. */
async function markEntries(
  { store }: SupportRoom,
  companyId: string,
  correction: Correction,
  after: ReadonlyMap<DocumentKey, LedgerRecord>,
): Promise<void> {
  const gone = [...after.values()].filter(({ state }) => state === 'voided').flatMap(({ key }) => subjectOfDocument(key) ?? []);
  if (gone.length === 0) return;
  for (const { id, subject } of await store.entriesByRefs(companyId, gone))
    if (gone.includes(subject)) await store.moveEntry({ id, from: ['posted', 'held'], to: 'ignored', reason: takenBack(correction) });
}

function notInBooks(state: LedgerRecord['state']): Reason {
  return {
    code: 'not_in_books',
    message: state === 'voided' ? 'It was taken back before.' : `It is ${state}, not posted.`,
    remedy: state === 'sealed' || state === 'unknown' ? 'Replay it first, so that its outcome is known.' : 'Nothing to do.',
  };
}
