import type { Entry } from '@vesper/outbox/entry';
import { HELD_BY_PERSON } from '../support/adjust-plan.ts';
import { comesByItself } from '../waiting-rows.ts';
import { ENTRY_STATES, type Label } from './words.ts';

/** What a person holds on purpose, and what only waits for another document: that one is where to act. */
const FOLLOWS: ReadonlySet<string> = new Set([HELD_BY_PERSON, 'waits_for_document']);

type Told = Pick<Entry, 'state' | 'reason'>;

/** Whether an entry goes on only when a person decides: it failed, cannot be read, or is held for something that does not come by itself. */
export function needsPerson({ state, reason }: Told): boolean {
  if (state === 'failed' || state === 'quarantined') return true;
  return state === 'held' && reason !== undefined && !FOLLOWS.has(reason.code) && !comesByItself(reason.code);
}

/** An entry's state, and whether it is held for a person rather than for time to pass. */
export function entryLabel(entry: Told): Label & { meaning: string } {
  if (entry.state === 'held' && needsPerson(entry))
    return { word: 'Held: needs a person', tone: 'bad', meaning: 'it does not go on by itself; somebody must decide' };
  return ENTRY_STATES[entry.state];
}
