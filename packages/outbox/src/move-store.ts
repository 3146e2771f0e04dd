import { createRowDigest } from './row-digest.ts';
import { storeCollections } from './transferable-store.ts';
import type { StoreCollection, StoredRows, TransferableStore } from './transferable-store.ts';

export interface MoveProgress {
  step: 'copy' | 'verify';
  collection: StoreCollection;
  /** Rows done in this collection by this call. */
  rows: number;
}

export type MoveOutcome =
  | { outcome: 'moved'; collections: Record<StoreCollection, { rows: number; digest: string }> }
  /** The target holds something that this move did not bring; it was left as it is. */
  | { outcome: 'target_not_empty'; collection: StoreCollection }
  /** Counts or hashes differ: do not go over to the target. */
  | { outcome: 'different'; collection: StoreCollection; from: { rows: number; digest: string }; to: { rows: number; digest: string } };

/**
 * Copies everything from one store to an empty other, then reads both again and compares counts and hashes. Nobody may use either store
 * meanwhile. Stopped half-way, by whatever, the same call goes on after the last page that was surely written.
 */
export async function moveStore(options: {
  from: TransferableStore;
  to: TransferableStore;
  onProgress?: (progress: MoveProgress) => void;
  /** Rows at a time. */
  pageSize?: number;
}): Promise<MoveOutcome> {
  const { from, to, onProgress = () => undefined, pageSize = 500 } = options;
  const progress = (await to.getRecord<Place>(progressKind, 'move'))?.value;
  if (progress === undefined) {
    const occupied = await firstOccupied(to);
    if (occupied !== undefined) return { outcome: 'target_not_empty', collection: occupied };
  }

  const begun = progress === undefined ? 0 : storeCollections.indexOf(progress.collection);
  for (const collection of storeCollections.slice(begun))
    await copy(collection, collection === progress?.collection ? progress.after : undefined);

  const collections: Partial<Record<StoreCollection, { rows: number; digest: string }>> = {};
  for (const collection of storeCollections) {
    const [before, after] = [await digestOf(from, collection), await digestOf(to, collection)];
    if (before.rows !== after.rows || before.digest !== after.digest) return { outcome: 'different', collection, from: before, to: after };
    collections[collection] = before;
    onProgress({ step: 'verify', collection, rows: before.rows });
  }
  await to.takeRecord(progressKind, 'move');
  return { outcome: 'moved', collections: collections as Record<StoreCollection, { rows: number; digest: string }> };

  async function copy<Collection extends StoreCollection>(collection: Collection, begin: string | undefined): Promise<void> {
    let rows = 0;
    for (let after = begin; ;) {
      const page = await from.exportRows(collection, { limit: pageSize, ...(after === undefined ? {} : { after }) });
      const last = page.at(-1);
      if (last === undefined) break;
      await to.importRows(
        collection,
        page.map(({ row }) => row),
      );
      after = last.key;
      rows += page.length;
      await to.putRecord(progressKind, 'move', { collection, after } satisfies Place, { expectedVersion: 'any' });
      onProgress({ step: 'copy', collection, rows });
    }
  }

  async function digestOf(store: TransferableStore, collection: StoreCollection): Promise<{ rows: number; digest: string }> {
    const digest = createRowDigest();
    for (let after: string | undefined; ;) {
      const page = await store.exportRows(collection, { limit: pageSize, ...(after === undefined ? {} : { after }) });
      const last = page.at(-1);
      if (last === undefined) return digest.result();
      for (const { row } of page) if (!isOwn(row) && !isPassing(row)) digest.add(row);
      after = last.key;
    }
  }
}

interface Place {
  collection: StoreCollection;
  after: string;
}

const progressKind = 'store_move';

/** What belongs to the move and to the store itself, not to what is moved. */
const isOwn = (row: StoredRows[StoreCollection]): boolean => 'kind' in row && (row.kind === progressKind || row.kind === 'probe');

/** What goes by itself at its hour (sessions, tickets) may do so while all is copied: it is brought along, but not compared. */
const isPassing = (row: StoredRows[StoreCollection]): boolean => 'expiresAt' in row && 'kind' in row && row.expiresAt !== undefined;

async function firstOccupied(store: TransferableStore): Promise<StoreCollection | undefined> {
  for (const collection of storeCollections)
    if ((await store.exportRows(collection, { limit: 3 })).some(({ row }) => !isOwn(row))) return collection;
  return undefined;
}
