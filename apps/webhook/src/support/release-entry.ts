import type { EntryState } from '@vesper/outbox/entry';
import { endCorrection } from './corrections.ts';
import { findEntry } from './find-entry.ts';
import { holdOn } from './hold-entry.ts';
import { instantOf, noteAct } from './note-act.ts';
import { wakeEntries } from './wake-entries.ts';
import type { Act, SupportRoom } from './support-room.ts';

export type ReleaseOutcome =
  | { outcome: 'not_found' }
  /** It is pending again and taken by the next run or replay. */
  | { outcome: 'released'; message: string }
  | { outcome: 'nothing_to_release'; message: string; state: EntryState };

/** Ends a person's hold, or brings a canceled entry back. Waiting for a fact is no hold: that ends by itself. */
export async function releaseEntry(room: SupportRoom, { who, why, entryId }: Act & { entryId: string }): Promise<ReleaseOutcome> {
  const { store } = room;
  const entry = await findEntry(store, { who, entryId });
  if (!entry) return { outcome: 'not_found' };
  const { id, companyId, subject, state } = entry;
  const hold = await holdOn(room, companyId, subject);
  if (!hold && state !== 'canceled')
    return {
      outcome: 'nothing_to_release',
      state,
      message: entry.reason ? `Nobody holds it. ${entry.reason.message} ${entry.reason.remedy}` : `Nobody holds it; it is ${state}.`,
    };
  await noteAct(
    room,
    { who, why },
    { action: 'entry.release', companyId, subject: `entry/${id}`, before: { state, hold }, after: 'pending' },
  );
  if (hold) {
    await endCorrection(store, { ...hold, revertedBy: who.name, revertedAt: instantOf(room), revertedWhy: why });
    await wakeEntries(room, companyId, [subject]);
  }
  await store.moveEntry({ id, from: ['canceled'], to: 'pending' });
  return { outcome: 'released', message: `${subject} is free: it posts on the next evening, or now by a replay.` };
}
