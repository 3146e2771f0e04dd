import { randomUUID } from 'node:crypto';
import { toBinary, toTerms } from './mongo-append.ts';
import { itemFields, toBatch } from './mongo-batches.ts';
import { toCompany } from './mongo-companies.ts';
import { toEntry } from './mongo-entries.ts';
import { toLedgerDocument, toLedgerRecord } from './mongo-ledger.ts';
import { toRunDocument } from './mongo-runs.ts';
import type { Collection, Filter, UpdateFilter } from 'mongodb';
import type { AuditRow } from '../store.ts';
import type { RunRecord } from '../run.ts';
import type { StoreCollection, StoredRows, TransferableStore } from '../transferable-store.ts';
import type { MongoCollections } from './collections.ts';

interface Transfer<Row> {
  page(after: string | undefined, limit: number): Promise<{ key: string; row: Row }[]>;
  add(rows: readonly Row[]): Promise<void>;
}

export function createMongoTransfer({
  collections,
}: {
  collections: MongoCollections;
}): Pick<TransferableStore, 'exportRows' | 'importRows'> {
  const transfers: { [Name in StoreCollection]: Transfer<StoredRows[Name]> } = {
    companies: transfer(collections.companies, toCompany, ({ id, version, settings, connection, createdAt, updatedAt }) => ({
      _id: id,
      companyId: id,
      version,
      settings: JSON.stringify(settings),
      connection: JSON.stringify(connection),
      createdAt,
      updatedAt,
    })),
    entries: transfer(
      collections.entries,
      (document) => ({ ...toEntry(document), ...(document.settledBy === undefined ? {} : { settledBy: document.settledBy }) }),
      ({ id, source: _source, webhookId: _webhookId, body, ...entry }) => ({
        ...entry,
        _id: id,
        refs: [...entry.refs],
        words: [...entry.words],
        terms: toTerms(entry, id),
        ...(body === undefined ? {} : { body: toBinary(body), hasBody: true as const }),
        fence: 0,
      }),
    ),
    conflicts: transfer(
      collections.conflicts,
      ({ entryId, bodySha256, receivedAt, body }) => ({
        entryId,
        bodySha256,
        receivedAt,
        ...(body === undefined ? {} : { body: body.value() }),
      }),
      ({ entryId, bodySha256, receivedAt, body }) => ({
        _id: `${entryId}|${bodySha256}`,
        companyId: entryId.slice(0, entryId.indexOf('|')),
        entryId,
        bodySha256,
        receivedAt,
        ...(body === undefined ? {} : { body: toBinary(body) }),
      }),
    ),
    leases: transfer(
      collections.leases,
      ({ companyId, fence }) => ({ companyId, fence }),
      ({ companyId, fence }) => ({ _id: companyId, companyId, holder: '', token: null, fence, expiresAt: new Date(0) }),
    ),
    documents: transfer(
      collections.ledger,
      (document) => ({ companyId: document.companyId, record: toLedgerRecord(document) }),
      ({ companyId, record }) => toLedgerDocument(companyId, record, { batchId: record.batchId ?? null, fence: 0 }),
    ),
    batches: transfer(collections.batches, toBatch, ({ items, body, ...batch }) => ({
      ...batch,
      _id: `${batch.companyId}|${batch.id}`,
      ...itemFields(items),
      ...(body === undefined ? {} : { body: toBinary(body) }),
    })),
    runs: transfer(
      collections.runs,
      ({ record }) => JSON.parse(record) as RunRecord,
      (run) => toRunDocument(run, 0),
    ),
    audit: transfer(
      collections.audit,
      ({ row }) => JSON.parse(row) as AuditRow,
      (row) => ({ _id: row.id, companyId: row.companyId ?? '', at: row.at, subject: row.subject, row: JSON.stringify(row) }),
    ),
    records: transfer(
      collections.records,
      ({ kind, id, version, value, expiresAt }) => ({
        kind,
        id,
        version,
        value: JSON.parse(value) as unknown,
        ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
      }),
      ({ kind, id, version, value, expiresAt }) => ({
        _id: `${kind}|${id}`,
        kind,
        id,
        version,
        revision: randomUUID(),
        value: JSON.stringify(value),
        ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
      }),
    ),
    secrets: transfer(
      collections.secrets,
      ({ companyId, name, version, sealed }) => ({ companyId, name, version, sealed }),
      ({ companyId, name, version, sealed }) => ({ _id: `${companyId}|${name}`, companyId, name, version, sealed }),
    ),
  };

  return {
    exportRows: (collection, { after, limit }) => transfers[collection].page(after, limit),
    importRows: (collection, rows) => transfers[collection].add(rows),
  };
}

function transfer<Row, Document extends { _id: string }>(
  collection: Collection<Document>,
  toRow: (document: Document) => Row,
  toDocument: (row: Row) => Document,
): Transfer<Row> {
  return {
    async page(after, limit) {
      const filter = (after === undefined ? {} : { _id: { $gt: after } }) as Filter<Document>;
      const found = (await collection.find(filter).sort({ _id: 1 }).limit(limit).toArray()) as Document[];
      return found.map((document) => ({ key: idOf(document), row: toRow(document) }));
    },

    async add(rows) {
      if (rows.length === 0) return;
      await collection.bulkWrite(
        rows.map((row) => {
          const { _id, ...rest } = toDocument(row);
          const companyId = 'companyId' in rest ? { companyId: rest.companyId } : {};
          const fields = Object.fromEntries(Object.entries(rest).filter(([name]) => name !== 'companyId'));
          return {
            updateOne: {
              filter: { _id, ...companyId } as unknown as Filter<Document>,
              update: { $setOnInsert: fields } as unknown as UpdateFilter<Document>,
              upsert: true,
            },
          };
        }),
        { ordered: false },
      );
    },
  };
}

const idOf = ({ _id }: { _id: string }): string => _id;
