import type { Entry } from '@vesper/outbox/entry';
import type { Store } from '@vesper/outbox/store';
import { mayReach } from '../people/reach.ts';
import type { Agent } from './support-room.ts';

/** An entry the agent may see. Another company's is answered like one that is not there: not even its existence is told. */
export async function findEntry(
  store: Pick<Store, 'entry'>,
  { who, entryId }: { who: Agent; entryId: string },
): Promise<Entry | undefined> {
  const entry = await store.entry(entryId);
  return entry && mayReach(who, entry.companyId) ? entry : undefined;
}
