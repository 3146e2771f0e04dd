import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, claimed, ledgerRecord, newBatch, newEntry, newRun } from '../src/contract/subject.ts';
import { collectionsOf, mongoIndexes } from '../src/mongo/collections.ts';
import { createMongoAudit } from '../src/mongo/mongo-audit.ts';
import { createMongoBatches } from '../src/mongo/mongo-batches.ts';
import { createMongoEntries } from '../src/mongo/mongo-entries.ts';
import { createMongoLeases } from '../src/mongo/mongo-leases.ts';
import { createMongoLedger } from '../src/mongo/mongo-ledger.ts';
import { createMongoRecords } from '../src/mongo/mongo-records.ts';
import { createMongoRuns } from '../src/mongo/mongo-runs.ts';
import { openMongoStore } from '../src/mongo-store.ts';
import { createSecretBox } from '../src/secret-box.ts';
import { startMongoServer } from './mongo-server.ts';
import type { CommandStartedEvent, Db, Document } from 'mongodb';
import type { MongoCollections } from '../src/mongo/collections.ts';
import type { Lease } from '../src/store.ts';

// A query without an index is fast in every other test and slow after a year of webhooks.
describe('the MongoDB store reads by index', () => {
  let server: Awaited<ReturnType<typeof startMongoServer>>;
  let client: MongoClient;
  let db: Db;
  let lease: Lease;
  let store: ReturnType<typeof openParts>;
  let canExplain: boolean;
  const asked: Document[] = [];

  beforeAll(async () => {
    server = await startMongoServer();
    const url = server.url(`vesper_plans_${randomUUID().slice(0, 8)}`);
    const whole = await openMongoStore({ url, secretBox: createSecretBox({ keys: [{ id: 'test', key: new Uint8Array(32) }] }) });
    await whole.append(newEntry());
    lease = await claimed(whole);
    await whole.putLedger(lease, [ledgerRecord({ key: 'invoice/1' })]);
    await whole.reserveBatch(lease, newBatch('b1', ['invoice/1']));
    await whole.startRun(lease, newRun());
    await whole.appendAudit({ id: 'a1', at: at(1), companyId: 'acme', actor: 'jane', action: 'replay', subject: 'invoice/1' });
    await whole.close();
    client = await MongoClient.connect(url, { monitorCommands: true });
    db = client.db();
    canExplain = await db
      .command({ explain: { find: 'outbox', filter: {} } })
      .then(({ queryPlanner }) => queryPlanner !== undefined)
      .catch(() => false);
    if (!canExplain)
      process.stderr.write('MongoDB plans: this server explains nothing, so filters are held against the declared indexes.\n');
    store = openParts(collectionsOf(db));
    client.on('commandStarted', ({ command }: CommandStartedEvent) => asked.push(command));
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  const page = { after: 'a', limit: 10 };
  const everything = { companyIds: ['acme'], states: ['posted', 'held'] as const, from: at(0), to: at(1), limit: 10 };
  const id = 'acme|vesper|msg_1';
  const reads: Record<string, () => Promise<unknown>> = {
    entry: () => store.entry(id),
    entriesByRefs: () => store.entriesByRefs('acme', ['inspection/812', 'payment/7']),
    entriesByState: () => store.entriesByState('acme', ['pending', 'held'], page),
    'search, no filter': () => store.search({ limit: 10 }),
    'search, all filters': () => store.search({ ...everything, type: 'payment.settled' }),
    'search by text': () => store.search({ ...everything, q: 'jane doe' }),
    'search by subject': () => store.search({ ...everything, subject: 'inspection/812' }),
    'counts of a company': () => store.counts('acme'),
    moveEntry: () => store.moveEntry({ id, from: ['pending'], to: 'held' }),
    settleEntries: () => store.settleEntries(lease, [{ id, state: 'posted', runId: 'r', at: at(1) }]),
    redactBodies: () => store.redactBodies(at(9), 10),
    conflicts: () => store.conflicts(id),
    claimLease: () => store.claimLease({ companyId: 'acme', holder: 'h', ttlMs: 1_000 }),
    ledger: () => store.ledger('acme', ['invoice/1', 'invoice/2']),
    ledgerByInspection: () => store.ledgerByInspection('acme', '812'),
    ledgerByState: () => store.ledgerByState('acme', ['held', 'failed'], page),
    ledgerByDate: () => store.ledgerByDate('acme', { from: '2026-06-01', to: '2026-06-02' }, page),
    ledgerByQuickbooks: () => store.ledgerByQuickbooks('acme', [{ entity: 'Invoice', id: '1' }]),
    documentsByText: () => store.documentsByText({ companyIds: ['acme'], text: 'sp812', limit: 10 }),
    'documentsByText, all companies': () => store.documentsByText({ text: 'sp812', limit: 10 }),
    liveBatches: () => store.liveBatches(lease),
    batchesOf: () => store.batchesOf('acme', 'invoice/1'),
    batchesOfRun: () => store.batchesOfRun('acme', 'run-1'),
    run: () => store.run('acme', 'run-1'),
    'runs of a company': () => store.runs({ companyId: 'acme', limit: 10 }),
    'runs of all': () => store.runs({ limit: 10 }),
    'audit of a company': () => store.audit({ companyId: 'acme', limit: 10, before: at(1) }),
    'audit of a subject': () => store.audit({ subject: 'invoice/1', limit: 10 }),
    'audit of all': () => store.audit({ limit: 10 }),
    getRecord: () => store.getRecord('session', 'a'),
    listRecords: () => store.listRecords('session', { prefix: 'a', limit: 10 }),
  };
  it.each(Object.keys(reads))('%s', async (name) => {
    asked.length = 0;
    await reads[name]?.();
    const queries = asked.flatMap(queriesOf);
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) {
      if (!canExplain) expect(query).toSatisfy(isServed);
      else expect(JSON.stringify(await explained(query))).not.toMatch(isFew(query) ? /"COLLSCAN"/u : /"COLLSCAN"|"SORT"/u);
    }
  });

  const explained = ({ collection, filter, sort, limit }: Query): Promise<Document> =>
    db
      .collection(collection)
      .find(filter, { sort: new Map(sort), limit })
      .explain('queryPlanner');
});

interface Query {
  collection: string;
  filter: Document;
  sort: ReadonlyMap<string, 1 | -1>;
  limit: number;
}

/** The filter of everything a command reads or changes; inserts have none. */
function queriesOf(command: Document): Query[] {
  const of = (verb: string, filter: Document = {}): Query[] => [
    { collection: command[verb], filter, sort: command['sort'] ?? new Map(), limit: command['limit'] ?? 0 },
  ];
  if ('find' in command) return of('find', command['filter']);
  if ('findAndModify' in command) return of('findAndModify', command['query']);
  if ('aggregate' in command) return of('aggregate', command['pipeline'][0]['$match']);
  if ('update' in command) return command['updates'].flatMap(({ q }: { q: Document }) => of('update', q));
  return [];
}

/**
 * An index begins with a field the filter narrows. A page of many is read in the index's own order: the fields it narrows, then those it is
 * sorted by; what is looked up by a text or a subject is few and sorted afterwards.
 */
function isServed({ collection, filter, sort, limit }: Query): boolean {
  const names: Record<string, keyof MongoCollections> = { outbox: 'entries', documents: 'ledger' };
  const declared = mongoIndexes[names[collection] ?? (collection as keyof MongoCollections)].map(({ key }) => Object.keys(key));
  const fields = fieldsOf(filter);
  const sorted = [...sort.keys()].join();
  if (isFew({ collection, filter, sort, limit })) return [['_id'], ...declared].some(([first = '']) => fields.includes(first));
  return [['_id'], ...declared].some((index) => {
    const narrowed = index.slice(0, index.length - sort.size);
    return narrowed.every((field) => fields.includes(field)) && index.slice(narrowed.length).join() === sorted;
  });
}

const isFew = ({ filter, sort, limit }: Query): boolean =>
  limit === 0 || sort.size === 0 || fieldsOf(filter).some((field) => fewBy.has(field));
const fewBy: ReadonlySet<string> = new Set(['refs', '$or', 'numbers', 'quickbooksId', 'sends.intuitTid']);

const fieldsOf = (filter: Document): string[] =>
  Object.entries(filter).flatMap(([key, value]) => (key === '$and' ? (value as Document[]).flatMap(fieldsOf) : [key]));

function openParts(collections: MongoCollections) {
  const leases = createMongoLeases({ collections, monotonicNow: () => 0, leaseNow: () => Promise.resolve(Date.now()) });
  const ledger = createMongoLedger({ collections, leases });
  return {
    ...createMongoEntries({ collections, leases, now: Date.now }),
    ...leases,
    ...ledger,
    ...createMongoBatches({ collections, leases, ledger }),
    ...createMongoRuns({ collections, leases }),
    ...createMongoAudit({ collections }),
    ...createMongoRecords({ collections, now: Date.now }),
  };
}
