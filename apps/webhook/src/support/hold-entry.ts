import type { DocumentKey } from '@vesper/core/document';
import { heldByPerson } from './adjust-plan.ts';
import type { Correction } from './correction.ts';
import { activeCorrections, keepCorrection } from './corrections.ts';
import { documentsOnTheWire } from './documents-on-the-wire.ts';
import { findEntry } from './find-entry.ts';
import { instantOf, noteAct } from './note-act.ts';
import type { Act, SupportRoom } from './support-room.ts';

export type HoldOutcome =
  | { outcome: 'not_found' }
  /** `onTheWire` are documents already sent or sealed: they end as QuickBooks answers; only what comes later waits. */
  | { outcome: 'held'; message: string; correction: Correction; onTheWire: DocumentKey[] }
  | { outcome: 'already_held'; message: string; correction: Correction }
  | { outcome: 'refused'; message: string };

/** Lets an entry's subject wait until somebody releases it. What is posted stays posted; changes to it wait too. */
export async function holdEntry(room: SupportRoom, { who, why, entryId }: Act & { entryId: string }): Promise<HoldOutcome> {
  const { store, clock } = room;
  const entry = await findEntry(store, { who, entryId });
  if (!entry) return { outcome: 'not_found' };
  const { id, companyId, subject, state } = entry;
  if (!/^(inspection|payment|payout)\//.test(subject))
    return { outcome: 'refused', message: `Nothing in the books follows from ${subject}, so there is nothing to hold.` };
  const known = await holdOn(room, companyId, subject);
  if (known)
    return { outcome: 'already_held', message: `${known.madeBy} holds ${subject} since ${known.madeAt}: ${known.why}`, correction: known };

  const correction: Correction = {
    id: clock.newId(),
    companyId,
    fix: { kind: 'hold', subjects: [subject] },
    madeBy: who.name,
    madeAt: instantOf(room),
    why,
  };
  await noteAct(room, { who, why }, { action: 'entry.hold', companyId, subject: `entry/${id}`, before: { state }, after: correction });
  await keepCorrection(store, correction);
  await store.moveEntry({ id, from: ['pending', 'held', 'failed'], to: 'held', reason: heldByPerson(correction) });
  const onTheWire = await documentsOnTheWire(room, companyId, [subject]);
  return {
    outcome: 'held',
    message:
      onTheWire.length === 0
        ? `${subject} waits until somebody releases it.`
        : `${subject} waits until somebody releases it. Already on the way to QuickBooks: ${onTheWire.join(', ')}; what is posted stays posted.`,
    correction,
    onTheWire,
  };
}

export async function holdOn({ store }: Pick<SupportRoom, 'store'>, companyId: string, subject: string): Promise<Correction | undefined> {
  return (await activeCorrections(store, companyId)).find(({ fix }) => fix.kind === 'hold' && fix.subjects.includes(subject));
}
