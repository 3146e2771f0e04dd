import { Binary, MongoBulkWriteError } from 'mongodb';
import { StoreError } from '../store-error.ts';
import { entryId } from '../entry.ts';
import { parseEntryId } from '../entry-id.ts';
import { toSearchTerms } from '../search-terms.ts';
import type { AppendOutcome, EntryState, NewEntry } from '../entry.ts';
import type { EntryDocument, MongoCollections } from './collections.ts';

/**
 * One group of appends in one round trip: unordered upserts that set only on insert, so a known id is left as it is. What matched a known
 * entry is read back at majority before it is called a duplicate: an entry that might still roll back is no promise.
 */
export async function appendGroup(collections: MongoCollections, group: readonly NewEntry[]): Promise<AppendOutcome[]> {
  const ids = group.map(entryId);
  const firstOf = new Map<string, number>();
  for (const [index, id] of ids.entries()) if (!firstOf.has(id)) firstOf.set(id, index);
  const firsts = [...firstOf.entries()];

  const upsertedIds = await upsert(
    collections,
    firsts.map(([id, index]) => toDocument(group[index] as NewEntry, id)),
  );
  const stored = new Set(firsts.filter((_, position) => upsertedIds[position] !== undefined).map(([id]) => id));
  const isStored = (index: number): boolean => stored.has(ids[index] as string) && firstOf.get(ids[index] as string) === index;
  const repeated = [...new Set(ids.filter((_, index) => !isStored(index)))];
  const known = await readBack(collections, repeated);

  const outcomes: AppendOutcome[] = [];
  for (const [index, entry] of group.entries()) {
    const id = ids[index] as string;
    if (isStored(index)) outcomes.push({ outcome: 'stored', id });
    else outcomes.push(await outcomeOf(collections, { entry, id, known: known.get(id) }));
  }
  return outcomes;
}

/** The positions that were inserted. Two processes that upsert the same id at once may make one of them see a duplicate key: it is known, then. */
async function upsert(collections: MongoCollections, documents: readonly EntryDocument[]): Promise<Record<number, unknown>> {
  try {
    const written = await collections.entries.bulkWrite(
      documents.map(({ _id, companyId, ...rest }) => ({
        updateOne: { filter: { _id, companyId }, update: { $setOnInsert: rest }, upsert: true },
      })),
      { ordered: false },
    );
    return written.upsertedIds;
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError() !== undefined) throw error;
    if (error.result.getWriteErrors().some(({ code }) => code !== 11_000)) throw error;
    return error.result.upsertedIds;
  }
}

async function readBack(
  collections: MongoCollections,
  ids: readonly string[],
): Promise<Map<string, { bodySha256: string; state: EntryState }>> {
  if (ids.length === 0) return new Map();
  const found = await collections.entries
    .find(
      { _id: { $in: [...ids] }, companyId: { $in: [...new Set(ids.map((id) => id.slice(0, id.indexOf('|'))))] } },
      { projection: { bodySha256: 1, state: 1 } },
    )
    .toArray();
  return new Map(found.map(({ _id, bodySha256, state }) => [_id, { bodySha256, state }]));
}

async function outcomeOf(
  collections: MongoCollections,
  { entry, id, known }: { entry: NewEntry; id: string; known: { bodySha256: string; state: EntryState } | undefined },
): Promise<AppendOutcome> {
  if (known === undefined) throw new StoreError('unavailable', `The entry ${id} is not yet kept by a majority.`);
  if (known.bodySha256 === entry.bodySha256) return { outcome: 'duplicate', id, state: known.state };
  const { companyId, bodySha256, receivedAt } = entry;
  await collections.conflicts.updateOne(
    { _id: `${id}|${bodySha256}`, companyId },
    { $setOnInsert: { entryId: id, bodySha256, receivedAt, body: toBinary(entry.body) } },
    { upsert: true },
  );
  // Counted, not added to: told twice, or after a crash in between, it comes out right.
  const conflicts = await collections.conflicts.countDocuments({ companyId, entryId: id });
  await collections.entries.updateOne({ _id: id, companyId }, { $set: { conflicts } });
  return { outcome: 'conflict', id };
}

function toDocument(entry: NewEntry, id: string): EntryDocument {
  const { companyId, type, subject, bodySha256, receivedAt, state, reason } = entry;
  return {
    _id: id,
    companyId,
    type,
    subject,
    refs: [...entry.refs],
    words: [...entry.words],
    terms: toTerms(entry, id),
    body: toBinary(entry.body),
    hasBody: true,
    bodySha256,
    receivedAt,
    state,
    ...(reason === undefined ? {} : { reason }),
    attempts: 0,
    conflicts: 0,
    fence: 0,
  };
}

/** `w:` a word, `i:` an id, as `EntryDocument` keeps them. */
export function toTerms(entry: Pick<NewEntry, 'subject' | 'refs' | 'words'>, id: string): string[] {
  const { subject, refs, words } = entry;
  const terms = toSearchTerms({ id, webhookId: parseEntryId(id).webhookId, subject, refs, words });
  return [...terms.words.map((word) => `w:${word}`), ...terms.ids.map((term) => `i:${term}`)];
}

export const toBinary = (bytes: Uint8Array): Binary => new Binary(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
