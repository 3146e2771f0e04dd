import type { QuickbooksRecord } from '@vesper/core/ledger';
import { mayReach } from '../people/reach.ts';
import { type Correction, describeFix } from './correction.ts';
import { endCorrection, findCorrection } from './corrections.ts';
import { unlinkCustomer } from './link-customer.ts';
import { instantOf, noteAct } from './note-act.ts';
import { releaseHeldEntries } from './release-entry.ts';
import type { Act, SupportRoom } from './support-room.ts';

export type RevertOutcome =
  | { outcome: 'not_found' }
  | { outcome: 'reverted'; message: string; correction: Correction }
  | { outcome: 'already_reverted'; message: string; correction: Correction }
  | { outcome: 'busy'; message: string };

/** Takes a correction out of force. Documents are planned as without it from the next run on; what is posted follows then. */
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
  if (fix.kind === 'hold') await releaseHeldEntries(room, companyId, fix.subjects);
  return { outcome: 'reverted', message: `No longer in force: ${describeFix(fix)}`, correction: reverted };
}

function alreadyReverted(correction: Correction): RevertOutcome {
  const { revertedBy = 'Somebody', revertedAt = 'a moment ago' } = correction;
  return { outcome: 'already_reverted', message: `${revertedBy} reverted it at ${revertedAt}.`, correction };
}
