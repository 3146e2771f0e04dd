import type { QboClient, ReadResult } from './qbo-client.ts';
import { ACTIVE_OR_NOT } from './query.ts';
import { type Json, textAt } from './wire.ts';

/** Change data capture gives at most 1,000 objects in one answer, has no pages, and reaches 30 days back. */
const MOST = 1_000;
const OLDEST_MS = 29 * 86_400_000;
/** Windows overlap: QuickBooks' clock and ours differ, and its `time` was seen behind its records'. */
const OVERLAP_MS = 5 * 60_000;

/** Their records are made inactive, never deleted. */
const NAME_LISTS = new Set(['Customer', 'Vendor', 'Employee', 'Item', 'Account', 'Class', 'Department']);

export interface Changed {
  changed: Map<string, Json[]>;
  /** False when QuickBooks may know of more: too long ago, or deletions among more than 1,000 changes of one type. */
  complete: boolean;
}

/**
 * Everything that changed since an instant. A full answer is asked for again type by type, and a type that is full by itself is read by
 * its time of change, which pages but knows nothing of deletions.
 */
export async function changedSince(
  client: QboClient,
  { entities, since, now }: { entities: readonly string[]; since: string; now: number },
): Promise<ReadResult<Changed>> {
  const wanted = Date.parse(since) - OVERLAP_MS;
  const from = new Date(Math.max(wanted, now - OLDEST_MS)).toISOString();
  const all = await client.changes(entities, from);
  if (all.outcome === 'failed') return all;
  let complete = wanted >= now - OLDEST_MS;
  const count = [...all.value.values()].reduce((sum, records) => sum + records.length, 0);
  if (count < MOST) return { outcome: 'ok', value: { changed: all.value, complete } };
  const changed = new Map<string, Json[]>();
  for (const entity of entities) {
    const one = await client.changes([entity], from);
    if (one.outcome === 'failed') return one;
    let records = one.value.get(entity) ?? [];
    if (records.length >= MOST) {
      const isList = NAME_LISTS.has(entity);
      const read = await client.query(entity, [`MetaData.LastUpdatedTime >= '${from}'`, ...(isList ? [ACTIVE_OR_NOT] : [])]);
      if (read.outcome === 'failed') return read;
      const deleted = records.filter((record) => textAt(record, 'status') === 'Deleted');
      records = [...read.value, ...deleted];
      complete &&= isList;
    }
    if (records.length > 0) changed.set(entity, records);
  }
  return { outcome: 'ok', value: { changed, complete } };
}
