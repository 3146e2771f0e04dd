import { randomUUID } from 'node:crypto';
import { StoreError } from '../store-error.ts';
import { documentNumbers } from '../document-numbers.ts';
import { ledgerDate } from '../ledger-date.ts';
import { staleFence } from './mongo-leases.ts';
import type { AnyBulkWriteOperation, Filter } from 'mongodb';
import type { DocumentKey } from '@vesper/core/document';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { DocumentMatch, Lease, Store } from '../store.ts';
import type { LedgerDocument, MongoCollections } from './collections.ts';
import type { MongoLeases } from './mongo-leases.ts';

export type MongoLedger = Pick<
  Store,
  'ledger' | 'ledgerByInspection' | 'ledgerByState' | 'ledgerByDate' | 'ledgerByQuickbooks' | 'documentsByText' | 'putLedger'
> & {
  inBatch(companyId: string, batchId: string): Promise<LedgerRecord[]>;
  /** Takes documents that are in no live batch into this one; which of the keys are in it afterwards. */
  takeIntoBatch(lease: Lease, batchId: string, keys: readonly DocumentKey[]): Promise<Set<DocumentKey>>;
  /** Writes records that are in no batch or in this one, with the batch they are in from now on; others are left alone. */
  writeFromBatch(lease: Lease, batchId: string, records: readonly { record: LedgerRecord; stays: boolean }[]): Promise<void>;
  /** Frees the batch's documents but these: sealed ones are planned again. */
  freeFromBatch(lease: Lease, batchId: string, except: readonly DocumentKey[]): Promise<void>;
  raiseFence(lease: Lease, batchIds: readonly string[]): Promise<void>;
};

