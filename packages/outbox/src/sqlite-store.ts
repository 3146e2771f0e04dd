import { join } from 'node:path';
import { createAppendQueue } from './append-queue.ts';
import { assertEntryParts } from './entry-id.ts';
import { leaseTrustedUntilMs } from './lease-trust.ts';
import { openSqliteEngine } from './sqlite/engine.ts';
import { lockFolder } from './sqlite/folder-lock.ts';
import { secretPlace } from './secret-box.ts';
import { StoreError } from './store-error.ts';
import { createWriteHealth } from './write-health.ts';
import type { SecretBox } from './secret-box.ts';
import type { SqliteEngine } from './sqlite/engine.ts';
import type { Store } from './store.ts';

export interface SqliteStoreOptions {
  /** Made when missing; holds `vesper.db`, its `-wal`, and the writer lock. Never on a network file system. */
  folder: string;
  secretBox: SecretBox;
  /** Epoch ms. */
  now?: () => number;
  /** The clock of `Lease.trustedUntilMs`. */
  monotonicNow?: () => number;
  /** Entries that may wait to be written before an append is answered `full`. */
  queueLimit?: number;
}

/** Throws `StoreError`: `locked` when another process has the folder, `unsupported` when the file cannot be durable, `unavailable`, `corrupt`. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { folder, secretBox, now = Date.now, monotonicNow = () => performance.now(), queueLimit } = options;
  const lock = lockFolder(folder);
  let engine: SqliteEngine;
  try {
    engine = openSqliteEngine({ file: join(folder, 'vesper.db'), now });
  } catch (error) {
    lock.release();
    throw error;
  }

  let closing: Promise<void> | undefined;
  const call: SqliteEngine['call'] = (name, ...args) => {
    if (closing !== undefined) return Promise.reject(new StoreError('unavailable', 'The store is closed.'));
    return engine.call(name, ...args);
  };
  const health = createWriteHealth({ now, probe: () => call('probe') });
  const queue = createAppendQueue({
    writeGroup: (entries) => health.watch(() => engine.call('appendGroup', entries)),
    ...(queueLimit === undefined ? {} : { limit: queueLimit }),
  });

  return {
    append(entry) {
      if (closing !== undefined) return Promise.reject(new StoreError('unavailable', 'The store is closed.'));
      assertEntryParts(entry);
      return queue.append(entry);
    },
    isWritable: () => (closing === undefined && !queue.isFull ? health.isWritable() : Promise.resolve(false)),

    entry: (id) => call('entry', id),
    entriesByRefs: (companyId, refs) => call('entriesByRefs', companyId, refs),
    entriesByState: (companyId, states, page) => call('entriesByState', companyId, states, page),
    search: (filter) => call('search', filter),
    counts: (companyId) => call('counts', companyId),
    moveEntry: (move) => call('moveEntry', move),
    settleEntries: (lease, settled) => call('settleEntries', lease, settled),
    redactBodies: (before, limit) => call('redactBodies', before, limit),
    conflicts: (id) => call('conflicts', id),

    putCompany: (company, expectedVersion) => call('putCompany', company, expectedVersion),
    company: (id) => call('company', id),
    companies: (page) => call('companies', page),

    async claimLease(claim) {
      const startedMs = monotonicNow();
      const claimed = await call('claimLease', claim);
      if (claimed.outcome === 'busy') return claimed;
      return { outcome: 'claimed', lease: { ...claimed.lease, trustedUntilMs: leaseTrustedUntilMs({ startedMs, ttlMs: claim.ttlMs }) } };
    },
    async renewLease(lease, ttlMs) {
      const startedMs = monotonicNow();
      const renewed = await call('renewLease', lease, ttlMs);
      if (renewed) lease.trustedUntilMs = leaseTrustedUntilMs({ startedMs, ttlMs });
      return renewed;
    },
    releaseLease: (lease) => call('releaseLease', lease),

    ledger: (companyId, keys) => call('ledger', companyId, keys),
    ledgerByInspection: (companyId, inspectionId) => call('ledgerByInspection', companyId, inspectionId),
    ledgerByState: (companyId, states, page) => call('ledgerByState', companyId, states, page),
    ledgerByDate: (companyId, days, page) => call('ledgerByDate', companyId, days, page),
    ledgerByQuickbooks: (companyId, records) => call('ledgerByQuickbooks', companyId, records),
    putLedger: (lease, records) => call('putLedger', lease, records),

    reserveBatch: (lease, batch) => call('reserveBatch', lease, batch),
    sealBatch: (lease, batchId, sealed) => call('sealBatch', lease, batchId, sealed),
    startSend: (lease, batchId, send) => call('startSend', lease, batchId, send),
    settleBatch: (lease, batchId, settlement) => call('settleBatch', lease, batchId, settlement),
    releaseBatch: (lease, batchId) => call('releaseBatch', lease, batchId),
    liveBatches: (lease) => call('liveBatches', lease),
    batchesOf: (companyId, key) => call('batchesOf', companyId, key),

    startRun: (lease, run) => call('startRun', lease, run),
    putRun: (lease, run) => call('putRun', lease, run),
    run: (companyId, id) => call('run', companyId, id),
    runs: (filter) => call('runs', filter),

    appendAudit: (row) => call('appendAudit', row),
    audit: (filter) => call('audit', filter),

    getRecord: async <Value>(kind: string, id: string) =>
      (await call('getRecord', kind, id)) as { value: Value; version: number } | undefined,
    putRecord: (kind, id, value, recordOptions) => call('putRecord', kind, id, value, recordOptions),
    takeRecord: async <Value>(kind: string, id: string) => (await call('takeRecord', kind, id)) as Value | undefined,
    listRecords: async <Value>(kind: string, page: { prefix?: string; after?: string; limit: number }) =>
      (await call('listRecords', kind, page)) as { id: string; value: Value; version: number }[],

    async getSecret(companyId, name) {
      const known = await call('getSealed', companyId, name);
      return known === undefined
        ? undefined
        : { value: secretBox.open(known.sealed, secretPlace(companyId, name)), version: known.version };
    },
    async putSecret(companyId, name, value, expectedVersion) {
      return call('putSealed', companyId, name, secretBox.seal(value, secretPlace(companyId, name)), expectedVersion);
    },
    deleteSecret: (companyId, name) => call('deleteSecret', companyId, name),

    close() {
      closing ??= queue
        .drained()
        .then(() => engine.close())
        .finally(() => lock.release());
      return closing;
    },
  };
}
