import { staleFence } from './mongo-leases.ts';
import type { RunRecord } from '../run.ts';
import type { Store } from '../store.ts';
import type { MongoCollections, RunDocument } from './collections.ts';
import type { MongoLeases } from './mongo-leases.ts';

export type MongoRuns = Pick<Store, 'startRun' | 'putRun' | 'run' | 'runs'>;

export function createMongoRuns({ collections, leases }: { collections: MongoCollections; leases: MongoLeases }): MongoRuns {
  const { runs } = collections;

  return {
    async startRun(lease, run) {
      await leases.assertHeld(lease);
      const { _id, companyId, ...rest } = toRunDocument(run, lease.fence);
      await runs.updateOne({ _id, companyId }, { $setOnInsert: rest }, { upsert: true });
      const kept = toRun(await runs.findOne({ _id, companyId }));
      // The same run told twice, after a lost answer, has started.
      return kept === undefined || kept.id === run.id ? { outcome: 'started' } : { outcome: 'exists', run: kept };
    },

    async putRun(lease, run) {
      await leases.assertHeld(lease);
      const { _id, companyId, ...rest } = toRunDocument(run, lease.fence);
      const { matchedCount } = await runs.updateOne({ _id, companyId, fence: { $lte: lease.fence } }, { $set: rest });
      if (matchedCount > 0) return;
      const { upsertedCount } = await runs.updateOne({ _id, companyId }, { $setOnInsert: rest }, { upsert: true });
      if (upsertedCount === 0) throw staleFence(lease);
    },

    run: async (companyId, id) => toRun(await runs.findOne({ companyId, id })),

    async runs({ companyId, fromDate, toDate, limit }) {
      const days = { ...(fromDate === undefined ? {} : { $gte: fromDate }), ...(toDate === undefined ? {} : { $lte: toDate }) };
      const found = await runs
        .find({ ...(companyId === undefined ? {} : { companyId }), ...(Object.keys(days).length === 0 ? {} : { localDate: days }) })
        .sort({ startedAt: -1, id: -1 })
        .limit(limit)
        .toArray();
      return found.map(({ record }) => JSON.parse(record) as RunRecord);
    },
  };
}

export function toRunDocument(run: RunRecord, fence: number): RunDocument {
  const { companyId, id, localDate, trigger, startedAt } = run;
  const place = trigger === 'evening' ? `${companyId}|evening|${localDate}` : `${companyId}|run|${id}`;
  return { _id: place, companyId, id, localDate, trigger, startedAt, fence, record: JSON.stringify(run) };
}

const toRun = (document: RunDocument | null): RunRecord | undefined =>
  document === null ? undefined : (JSON.parse(document.record) as RunRecord);
