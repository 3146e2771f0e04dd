import { parseEntryId } from '../entry-id.ts';
import { jsonOf, numberOf, optionalBytesOf, optionalTextOf, textOf } from './columns.ts';
import { toBatch } from './batch-table.ts';
import { toCompany } from './company-table.ts';
import { entryColumns, toEntry } from './entry-table.ts';
import { searchTokens } from './search-tokens.ts';
import type { Reason } from '@vesper/core/reason';
import type { AuditRow } from '../store.ts';
import type { RunRecord } from '../run.ts';
import type { StoreCollection, StoredRows } from '../transferable-store.ts';
import type { SqliteConnection, SqlRow } from './connection.ts';
import type { LedgerTable } from './ledger-table.ts';

export interface RowTransfer {
  exportRows(collection: StoreCollection, page: { after?: string; limit: number }): { key: string; row: StoredRows[StoreCollection] }[];
  importRows(collection: StoreCollection, rows: readonly StoredRows[StoreCollection][]): void;
}

/** How one collection is read in the order of its key, of one or two columns, and how one row is added unless it is there. */
interface Transfer<Row> {
  select: string;
  keyColumns: readonly [string] | readonly [string, string];
  toRow: (row: SqlRow) => Row;
  add: (row: Row) => void;
}

export function createRowTransfer(options: { connection: SqliteConnection; ledger: LedgerTable; nextSeq: () => number }): RowTransfer {
  const { connection, ledger, nextSeq } = options;

  const transfers: { [Collection in StoreCollection]: Transfer<StoredRows[Collection]> } = {
    companies: {
      select: 'SELECT * FROM companies',
      keyColumns: ['id'],
      toRow: toCompany,
      add: ({ id, version, settings, connection: link, createdAt, updatedAt }) =>
        void connection.run(
          `INSERT INTO companies (id, version, settings, connection, created_at, updated_at)
           VALUES (:id, :version, :settings, :connection, :createdAt, :updatedAt) ON CONFLICT DO NOTHING`,
          { id, version, settings: JSON.stringify(settings), connection: JSON.stringify(link), createdAt, updatedAt },
        ),
    },
    entries: {
      select: `SELECT ${entryColumns}, e.settled_by, b.body FROM entries e LEFT JOIN entry_bodies b USING (seq)`,
      keyColumns: ['e.id'],
      toRow(row) {
        const settledBy = optionalTextOf(row, 'settled_by');
        return { ...toEntry(row), ...(settledBy === undefined ? {} : { settledBy }) };
      },
      add: addEntry,
    },
    conflicts: {
      select: 'SELECT * FROM entry_conflicts',
      keyColumns: ['entry_id', 'body_sha256'],
      toRow(row) {
        const body = optionalBytesOf(row, 'body');
        const found = { entryId: textOf(row, 'entry_id'), bodySha256: textOf(row, 'body_sha256'), receivedAt: textOf(row, 'received_at') };
        return { ...found, ...(body === undefined ? {} : { body }) };
      },
      add: ({ entryId, bodySha256, receivedAt, body = null }) =>
        void connection.run(
          'INSERT INTO entry_conflicts (entry_id, body_sha256, received_at, body) VALUES (:entryId, :bodySha256, :receivedAt, :body) ON CONFLICT DO NOTHING',
          { entryId, bodySha256, receivedAt, body },
        ),
    },
    leases: {
      select: 'SELECT company_id, fence FROM leases',
      keyColumns: ['company_id'],
      toRow: (row) => ({ companyId: textOf(row, 'company_id'), fence: numberOf(row, 'fence') }),
      add: ({ companyId, fence }) =>
        void connection.run(
          `INSERT INTO leases (company_id, holder, token, fence, expires_at_ms) VALUES (:companyId, '', NULL, :fence, 0) ON CONFLICT DO NOTHING`,
          { companyId, fence },
        ),
    },
    documents: {
      select: 'SELECT company_id, key, record, batch_id FROM documents',
      keyColumns: ['company_id', 'key'],
      toRow(row) {
        const batchId = optionalTextOf(row, 'batch_id');
        const record = { ...jsonOf<StoredRows['documents']['record']>(row, 'record'), ...(batchId === undefined ? {} : { batchId }) };
        return { companyId: textOf(row, 'company_id'), record };
      },
      add({ companyId, record }) {
        if (ledger.batchOf(companyId, record.key) === undefined) ledger.write(companyId, record, record.batchId);
      },
    },
    batches: {
      select: 'SELECT * FROM batches',
      keyColumns: ['company_id', 'id'],
      toRow: toBatch,
      add: addBatch,
    },
    runs: {
      select: 'SELECT company_id, id, record FROM runs',
      keyColumns: ['company_id', 'id'],
      toRow: (row) => jsonOf<RunRecord>(row, 'record'),
      add: (run) =>
        void connection.run(
          `INSERT INTO runs (company_id, id, local_date, trigger, started_at, record) VALUES (:companyId, :id, :localDate, :trigger, :startedAt, :record)
           ON CONFLICT DO NOTHING`,
          {
            companyId: run.companyId,
            id: run.id,
            localDate: run.localDate,
            trigger: run.trigger,
            startedAt: run.startedAt,
            record: JSON.stringify(run),
          },
        ),
    },
    audit: {
      select: 'SELECT id, row FROM audit',
      keyColumns: ['id'],
      toRow: (row) => jsonOf<AuditRow>(row, 'row'),
      add: (row) =>
        void connection.run(
          'INSERT INTO audit (id, at, company_id, subject, row) VALUES (:id, :at, :companyId, :subject, :row) ON CONFLICT (id) DO NOTHING',
          { id: row.id, at: row.at, companyId: row.companyId ?? null, subject: row.subject, row: JSON.stringify(row) },
        ),
    },
    records: {
      select: 'SELECT * FROM records',
      keyColumns: ['kind', 'id'],
      toRow(row) {
        const expiresAt = optionalTextOf(row, 'expires_at');
        const found = {
          kind: textOf(row, 'kind'),
          id: textOf(row, 'id'),
          version: numberOf(row, 'version'),
          value: jsonOf<unknown>(row, 'value'),
        };
        return { ...found, ...(expiresAt === undefined ? {} : { expiresAt }) };
      },
      add: ({ kind, id, version, value, expiresAt = null }) =>
        void connection.run(
          'INSERT INTO records (kind, id, version, value, expires_at) VALUES (:kind, :id, :version, :value, :expiresAt) ON CONFLICT DO NOTHING',
          { kind, id, version, value: JSON.stringify(value), expiresAt },
        ),
    },
    secrets: {
      select: 'SELECT * FROM secrets',
      keyColumns: ['company_id', 'name'],
      toRow: (row) => ({
        companyId: textOf(row, 'company_id'),
        name: textOf(row, 'name'),
        version: numberOf(row, 'version'),
        sealed: optionalTextOf(row, 'sealed') ?? null,
      }),
      add: (row) =>
        void connection.run(
          'INSERT INTO secrets (company_id, name, version, sealed) VALUES (:companyId, :name, :version, :sealed) ON CONFLICT DO NOTHING',
          { companyId: row.companyId, name: row.name, version: row.version, sealed: row.sealed },
        ),
    },
  };

  function addEntry(entry: StoredRows['entries']): void {
    const { id, companyId, type, subject, refs, words, bodySha256, receivedAt, state, reason, attempts, conflicts } = entry;
    const { settledAt = null, runId = null, settledBy = null } = entry;
    const seq = nextSeq();
    const { changes } = connection.run(
      `INSERT INTO entries (seq, id, company_id, type, subject, refs, words, body_sha256, received_at, state, reason, attempts, conflicts, settled_at,
         run_id, settled_by)
       VALUES (:seq, :id, :companyId, :type, :subject, :refs, :words, :bodySha256, :receivedAt, :state, :reason, :attempts, :conflicts, :settledAt,
         :runId, :settledBy) ON CONFLICT (id) DO NOTHING`,
      {
        seq,
        id,
        companyId,
        type,
        subject,
        refs: JSON.stringify(refs),
        words: JSON.stringify(words),
        bodySha256,
        receivedAt,
        state,
        reason: reason === undefined ? null : JSON.stringify(reason satisfies Reason),
        attempts,
        conflicts,
        settledAt,
        runId,
        settledBy,
      },
    );
    if (changes === 0) return;
    if (entry.body !== undefined) connection.run('INSERT INTO entry_bodies (seq, body) VALUES (:seq, :body)', { seq, body: entry.body });
    for (const ref of new Set(refs))
      connection.run('INSERT INTO entry_refs (company_id, ref, seq) VALUES (:companyId, :ref, :seq)', { companyId, ref, seq });
    const terms = searchTokens({ id, webhookId: parseEntryId(id).webhookId, subject, refs, words });
    connection.run('INSERT INTO entry_search (rowid, terms) VALUES (:seq, :terms)', { seq, terms });
    connection.run('INSERT INTO entry_counts (company_id, state, n) VALUES (:companyId, :state, 1) ON CONFLICT DO UPDATE SET n = n + 1', {
      companyId,
      state,
    });
  }

  function addBatch(batch: StoredRows['batches']): void {
    const { companyId, id, runId, realmId, requestId, state, fence, items, sends, createdAt, bodySha256 = null, body = null } = batch;
    connection.run(
      `INSERT INTO batches (company_id, id, run_id, realm_id, request_id, state, fence, items, sends, created_at, body_sha256, body)
       VALUES (:companyId, :id, :runId, :realmId, :requestId, :state, :fence, :items, :sends, :createdAt, :bodySha256, :body) ON CONFLICT DO NOTHING`,
      {
        companyId,
        id,
        runId,
        realmId,
        requestId,
        state,
        fence,
        items: JSON.stringify(items),
        sends: JSON.stringify(sends),
        createdAt,
        bodySha256,
        body,
      },
    );
    for (const { key } of items)
      connection.run(
        'INSERT OR IGNORE INTO batch_documents (company_id, key, created_at, batch_id) VALUES (:companyId, :key, :createdAt, :batchId)',
        { companyId, key, createdAt, batchId: id },
      );
  }

  return {
    exportRows(collection, { after, limit }) {
      const { select, keyColumns, toRow } = transfers[collection];
      const [first, second] = keyColumns;
      const columns = second === undefined ? first : `${first}, ${second}`;
      const bounds =
        after === undefined ? {} : second === undefined ? { first: after } : (JSON.parse(after) as { first: string; second: string });
      const where = after === undefined ? '' : second === undefined ? `WHERE ${first} > :first` : `WHERE (${columns}) > (:first, :second)`;
      return connection.all(`${select} ${where} ORDER BY ${columns} LIMIT :limit`, { ...bounds, limit }).map((row) => {
        const [one, two] = keyColumns.map((column) => textOf(row, column.replace('e.', '')));
        return { key: two === undefined ? (one ?? '') : JSON.stringify({ first: one, second: two }), row: toRow(row) };
      });
    },

    importRows: (collection, rows) =>
      connection.transaction(() => {
        const { add } = transfers[collection] as Transfer<StoredRows[StoreCollection]>;
        for (const row of rows) add(row);
      }),
  };
}