export function createMongoLedger({ collections, leases }: { collections: MongoCollections; leases: MongoLeases }): MongoLedger {
  const { ledger } = collections;
  const select = async (filter: Filter<LedgerDocument>, limit = 0): Promise<LedgerRecord[]> =>
    (await ledger.find(filter).sort({ key: 1 }).limit(limit).toArray()).map(toLedgerRecord);

  return {
    async ledger(companyId, keys) {
      const found = await select({ companyId, _id: { $in: keys.map((key) => idOf(companyId, key)) } });
      return new Map(found.map((record) => [record.key, record]));
    },
    ledgerByInspection: (companyId, inspectionId) => select({ companyId, inspectionId }),
    ledgerByState: (companyId, states, { after = '', limit }) =>
      select({ companyId, state: { $in: [...states] }, key: { $gt: after } }, limit),
    ledgerByDate: (companyId, { from, to }, { after = '', limit }) =>
      select({ companyId, localDate: { $gte: from, $lte: to }, key: { $gt: after } }, limit),
    ledgerByQuickbooks: async (companyId, records) =>
      records.length === 0
        ? []
        : select({ companyId, $or: records.map(({ entity, id }) => ({ quickbooksEntity: entity, quickbooksId: id })) }),

    async documentsByText({ companyIds, text, limit }) {
      const within = companyIds === undefined ? {} : { companyId: { $in: [...companyIds] } };
      const find = async (by: DocumentMatch['by'], filter: Filter<LedgerDocument>): Promise<DocumentMatch[]> => {
        const found = await ledger.find(filter).sort({ companyId: 1, key: 1 }).limit(limit).toArray();
        return found.map((document) => ({ companyId: document.companyId, by, record: toLedgerRecord(document) }));
      };
      const answered = await collections.batches.find({ 'sends.intuitTid': text, ...within }).toArray();
      const carried = answered.flatMap(({ companyId, keys }) => keys.map((key) => idOf(companyId, key)));
      return [
        ...(await find('document_number', { numbers: text, ...within })),
        ...(await find('quickbooks_id', { quickbooksId: text, ...within })),
        ...(carried.length === 0 ? [] : await find('intuit_tid', { _id: { $in: carried } })),
      ];
    },

    async putLedger(lease, records) {
      await leases.assertHeld(lease);
      const { companyId, fence } = lease;
      const mark = randomUUID();
      const known = new Set(
        (await ledger.find({ companyId, _id: { $in: records.map(({ key }) => idOf(companyId, key)) } }).toArray()).map(({ key }) => key),
      );
      if (records.length > 0)
        await ledger.bulkWrite(
          records.map((record) => {
            const { _id, companyId: _companyId, ...rest } = toLedgerDocument(companyId, record, { batchId: null, fence });
            return known.has(record.key)
              ? { updateOne: { filter: { _id, companyId, batchId: null, fence: { $lte: fence } }, update: overwriting({ ...rest, mark }) } }
              : { updateOne: { filter: { _id, companyId }, update: { $setOnInsert: { ...rest, mark } }, upsert: true } };
          }),
          { ordered: false },
        );
      const after = await ledger
        .find({ companyId, _id: { $in: records.map(({ key }) => idOf(companyId, key)) }, mark: { $ne: mark } })
        .toArray();
      if (after.some((document) => document.fence > fence)) throw staleFence(lease);
      const free = after.find(({ batchId }) => batchId === null);
      if (free !== undefined) throw new StoreError('unavailable', `The record ${free.key} changed meanwhile; put it again.`);
      return { refused: after.map(({ key }) => key) };
    },

    inBatch: (companyId, batchId) => select({ companyId, batchId }),

    async takeIntoBatch({ companyId, fence }, batchId, keys) {
      if (keys.length === 0) return new Set();
      await ledger.bulkWrite(
        keys.map((key) => ({
          updateOne: {
            filter: { _id: idOf(companyId, key), companyId, batchId: null, fence: { $lte: fence } },
            update: { $set: { batchId, state: 'sealed' as const, fence } },
          },
        })),
        { ordered: false },
      );
      const taken = await ledger.find({ companyId, batchId, _id: { $in: keys.map((key) => idOf(companyId, key)) } }).toArray();
      return new Set(taken.map(({ key }) => key));
    },

    async writeFromBatch({ companyId, fence }, batchId, records) {
      if (records.length === 0) return;
      const ids = records.map(({ record }) => idOf(companyId, record.key));
      const known = new Map((await ledger.find({ companyId, _id: { $in: ids } }).toArray()).map((document) => [document.key, document]));
      const writes = records.flatMap(({ record, stays }): AnyBulkWriteOperation<LedgerDocument>[] => {
        const before = known.get(record.key);
        if (before !== undefined && before.batchId !== null && before.batchId !== batchId) return [];
        const holds = before?.batchId === batchId && stays ? batchId : null;
        const { _id, companyId: _companyId, ...rest } = toLedgerDocument(companyId, record, { batchId: holds, fence });
        return before === undefined
          ? [{ updateOne: { filter: { _id, companyId }, update: { $setOnInsert: rest }, upsert: true } }]
          : [
              {
                updateOne: {
                  filter: { _id, companyId, batchId: before.batchId, fence: { $lte: fence } },
                  update: overwriting(rest),
                },
              },
            ];
      });
      if (writes.length > 0) await ledger.bulkWrite(writes, { ordered: false });
    },

    async freeFromBatch({ companyId, fence }, batchId, except) {
      const held = await ledger.find({ companyId, batchId, key: { $nin: [...except] } }).toArray();
      if (held.length === 0) return;
      await ledger.bulkWrite(
        held.map(({ _id, state }) => ({
          updateOne: {
            filter: { _id, companyId, batchId, fence: { $lte: fence } },
            update: { $set: { batchId: null, fence, state: state === 'sealed' ? ('planned' as const) : state } },
          },
        })),
        { ordered: false },
      );
    },

    async raiseFence({ companyId, fence }, batchIds) {
      if (batchIds.length > 0)
        await ledger.updateMany({ companyId, batchId: { $in: [...batchIds] }, fence: { $lt: fence } }, { $set: { fence } });
    },
  };
}

const idOf = (companyId: string, key: DocumentKey): string => `${companyId}|${key}`;

/** Writes what this version knows and leaves what another one has added: two versions may be at work during an upgrade. */
function overwriting(fields: Omit<LedgerDocument, '_id' | 'companyId'>) {
  const optional = ['inspectionId', 'localDate', 'quickbooksEntity', 'quickbooksId'] as const;
  const absent = optional.filter((name) => fields[name] === undefined);
  return { $set: fields, ...(absent.length > 0 && { $unset: Object.fromEntries(absent.map((name) => [name, ''] as const)) }) };
}

export function toLedgerDocument(
  companyId: string,
  record: LedgerRecord,
  { batchId, fence }: { batchId: string | null; fence: number },
): LedgerDocument {
  const { batchId: _batchId, state, ...kept } = record;
  const localDate = ledgerDate(record);
  return {
    _id: idOf(companyId, record.key),
    companyId,
    key: record.key,
    state,
    ...(record.inspectionId === undefined ? {} : { inspectionId: record.inspectionId }),
    ...(localDate === undefined ? {} : { localDate }),
    ...(record.quickbooks === undefined ? {} : { quickbooksEntity: record.quickbooks.entity, quickbooksId: record.quickbooks.id }),
    numbers: documentNumbers(record),
    batchId,
    fence,
    record: JSON.stringify(kept),
  };
}

export function toLedgerRecord({ record, state, batchId }: LedgerDocument): LedgerRecord {
  const kept = JSON.parse(record) as Omit<LedgerRecord, 'state' | 'batchId'>;
  return { ...kept, state, ...(batchId === null ? {} : { batchId }) };
}
