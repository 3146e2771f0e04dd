import { HELD_BY_PERSON, SKIPPED_BY_PERSON, TAKEN_BACK_BY_PERSON } from './adjust-plan.ts';
import type { SupportRoom } from './support-room.ts';

const DECIDED = new Set([HELD_BY_PERSON, SKIPPED_BY_PERSON, TAKEN_BACK_BY_PERSON]);

/** Entries that were as they were because a person said so are pending again once that is no longer in force. */
export async function wakeEntries({ store }: Pick<SupportRoom, 'store'>, companyId: string, subjects: readonly string[]): Promise<void> {
  for (const { id, reason } of await store.entriesByRefs(companyId, subjects))
    if (reason && DECIDED.has(reason.code)) await store.moveEntry({ id, from: ['held', 'ignored'], to: 'pending' });
}
