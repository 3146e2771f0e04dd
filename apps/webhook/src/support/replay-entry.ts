import type { Reason } from '@vesper/core/reason';
import type { Entry, EntryState } from '@vesper/outbox/entry';
import type { RunRecord } from '@vesper/outbox/run';
import type { Verdict } from '../preview.ts';
import { runCompany } from '../company-run.ts';
import { changedDocuments, type ChangedDocument } from './changed-documents.ts';
import { subjectOfDocument } from './document-subject.ts';
import { judgeEntry } from './entry-verdict.ts';
import { findEntry } from './find-entry.ts';
import { noteAct } from './note-act.ts';
import { claimReplay } from './replay-claim.ts';
import { runUnderWay } from './run-under-way.ts';
import type { Act, SupportRoom } from './support-room.ts';

export type ReplayOutcome =
  | { outcome: 'not_found' }
  /** It ran; `changed` is what really changed, which may be nothing, and `state` what the entry is now. */
  | { outcome: 'replayed'; message: string; run: RunRecord; state: EntryState; reason?: Reason; changed: ChangedDocument[] }
  /** Nothing was done: QuickBooks agrees already, or nothing can be sent yet. */
  | { outcome: 'already_there' | 'waits'; message: string; verdicts: Verdict[] }
  /** Somebody replays it at this moment: a double click, or another agent. */
  | { outcome: 'under_way'; message: string; by: string; since: string }
  /** A run of the company is under way; the entry is pending and taken by the next run at the latest. */
  | { outcome: 'busy'; message: string }
  | { outcome: 'refused'; message: string; reason: Reason };

/** Replays one entry now: folds, plans and posts what its subject leads to, and nothing else. */
export async function replayEntry(room: SupportRoom, { who, why, entryId }: Act & { entryId: string }): Promise<ReplayOutcome> {
  const entry = await findEntry(room.store, { who, entryId });
  if (!entry) return { outcome: 'not_found' };
  const claimed = await claimReplay(room, { companyId: entry.companyId, subject: entry.subject, by: who.name });
  if (claimed.outcome === 'taken') {
    const { by, since } = claimed.claim;
    return { outcome: 'under_way', by, since, message: `${by} is replaying ${entry.subject} since ${since}; look again in a moment.` };
  }
  try {
    return await replayClaimed(room, { who, why }, entry);
  } finally {
    await claimed.release();
  }
}

async function replayClaimed(room: SupportRoom, act: Act, entry: Entry): Promise<ReplayOutcome> {
  const judged = await judgeEntry(room, entry, false);
  switch (judged.outcome) {
    case 'refused': {
      const { message, reason } = judged;
      return { outcome: 'refused', message, reason };
    }
    case 'already_there':
      await settleAsPosted(room, act, entry, judged.verdicts);
      return { outcome: 'already_there', message: judged.message, verdicts: judged.verdicts };
    case 'waits':
      return { outcome: 'waits', message: judged.message, verdicts: judged.verdicts };
    case 'replay':
      break;
  }
  const { store } = room;
  const { id, companyId, subject, state } = entry;
  const keys = judged.verdicts.map(({ key }) => key);
  const before = await store.ledger(companyId, keys);
  await noteAct(room, act, {
    action: 'entry.replay',
    companyId,
    subject: `entry/${id}`,
    before: { state, ...(entry.reason && { reason: entry.reason }) },
    after: { verdicts: judged.verdicts.map(({ key, verdict }) => ({ key, verdict })) },
  });
  // Should no run be possible now, the next evening takes it up: failed entries would wait for ever.
  await store.moveEntry({ id, from: ['failed', 'ignored'], to: 'pending' });
  const ran = await runCompany(room, {
    companyId,
    trigger: 'replay',
    clock: room.clock,
    subjects: [subject],
    signal: room.signal,
    withoutTotals: true,
  });
  switch (ran.outcome) {
    case 'unknown_company':
    case 'exists':
      throw new Error(`a replay of ${id} ended as ${ran.outcome}`);
    case 'busy':
      return {
        outcome: 'busy',
        message: `${await runUnderWay(room, companyId)} The entry is pending and is taken by the next run at the latest.`,
      };
    case 'closed':
      return { outcome: 'refused', message: `${ran.reason.message} ${ran.reason.remedy}`, reason: ran.reason };
    case 'ran': {
      const now = await store.entry(id);
      const changed = changedDocuments(before, await store.ledger(companyId, keys));
      return {
        outcome: 'replayed',
        message: describeChanges(changed, ran.run),
        run: ran.run,
        state: now?.state ?? state,
        ...(now?.reason && { reason: now.reason }),
        changed,
      };
    }
  }
}

/** An entry that still says it failed, although all it led to is there by now, says so from here on. */
async function settleAsPosted(
  room: SupportRoom,
  act: Act,
  { id, companyId, subject, state }: Entry,
  verdicts: readonly Verdict[],
): Promise<void> {
  const own = verdicts.filter(({ key }) => subjectOfDocument(key) === subject);
  if (state === 'posted' || own.length === 0 || own.some(({ verdict }) => verdict !== 'already_there')) return;
  await noteAct(room, act, { action: 'entry.replay', companyId, subject: `entry/${id}`, before: { state }, after: { state: 'posted' } });
  await room.store.moveEntry({ id, from: ['failed', 'held', 'pending'], to: 'posted' });
}

function describeChanges(changed: readonly ChangedDocument[], run: RunRecord): string {
  if (run.reason) return `The replay stopped early: ${run.reason.message} ${run.reason.remedy}`;
  if (changed.length === 0) return 'Nothing changed.';
  return changed
    .map(
      ({ key, after, docNumber, reason }) =>
        `${key}${docNumber === undefined ? '' : ` (${docNumber})`} is ${after}${reason ? `: ${reason.message}` : ''}`,
    )
    .join('; ')
    .concat('.');
}
