import { copy } from './copy.ts';
import { staysInBatch, withSend } from '../batch-settlement.ts';
import type { DocumentKey } from '@vesper/core/document';
import { documentNumbers } from '../document-numbers.ts';
import type { LedgerRecord } from '@vesper/core/ledger';
import type { BatchRecord, BatchState } from '../batch.ts';
import type { DocumentMatch, Lease } from '../store.ts';
import type { Tables } from '../tables.ts';
import type { MemoryLeases } from './memory-leases.ts';
import type { MemoryLedger } from './memory-ledger.ts';

export type MemoryBatches = Pick<
  Tables,
  | 'reserveBatch'
  | 'sealBatch'
  | 'startSend'
  | 'settleBatch'
  | 'releaseBatch'
  | 'liveBatches'
  | 'batchesOf'
  | 'batchesOfRun'
  | 'documentsByText'
>;

export function createMemoryBatches({ leases, ledger }: { leases: MemoryLeases; ledger: MemoryLedger }): MemoryBatches {
  const companies = new Map<string, Map<string, BatchRecord>>();

  const batchesOf = (companyId: string): BatchRecord[] => [...(companies.get(companyId)?.values() ?? [])].sort(oldestFirst);

  function take({ companyId, fence }: Lease, id: string, states: readonly BatchState[]): BatchRecord {
    const batch = companies.get(companyId)?.get(id);
    if (batch === undefined || !states.includes(batch.state))
      throw new Error(`Batch ${id} is ${batch?.state ?? 'not there'}; this needs one that is ${states.join(' or ')}.`);
    batch.fence = fence;
    return batch;
  }

  function releaseDocuments(companyId: string, batchId: string, except: ReadonlySet<DocumentKey>): void {
    for (const record of ledger.inBatch(companyId, batchId))
      if (!except.has(record.key))
        ledger.write(companyId, { ...record, state: record.state === 'sealed' ? 'planned' : record.state }, undefined);
  }

  return {
    reserveBatch(lease, batch) {
      leases.assertHeld(lease);
      const { companyId } = lease;
      const batches = companies.get(companyId) ?? new Map<string, BatchRecord>();
      const known = batches.get(batch.id);
      if (known !== undefined && known.state !== 'assembling') throw new Error(`Batch ${batch.id} is already ${known.state}.`);
      const other = [...batches.values()].find(
        ({ id, realmId, requestId }) => id !== batch.id && realmId === batch.realmId && requestId === batch.requestId,
      );
      if (other !== undefined) throw new Error(`Request id ${batch.requestId} already belongs to batch ${other.id}.`);
      const won = batch.items.filter(({ key }) => {
        const record = ledger.find(companyId, key);
        return record !== undefined && (record.batchId === undefined || record.batchId === batch.id);
      });
      companies.set(
        companyId,
        batches.set(batch.id, {
          ...copy({ ...batch, items: won }),
          companyId,
          state: 'assembling',
          fence: lease.fence,
          sends: [],
        }),
      );
      for (const { key } of won) {
        const record = ledger.find(companyId, key);
        if (record !== undefined) ledger.write(companyId, { ...record, state: 'sealed' }, batch.id);
      }
      return { refused: batch.items.filter((item) => !won.includes(item)).map(({ key }) => key) };
    },

    sealBatch(lease, batchId, { items, body, bodySha256 }) {
      leases.assertHeld(lease);
      const batch = take(lease, batchId, ['assembling', 'sealed']);
      if (batch.state === 'sealed') {
        if (batch.bodySha256 === bodySha256) return;
        throw new Error(`Batch ${batchId} is already sealed with other bytes.`);
      }
      const held = new Set(ledger.inBatch(lease.companyId, batchId).map(({ key }) => key));
      const stranger = items.find(({ key }) => !held.has(key));
      if (stranger !== undefined) throw new Error(`Batch ${batchId} does not hold ${stranger.key}.`);
      releaseDocuments(lease.companyId, batchId, new Set(items.map(({ key }) => key)));
      Object.assign(batch, { state: 'sealed', items: copy(items), body: body.slice(), bodySha256 });
    },

    startSend(lease, batchId, send) {
      leases.assertHeld(lease);
      const batch = take(lease, batchId, ['sealed', 'unknown']);
      batch.sends = withSend(batch.sends, copy(send));
    },

    settleBatch(lease, batchId, { state, items, send, records }) {
      leases.assertHeld(lease);
      const { companyId } = lease;
      const batch = take(lease, batchId, ['sealed', 'unknown', 'settled']);
      // Told twice after a lost answer: the documents may have moved on.
      if (batch.state === 'settled') return;
      for (const record of records) {
        const held = ledger.find(companyId, record.key)?.batchId;
        if (held !== undefined && held !== batchId) continue;
        ledger.write(companyId, record, held === batchId && staysInBatch(state, record) ? batchId : undefined);
      }
      if (state === 'settled') releaseDocuments(companyId, batchId, new Set());
      batch.items = copy(items);
      batch.state = state;
      if (send !== undefined) batch.sends = withSend(batch.sends, copy(send));
    },

    releaseBatch(lease, batchId) {
      leases.assertHeld(lease);
      const known = companies.get(lease.companyId)?.get(batchId);
      if (known === undefined || known.state === 'settled') return;
      const batch = take(lease, batchId, ['assembling']);
      releaseDocuments(lease.companyId, batchId, new Set());
      batch.items = batch.items.map((item) => ({ ...item, outcome: 'released' }));
      batch.state = 'settled';
    },

    liveBatches(lease) {
      leases.assertHeld(lease);
      const live = batchesOf(lease.companyId).filter(({ state }) => state !== 'settled');
      for (const batch of live) batch.fence = lease.fence;
      return copy(live);
    },

    batchesOfRun: (companyId, runId) => copy(batchesOf(companyId).filter((batch) => batch.runId === runId)),

    documentsByText({ companyIds = ledger.companyIds(), text, limit }) {
      const found = (by: DocumentMatch['by'], keysOf: (companyId: string, record: LedgerRecord) => boolean): DocumentMatch[] =>
        [...companyIds]
          .sort()
          .flatMap((companyId) =>
            ledger.where(companyId, (record) => keysOf(companyId, record)).map((record) => ({ companyId, by, record })),
          )
          .slice(0, limit);
      const isAnswered = ({ sends }: BatchRecord): boolean => [sends[0], sends.at(-1)].some((send) => send?.intuitTid === text);
      return [
        ...found('document_number', (_, record) => documentNumbers(record).includes(text)),
        ...found('quickbooks_id', (_, { quickbooks }) => quickbooks?.id === text),
        ...found('intuit_tid', (companyId, { key }) =>
          batchesOf(companyId).some((batch) => isAnswered(batch) && batch.items.some((item) => item.key === key)),
        ),
      ];
    },

    batchesOf: (companyId, key) => copy(batchesOf(companyId).filter(({ items }) => items.some((item) => item.key === key))).toReversed(),
  };
}

const oldestFirst = (a: BatchRecord, b: BatchRecord): number =>
  a.createdAt === b.createdAt ? (a.id < b.id ? -1 : 1) : a.createdAt < b.createdAt ? -1 : 1;
