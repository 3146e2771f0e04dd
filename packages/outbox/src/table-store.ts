import { leaseTrustedUntilMs } from './lease-trust.ts';
import { secretPlace } from './secret-box.ts';
import type { SecretBox } from './secret-box.ts';
import type { Store } from './store.ts';
import type { TableCall } from './tables.ts';

/** The port over tables: seals and opens secrets, counts how long a lease may be trusted, and passes everything else through. */
export function createTableStore(options: {
  call: TableCall;
  append: Store['append'];
  isWritable: Store['isWritable'];
  close: Store['close'];
  secretBox: SecretBox;
  monotonicNow: () => number;
}): Store {
  const { call, append, isWritable, close, secretBox, monotonicNow } = options;
  return {
    append,
    isWritable,
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
    documentsByText: (search) => call('documentsByText', search),
    putLedger: (lease, records) => call('putLedger', lease, records),

    reserveBatch: (lease, batch) => call('reserveBatch', lease, batch),
    sealBatch: (lease, batchId, sealed) => call('sealBatch', lease, batchId, sealed),
    startSend: (lease, batchId, send) => call('startSend', lease, batchId, send),
    settleBatch: (lease, batchId, settlement) => call('settleBatch', lease, batchId, settlement),
    releaseBatch: (lease, batchId) => call('releaseBatch', lease, batchId),
    liveBatches: (lease) => call('liveBatches', lease),
    batchesOf: (companyId, key) => call('batchesOf', companyId, key),
    batchesOfRun: (companyId, runId) => call('batchesOfRun', companyId, runId),

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

    close,
  };
}
