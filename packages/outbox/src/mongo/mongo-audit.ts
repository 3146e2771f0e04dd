import type { Filter } from 'mongodb';
import type { AuditRow, Store } from '../store.ts';
import type { AuditDocument, MongoCollections } from './collections.ts';

export type MongoAudit = Pick<Store, 'appendAudit' | 'audit'>;

export function createMongoAudit({ collections }: { collections: MongoCollections }): MongoAudit {
  const { audit } = collections;

  return {
    async appendAudit(row) {
      const { id, at, companyId = '', subject } = row;
      await audit.updateOne({ _id: id }, { $setOnInsert: { companyId, at, subject, row: JSON.stringify(row) } }, { upsert: true });
    },

    async audit({ companyId, subject, before, after, limit }) {
      const last = after === undefined ? null : await audit.findOne({ _id: after });
      const and: Filter<AuditDocument>[] = [
        ...(companyId === undefined ? [] : [{ companyId }]),
        ...(subject === undefined ? [] : [{ subject }]),
        ...(before === undefined ? [] : [{ at: { $lt: before } }]),
        ...(last === null || after === undefined ? [] : [{ $or: [{ at: { $lt: last.at } }, { at: last.at, _id: { $lt: after } }] }]),
      ];
      const found = await audit
        .find(and.length === 0 ? {} : { $and: and })
        .sort({ at: -1, _id: -1 })
        .limit(limit)
        .toArray();
      return found.map(({ row }) => JSON.parse(row) as AuditRow);
    },
  };
}
