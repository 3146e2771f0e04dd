import { staysInBatch, withSend } from '../batch-settlement.ts';
import { jsonOf, numberOf, optionalBytesOf, optionalTextOf, textOf } from './columns.ts';
import type { DocumentKey } from '@vesper/core/document';
import type { BatchItem, BatchRecord, BatchSend, BatchState } from '../batch.ts';
import type { Lease } from '../store.ts';
import type { Tables } from '../tables.ts';
import type { SqliteConnection, SqlRow } from './connection.ts';
import type { LeaseTable } from './lease-table.ts';
import type { LedgerTable } from './ledger-table.ts';

export type BatchTable = Pick<
  Tables,
  'reserveBatch' | 'sealBatch' | 'startSend' | 'settleBatch' | 'releaseBatch' | 'liveBatches' | 'batchesOf' | 'batchesOfRun'
>;

export function createBatchTable(options: { connection: SqliteConnection; leases: LeaseTable; ledger: LedgerTable }): BatchTable {
  const { connection, leases, ledger } = options;

  const find = (companyId: string, id: string): BatchRecord | undefined => {
    const row = connection.get('SELECT * FROM batches WHERE company_id = :companyId AND id = :id', { companyId, id });
    return row === undefined ? undefined : toBatch(row);
  };

  /** The batch in one of these states, its fence raised to the lease's; the lease is checked in the same transaction. */
  function take(lease: Lease, id: string, states: readonly BatchState[]): BatchRecord {
    leases.assertHeld(lease);
    const batch = find(lease.companyId, id);
    if (batch === undefined || !states.includes(batch.state))
      throw new Error(`Batch ${id} is ${batch?.state ?? 'not there'}; this needs one that is ${states.join(' or ')}.`);
    connection.run('UPDATE batches SET fence = :fence WHERE company_id = :companyId AND id = :id', {
      companyId: lease.companyId,
      id,
      fence: lease.fence,
    });
    return batch;
  }

  function releaseDocuments(companyId: string, batchId: string, except: ReadonlySet<DocumentKey>): void {
    for (const record of ledger.inBatch(companyId, batchId))
      if (!except.has(record.key))
        ledger.write(companyId, { ...record, state: record.state === 'sealed' ? 'planned' : record.state }, undefined);
  }

  const writeItems = (companyId: string, id: string, items: readonly BatchItem[]) =>
    connection.run('UPDATE batches SET items = :items WHERE company_id = :companyId AND id = :id', {
      companyId,
      id,
      items: JSON.stringify(items),
    });

  const writeState = (companyId: string, id: string, state: BatchState) =>
    connection.run('UPDATE batches SET state = :state WHERE company_id = :companyId AND id = :id', { companyId, id, state });

  const writeSends = (companyId: string, id: string, sends: readonly BatchSend[]) =>
    connection.run('UPDATE batches SET sends = :sends WHERE company_id = :companyId AND id = :id', {
      companyId,
      id,
      sends: JSON.stringify(sends),
    });

  return {
    reserveBatch: (lease, batch) =>
      connection.transaction(() => {
        leases.assertHeld(lease);
        const { companyId } = lease;
        const known = find(companyId, batch.id);
        if (known !== undefined && known.state !== 'assembling') throw new Error(`Batch ${batch.id} is already ${known.state}.`);
        const won = batch.items.filter(({ key }) => {
          const held = ledger.batchOf(companyId, key);
          return held !== undefined && (held.batchId === undefined || held.batchId === batch.id);
        });
        connection.run(
          `INSERT INTO batches (company_id, id, run_id, realm_id, request_id, state, fence, items, sends, created_at)
           VALUES (:companyId, :id, :runId, :realmId, :requestId, 'assembling', :fence, :items, '[]', :createdAt)
           ON CONFLICT (company_id, id) DO UPDATE SET fence = :fence, items = :items`,
          {
            companyId,
            id: batch.id,
            runId: batch.runId,
            realmId: batch.realmId,
            requestId: batch.requestId,
            fence: lease.fence,
            items: JSON.stringify(won),
            createdAt: batch.createdAt,
          },
        );
        for (const { key } of won)
          connection.run(
            'INSERT OR IGNORE INTO batch_documents (company_id, key, created_at, batch_id) VALUES (:companyId, :key, :createdAt, :batchId)',
            { companyId, key, createdAt: batch.createdAt, batchId: batch.id },
          );
        const wonKeys = new Set(won.map(({ key }) => key));
        for (const record of ledger.ledger(companyId, [...wonKeys]).values())
          ledger.write(companyId, { ...record, state: 'sealed' }, batch.id);
        return { refused: batch.items.map(({ key }) => key).filter((key) => !wonKeys.has(key)) };
      }),

    sealBatch: (lease, batchId, { items, body, bodySha256 }) =>
      connection.transaction(() => {
        const { companyId } = lease;
        const batch = take(lease, batchId, ['assembling', 'sealed']);
        if (batch.state === 'sealed') {
          if (batch.bodySha256 === bodySha256) return;
          throw new Error(`Batch ${batchId} is already sealed with other bytes.`);
        }
        const held = new Set(ledger.inBatch(companyId, batchId).map(({ key }) => key));
        const stranger = items.find(({ key }) => !held.has(key));
        if (stranger !== undefined) throw new Error(`Batch ${batchId} does not hold ${stranger.key}.`);
        releaseDocuments(companyId, batchId, new Set(items.map(({ key }) => key)));
        writeItems(companyId, batchId, items);
        connection.run(
          'UPDATE batches SET state = :state, body = :body, body_sha256 = :bodySha256 WHERE company_id = :companyId AND id = :id',
          {
            companyId,
            id: batchId,
            state: 'sealed',
            body,
            bodySha256,
          },
        );
      }),

    startSend: (lease, batchId, send) =>
      connection.transaction(() => {
        const batch = take(lease, batchId, ['sealed', 'unknown']);
        writeSends(lease.companyId, batchId, withSend(batch.sends, send));
      }),

    settleBatch: (lease, batchId, { state, items, send, records }) =>
      connection.transaction(() => {
        const { companyId } = lease;
        const batch = take(lease, batchId, ['sealed', 'unknown', 'settled']);
        // Told twice after a lost answer: the documents may have moved on.
        if (batch.state === 'settled') return;
        for (const record of records) {
          const held = ledger.batchOf(companyId, record.key)?.batchId;
          if (held !== undefined && held !== batchId) continue;
          ledger.write(companyId, record, held === batchId && staysInBatch(state, record) ? batchId : undefined);
        }
        if (state === 'settled') releaseDocuments(companyId, batchId, new Set());
        writeItems(companyId, batchId, items);
        writeState(companyId, batchId, state);
        if (send !== undefined) writeSends(companyId, batchId, withSend(batch.sends, send));
      }),

    releaseBatch: (lease, batchId) =>
      connection.transaction(() => {
        leases.assertHeld(lease);
        const { companyId } = lease;
        const batch = find(companyId, batchId);
        if (batch === undefined || batch.state === 'settled') return;
        take(lease, batchId, ['assembling']);
        releaseDocuments(companyId, batchId, new Set());
        // Kept, so that its request id is never used again.
        writeItems(
          companyId,
          batchId,
          batch.items.map((item) => ({ ...item, outcome: 'released' })),
        );
        writeState(companyId, batchId, 'settled');
      }),

    liveBatches: (lease) =>
      connection.transaction(() => {
        leases.assertHeld(lease);
        const { companyId, fence } = lease;
        connection.run(`UPDATE batches SET fence = :fence WHERE company_id = :companyId AND state <> 'settled'`, { companyId, fence });
        return connection
          .all(`SELECT * FROM batches WHERE company_id = :companyId AND state <> 'settled' ORDER BY created_at, id`, { companyId })
          .map(toBatch);
      }),

    batchesOfRun: (companyId, runId) =>
      connection
        .all('SELECT * FROM batches WHERE company_id = :companyId AND run_id = :runId ORDER BY created_at, id', { companyId, runId })
        .map(toBatch),

    batchesOf: (companyId, key) =>
      connection
        .all(
          `SELECT b.* FROM batch_documents d JOIN batches b ON b.company_id = d.company_id AND b.id = d.batch_id
           WHERE d.company_id = :companyId AND d.key = :key ORDER BY d.created_at DESC, d.batch_id DESC`,
          { companyId, key },
        )
        .map(toBatch)
        .filter(({ items }) => items.some((item) => item.key === key)),
  };
}

export function toBatch(row: SqlRow): BatchRecord {
  const body = optionalBytesOf(row, 'body');
  const bodySha256 = optionalTextOf(row, 'body_sha256');
  return {
    id: textOf(row, 'id'),
    companyId: textOf(row, 'company_id'),
    runId: textOf(row, 'run_id'),
    realmId: textOf(row, 'realm_id'),
    requestId: textOf(row, 'request_id'),
    state: textOf(row, 'state') as BatchState,
    fence: numberOf(row, 'fence'),
    items: jsonOf<BatchItem[]>(row, 'items'),
    sends: jsonOf<BatchSend[]>(row, 'sends'),
    createdAt: textOf(row, 'created_at'),
    ...(body === undefined ? {} : { body }),
    ...(bodySha256 === undefined ? {} : { bodySha256 }),
  };
}
