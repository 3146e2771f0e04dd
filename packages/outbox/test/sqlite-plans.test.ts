import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, newEntry } from '../src/contract/subject.ts';
import { openSqliteConnection } from '../src/sqlite/connection.ts';
import { migrate } from '../src/sqlite/migrations.ts';
import { packEntries } from '../src/sqlite/packed-entries.ts';
import { createTables } from '../src/sqlite/tables.ts';
import type { SqliteConnection, SqlParameters } from '../src/sqlite/connection.ts';
import type { SqliteTables } from '../src/sqlite/tables.ts';
import type { Lease } from '../src/store.ts';

// A plan that scans is fast in every other test and slow after a year of webhooks.
describe('the SQLite store reads by index', () => {
  let folder: string;
  let connection: SqliteConnection;
  let tables: SqliteTables;
  let lease: Lease;
  const asked: { sql: string; parameters: object | undefined }[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vesper-plans-'));
    const real = openSqliteConnection(join(folder, 'vesper.db'));
    migrate(real);
    connection = real;
    const note = <Method extends 'get' | 'all' | 'run'>(method: Method): SqliteConnection[Method] =>
      ((sql: string, parameters?: SqlParameters) => {
        // A plan does not depend on values; what is bound by place stays unbound.
        asked.push({ sql, parameters: Array.isArray(parameters) ? {} : parameters });
        return real[method](sql, parameters);
      }) as SqliteConnection[Method];
    tables = createTables({ connection: { ...real, get: note('get'), all: note('all'), run: note('run') }, now: () => 0 });
    tables.appendPacked(packEntries([newEntry()]));
    tables.foldIn(10);
    const claim = tables.claimLease({ companyId: 'acme', holder: 'h', ttlMs: 1_000 });
    if (claim.outcome === 'claimed') lease = { ...claim.lease, trustedUntilMs: 0 };
  });
  afterAll(async () => {
    connection.close();
    await rm(folder, { recursive: true });
  });

  const page = { after: 'a', limit: 10 };
  const everything = { companyIds: ['acme'], states: ['posted', 'held'] as const, from: at(0), to: at(1), limit: 10 };
  const reads: Record<string, () => unknown> = {
    append: () => tables.appendPacked(packEntries([newEntry(), newEntry({ webhookId: 'msg_2' })])),
    foldIn: () => {
      tables.appendPacked(packEntries([newEntry({ webhookId: 'msg_3' })]));
      tables.foldIn(10);
    },
    entry: () => tables.entry('acme|vesper|msg_1'),
    entriesByRefs: () => tables.entriesByRefs('acme', ['inspection/812', 'payment/7']),
    entriesByState: () => tables.entriesByState('acme', ['pending', 'held'], page),
    'search, no filter': () => tables.search({ limit: 10 }),
    'search, all filters': () =>
      tables.search({ ...everything, type: 'payment.settled', cursor: Buffer.from('["2026",  "9"]').toString('base64url') }),
    'search by text': () => tables.search({ ...everything, q: 'jane doe' }),
    'search by text, all companies': () => tables.search({ q: 'jane', limit: 10 }),
    'search by subject': () => tables.search({ subject: 'inspection/812', limit: 10 }),
    moveEntry: () => tables.moveEntry({ id: 'acme|vesper|msg_1', from: ['pending'], to: 'held' }),
    settleEntries: () => tables.settleEntries(lease, [{ id: 'acme|vesper|msg_1', state: 'posted', runId: 'r', at: at(1) }]),
    redactBodies: () => tables.redactBodies(at(9), 10),
    conflicts: () => tables.conflicts('acme|vesper|msg_1'),
    ledger: () => tables.ledger('acme', ['invoice/1', 'invoice/2']),
    ledgerByInspection: () => tables.ledgerByInspection('acme', '812'),
    ledgerByState: () => tables.ledgerByState('acme', ['held', 'failed'], page),
    ledgerByDate: () => tables.ledgerByDate('acme', { from: '2026-06-01', to: '2026-06-02' }, page),
    ledgerByQuickbooks: () => tables.ledgerByQuickbooks('acme', [{ entity: 'Invoice', id: '1' }]),
    liveBatches: () => tables.liveBatches(lease),
    batchesOf: () => tables.batchesOf('acme', 'invoice/1'),
    batchesOfRun: () => tables.batchesOfRun('acme', 'run-1'),
    documentsByText: () => tables.documentsByText({ companyIds: ['acme'], text: 'sp812', limit: 10 }),
    'documentsByText, all companies': () => tables.documentsByText({ text: 'sp812', limit: 10 }),
    run: () => tables.run('acme', 'run-1'),
    'runs of a company': () => tables.runs({ companyId: 'acme', limit: 10 }),
    'runs of all': () => tables.runs({ limit: 10 }),
    'audit of a company': () => tables.audit({ companyId: 'acme', limit: 10, before: at(1), after: 'x' }),
    'audit of a subject': () => tables.audit({ subject: 'invoice/1', limit: 10 }),
    'audit of all': () => tables.audit({ limit: 10 }),
    getRecord: () => tables.getRecord('session', 'a'),
    putRecord: () => tables.putRecord('session', 'a', 1, { expectedVersion: 'any' }),
    listRecords: () => tables.listRecords('session', { prefix: 'a', limit: 10 }),
  };
  it.each(Object.keys(reads))('%s', (name) => {
    asked.length = 0;
    reads[name]?.();
    const plans = asked
      .filter(({ sql }) => /^\s*(?:SELECT|UPDATE|DELETE|INSERT)/u.test(sql))
      .map(({ sql, parameters }) => {
        const steps = connection.all(`EXPLAIN QUERY PLAN ${sql}`, { ...parameters }).map(({ detail }) => String(detail));
        return { sql, scans: steps.filter((step) => isScan(step)) };
      });
    expect(plans.length).toBeGreaterThan(0);
    expect(plans.filter(({ scans }) => scans.length > 0)).toEqual([]);
  });
});

/** A walk through a whole table, or a sort of many rows; walking an index in its order up to a limit is what it is for. */
function isScan(step: string): boolean {
  // All rows up to the newest one: what is not folded in yet is few, everything else grows.
  if (/^SEARCH (?!inbox|i )\w+ USING INTEGER PRIMARY KEY \(rowid<\?\)/u.test(step)) return true;
  if (!step.startsWith('SCAN')) return false;
  if (step === 'SCAN inbox') return false;
  const harmless = [
    /^SCAN json_each/u,
    /^SCAN (?:s|ref) VIRTUAL TABLE/u,
    /^SCAN entry_search VIRTUAL TABLE INDEX/u,
    /^SCAN CONSTANT ROW/u,
    /^SCAN \(subquery-\d+\)/u,
  ];
  if (/^SCAN (?:runs|audit) USING INDEX (?:runs_of_all|audit_by_time)$/u.test(step)) return false;
  // One row for each company and state.
  if (step.startsWith('SCAN entry_counts')) return false;
  return !harmless.some((pattern) => pattern.test(step));
}
