import type { QuickbooksRecord } from '@vesper/core/ledger';
import { mayReach } from '../people/reach.ts';
import { type Correction, type Fix, describeFix } from './correction.ts';
import { endCorrection, findCorrection } from './corrections.ts';
import { unlinkCustomer } from './link-customer.ts';
import { instantOf, noteAct } from './note-act.ts';
import { subjectOfDocument } from './document-subject.ts';
import type { Act, SupportRoom } from './support-room.ts';
import { wakeEntries } from './wake-entries.ts';

export type RevertOutcome =
  | { outcome: 'not_found' }
  | { outcome: 'reverted'; message: string; correction: Correction }
  | { outcome: 'already_reverted'; message: string; correction: Correction }
  | { outcome: 'busy'; message: string };

/**
 * Takes a correction out of force: from now on documents are planned as without it. What it kept back is taken up by the next run; what is
 * posted follows when its inspection is next looked at, by an event or a replay.
 */
export async function revertCorrection(
  room: SupportRoom,
  { who, why, companyId, id }: Act & { companyId: string; id: string },
): Promise<RevertOutcome> {
  const { store } = room;
  const correction = mayReach(who, companyId) ? await findCorrection(store, { companyId, id }) : undefined;
  if (!correction) return { outcome: 'not_found' };
  if (correction.revertedAt !== undefined) return alreadyReverted(correction);
  const reverted: Correction = { ...correction, revertedBy: who.name, revertedAt: instantOf(room), revertedWhy: why };
  await noteAct(
    room,
    { who, why },
    { action: 'correction.revert', companyId, subject: `correction/${id}`, before: correction, after: 'reverted' },
  );
  const { fix } = correction;
  if (fix.kind === 'customer_link') {
    const unlinked = await unlinkCustomer(room, companyId, { fix, before: correction.before as QuickbooksRecord | undefined });
    if (unlinked.outcome === 'busy') return unlinked;
  }
  if (!(await endCorrection(store, reverted))) return alreadyReverted((await findCorrection(store, { companyId, id })) ?? correction);
  await wakeEntries(room, companyId, subjectsOf(fix));
  return { outcome: 'reverted', message: `No longer in force: ${describeFix(fix)}`, correction: reverted };
}

function subjectsOf(fix: Fix): string[] {
  switch (fix.kind) {
    case 'hold':
      return fix.subjects;
    case 'skip':
      return fix.keys.flatMap((key) => subjectOfDocument(key) ?? []);
    case 'take_back':
      return fix.documents.flatMap(({ key }) => subjectOfDocument(key) ?? []);
    case 'post_on':
    case 'customer_link':
    case 'map_item':
    case 'map_role':
    case 'map_account':
    case 'map_class':
      return [];
  }
}

function alreadyReverted(correction: Correction): RevertOutcome {
  const { revertedBy = 'Somebody', revertedAt = 'a moment ago' } = correction;
  return { outcome: 'already_reverted', message: `${revertedBy} reverted it at ${revertedAt}.`, correction };
}
