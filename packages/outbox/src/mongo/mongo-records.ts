import { randomUUID } from 'node:crypto';
import { isDuplicateKey } from './connection.ts';
import type { Store } from '../store.ts';
import type { MongoCollections, RecordDocument } from './collections.ts';

export type MongoRecords = Pick<Store, 'getRecord' | 'putRecord' | 'takeRecord' | 'listRecords'>;

/** Compare-and-set goes by the revision, new with each write: a version that comes back after a removal is not mistaken for the old one. */
export function createMongoRecords({ collections, now }: { collections: MongoCollections; now: () => number }): MongoRecords {
  const { records } = collections;
  const find = (kind: string, id: string) => records.findOne({ _id: `${kind}|${id}` });
  const isLive = (document: RecordDocument | null): document is RecordDocument =>
    document !== null && (document.expiresAt === undefined || document.expiresAt.getTime() > now());

  async function replace(document: RecordDocument, seen: RecordDocument | null): Promise<boolean> {
    if (seen !== null) {
      const { _id, ...fields } = document;
      // What another version has added stays: two may be at work during an upgrade.
      const update = { $set: fields, ...(fields.expiresAt === undefined && { $unset: { expiresAt: '' as const } }) };
      return (await records.updateOne({ _id, revision: seen.revision }, update)).matchedCount > 0;
    }
    try {
      await records.insertOne(document);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  return {
    async getRecord<Value>(kind: string, id: string) {
      const found = await find(kind, id);
      return isLive(found) ? { value: JSON.parse(found.value) as Value, version: found.version } : undefined;
    },

    async putRecord(kind, id, value, { expectedVersion, expiresAt }) {
      for (;;) {
        const seen = await find(kind, id);
        const known = isLive(seen) ? seen.version : 'new';
        if (expectedVersion !== 'any' && expectedVersion !== known) return { outcome: 'changed_meanwhile' };
        const version = known === 'new' ? 1 : known + 1;
        const expiry = expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) };
        const document = { _id: `${kind}|${id}`, kind, id, version, revision: randomUUID(), value: JSON.stringify(value), ...expiry };
        if (await replace(document, seen)) return { outcome: 'saved', version };
        if (expectedVersion !== 'any') return { outcome: 'changed_meanwhile' };
      }
    },

    async takeRecord<Value>(kind: string, id: string) {
      const seen = await find(kind, id);
      if (!isLive(seen)) return undefined;
      const { deletedCount } = await records.deleteOne({ _id: `${kind}|${id}`, revision: seen.revision });
      return deletedCount > 0 ? (JSON.parse(seen.value) as Value) : undefined;
    },

    async listRecords<Value>(kind: string, { prefix = '', after = '', limit }: { prefix?: string; after?: string; limit: number }) {
      const found = await records
        .find({
          kind,
          id: { $gt: after, $regex: new RegExp(`^${RegExp.escape(prefix)}`, 'u') },
          $or: [{ expiresAt: { $exists: false } }, { expiresAt: { $gt: new Date(now()) } }],
        })
        .sort({ id: 1 })
        .limit(limit)
        .toArray();
      return found.map(({ id, value, version }) => ({ id, value: JSON.parse(value) as Value, version }));
    },
  };
}
