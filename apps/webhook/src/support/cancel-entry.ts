import type { DocumentKey } from '@vesper/core/document';
import type { Reason } from '@vesper/core/reason';
import type { EntryState } from '@vesper/outbox/entry';
import { documentsOnTheWire } from './documents-on-the-wire.ts';
import { findEntry } from './find-entry.ts';
import { noteAct } from './note-act.ts';
import { findRunUnderWay } from './run-under-way.ts';
import type { Act, SupportRoom } from './support-room.ts';

export type CancelOutcome =
  | { outcome: 'not_found' }
  | { outcome: 'canceled'; message: string }
  /** Something of it is on the way, or a run is under way that may have it: what gets posted stays posted and says so. */
  | { outcome: 'cancel_requested'; message: string; onTheWire: DocumentKey[] }
  | { outcome: 'refused'; message: string; state: EntryState };

const CANCELABLE = ['pending', 'held', 'failed', 'quarantined', 'ignored'] as const;

/** Lets an event count for nothing from now on. The event itself stays as it came, and release brings it back. */
export async function cancelEntry(room: SupportRoom, { who, why, entryId }: Act & { entryId: string }): Promise<CancelOutcome> {
  const { store } = room;
  const entry = await findEntry(store, { who, entryId });
  if (!entry) return { outcome: 'not_found' };
  const { id, companyId, subject, state } = entry;
  if (state === 'posted' || state === 'canceled') return refused(state);

  const running = await findRunUnderWay(room, companyId);
  const onTheWire = await documentsOnTheWire(room, companyId, [subject]);
  await noteAct(
    room,
    { who, why },
    { action: 'entry.cancel', companyId, subject: `entry/${id}`, before: { state, reason: entry.reason }, after: 'canceled' },
  );
  const moved = await store.moveEntry({ id, from: CANCELABLE, to: 'canceled', reason: canceledBy(who.name, why) });
  if (moved.outcome === 'refused') return refused(moved.state);
  if (moved.outcome === 'not_found') return { outcome: 'not_found' };
  if (onTheWire.length === 0 && !running)
    return { outcome: 'canceled', message: `The event counts for nothing any more. Nothing of ${subject} was on its way to QuickBooks.` };
  return {
    outcome: 'cancel_requested',
    onTheWire,
    message:
      onTheWire.length > 0
        ? `Cancel requested. ${onTheWire.join(', ')} is already on its way: if QuickBooks takes it, it stays posted and its story says so; undo it then.`
        : 'Cancel requested. A run of this company is under way and may have taken it up already: what it posts stays posted and its story says so.',
  };
}

function refused(state: EntryState): CancelOutcome {
  return {
    outcome: 'refused',
    state,
    message:
      state === 'canceled' ? 'It is canceled already.' : 'It is posted, and posted stays posted. To take it out of QuickBooks, undo it.',
  };
}

function canceledBy(name: string, why: string): Reason {
  return { code: 'canceled', message: `${name} canceled it: ${why}`, remedy: 'Release it if it should count after all.' };
}
