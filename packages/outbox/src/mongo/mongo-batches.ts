import { Binary } from 'mongodb';
import { staysInBatch, withSend } from '../batch-settlement.ts';
import { isDuplicateKey } from './connection.ts';
import { staleFence } from './mongo-leases.ts';
import type { BatchItem, BatchRecord, BatchState } from '../batch.ts';
import type { Lease, Store } from '../store.ts';
import type { BatchDocument, MongoCollections } from './collections.ts';
import type { MongoLeases } from './mongo-leases.ts';
import type { MongoLedger } from './mongo-ledger.ts';

export type MongoBatches = Pick<
  Store,
  'reserveBatch' | 'sealBatch' | 'startSend' | 'settleBatch' | 'releaseBatch' | 'liveBatches' | 'batchesOf' | 'batchesOfRun'
>;

const liveStates: BatchState[] = ['assembling', 'sealed', 'unknown'];

/**
 * Single-document compare-and-set steps only. Each call first raises the batch's fence, and every document it then touches refuses a lower
 * one. The order within a call is such that a crash between two steps leaves a live batch, which the next holder finds and finishes.
 */
export function createMongoBatches(options: { collections: MongoCollections; leases: MongoLeases; ledger: MongoLedger }): MongoBatches {
  const { leases, ledger } = options;
  const { batches } = options.collections;

  /** The batch in one of these states, its fence raised to the lease's. */
  async function take(lease: Lease, id: string, states: readonly BatchState[]): Promise<BatchDocument> {
    await leases.assertHeld(lease);
    const taken = await batches.findOneAndUpdate(
      { ...place(lease, id), state: { $in: [...states] }, fence: { $lte: lease.fence } },
      { $set: { fence: lease.fence } },
      { returnDocument: 'after' },
    );
    if (taken !== null) return taken;
    const known = await batches.findOne(place(lease, id));
    if (known !== null && known.fence > lease.fence) throw staleFence(lease);
    throw new Error(`Batch ${id} is ${known?.state ?? 'not there'}; this needs one that is ${states.join(' or ')}.`);
  }

  /** A step of the batch: only under this very fence and from the state it was taken in. */
  async function step(lease: Lease, batch: BatchDocument, change: Partial<BatchDocument>): Promise<void> {
    const { matchedCount } = await batches.updateOne(
      { ...place(lease, batch.id), state: batch.state, fence: lease.fence },
      { $set: change },
    );
    if (matchedCount === 0) throw staleFence(lease);
  }

  return {
    async reserveBatch(lease, batch) {
      await leases.assertHeld(lease);
      const { companyId, fence } = lease;
      try {
        const { id, runId, realmId, requestId, createdAt, items } = batch;
        const assembling = { id, runId, realmId, requestId, createdAt, state: 'assembling' as const, fence, sends: [] };
        await batches.updateOne(place(lease, id), { $setOnInsert: { ...assembling, ...itemFields(items) } }, { upsert: true });
      } catch (error) {
        if (isDuplicateKey(error)) throw new Error(`Request id ${batch.requestId} already belongs to another batch.`, { cause: error });
        throw error;
      }
      const taken = await take(lease, batch.id, ['assembling']);
      const won = await ledger.takeIntoBatch(
        { ...lease, companyId },
        batch.id,
        batch.items.map(({ key }) => key),
      );
      await step(lease, taken, itemFields(batch.items.filter(({ key }) => won.has(key))));
      return { refused: batch.items.map(({ key }) => key).filter((key) => !won.has(key)) };
    },

    async sealBatch(lease, batchId, { items, body, bodySha256 }) {
      const batch = await take(lease, batchId, ['assembling', 'sealed']);
      if (batch.state === 'sealed') {
        if (batch.bodySha256 === bodySha256) return;
        throw new Error(`Batch ${batchId} is already sealed with other bytes.`);
      }
      const held = new Set((await ledger.inBatch(lease.companyId, batchId)).map(({ key }) => key));
      const stranger = items.find(({ key }) => !held.has(key));
      if (stranger !== undefined) throw new Error(`Batch ${batchId} does not hold ${stranger.key}.`);
      await ledger.freeFromBatch(
        lease,
        batchId,
        items.map(({ key }) => key),
      );
      await step(lease, batch, { state: 'sealed', ...itemFields(items), body: new Binary(Buffer.from(body)), bodySha256 });
    },

    async startSend(lease, batchId, send) {
      const batch = await take(lease, batchId, ['sealed', 'unknown']);
      await step(lease, batch, { sends: withSend(batch.sends, send) });
      await leases.giveLeave(lease, batchId);
    },

    async settleBatch(lease, batchId, { state, items, send, records }) {
      const batch = await take(lease, batchId, ['sealed', 'unknown', 'settled']);
      // Told twice after a lost answer: the documents may have moved on.
      if (batch.state === 'settled') return;
      await ledger.writeFromBatch(
        lease,
        batchId,
        records.map((record) => ({ record, stays: staysInBatch(state, record) })),
      );
      if (state === 'settled') await ledger.freeFromBatch(lease, batchId, []);
      await step(lease, batch, {
        state,
        ...itemFields(items),
        ...(send === undefined ? {} : { sends: withSend(batch.sends, send) }),
      });
    },

    async releaseBatch(lease, batchId) {
      await leases.assertHeld(lease);
      const known = await batches.findOne(place(lease, batchId));
      if (known === null || known.state === 'settled') return;
      const batch = await take(lease, batchId, ['assembling']);
      await ledger.freeFromBatch(lease, batchId, []);
      const released = itemsOf(batch).map((item) => ({ ...item, outcome: 'released' as const }));
      await step(lease, batch, { state: 'settled', items: JSON.stringify(released) });
    },

    async liveBatches(lease) {
      await leases.assertHeld(lease);
      const { companyId, fence } = lease;
      await batches.updateMany({ companyId, state: { $in: liveStates }, fence: { $lt: fence } }, { $set: { fence } });
      const live = await batches
        .find({ companyId, state: { $in: liveStates } })
        .sort({ createdAt: 1, id: 1 })
        .toArray();
      if (live.some((batch) => batch.fence > fence)) throw staleFence(lease);
      await ledger.raiseFence(
        lease,
        live.map(({ id }) => id),
      );
      return live.map(toBatch);
    },

    async batchesOfRun(companyId, runId) {
      const found = await batches.find({ companyId, runId }).sort({ createdAt: 1, id: 1 }).toArray();
      return found.map(toBatch);
    },

    async batchesOf(companyId, key) {
      const found = await batches.find({ companyId, keys: key }).sort({ createdAt: -1, id: -1 }).toArray();
      return found.map(toBatch);
    },
  };
}

const place = ({ companyId }: Pick<Lease, 'companyId'>, id: string) => ({ _id: `${companyId}|${id}`, companyId });

export const itemFields = (items: readonly BatchItem[]) => ({ items: JSON.stringify(items), keys: items.map(({ key }) => key) });

const itemsOf = ({ items }: BatchDocument): BatchItem[] => JSON.parse(items) as BatchItem[];

export function toBatch(document: BatchDocument): BatchRecord {
  const { id, companyId, runId, realmId, requestId, state, fence, sends, createdAt, body, bodySha256 } = document;
  return {
    id,
    companyId,
    runId,
    realmId,
    requestId,
    state,
    fence,
    items: itemsOf(document),
    sends,
    createdAt,
    ...(body === undefined ? {} : { body: body.value() }),
    ...(bodySha256 === undefined ? {} : { bodySha256 }),
  };
}
