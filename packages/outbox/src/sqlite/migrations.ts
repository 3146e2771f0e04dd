import { StoreError } from '../store-error.ts';
import type { SqliteConnection } from './connection.ts';

/** Brings the file to the newest version. A file written by a newer Vesper is refused (`unsupported`) and left as it was. */
export function migrate(connection: SqliteConnection, steps: readonly string[] = migrations): void {
  const version = Number(connection.get('PRAGMA user_version')?.['user_version']);
  if (version > steps.length)
    throw new StoreError('unsupported', `The data is of version ${version}; this Vesper knows versions up to ${steps.length}.`);
  for (const [index, sql] of steps.entries()) {
    if (index < version) continue;
    connection.transaction(() => connection.exec(`${sql}; PRAGMA user_version = ${index + 1};`));
  }
}

/** Append-only: a released migration never changes; `test/versions` keeps a file of each version, made by `test/versions/write-version.ts`. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE inbox (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body_sha256 TEXT NOT NULL, fields TEXT NOT NULL CHECK (json_valid(fields)), body BLOB NOT NULL) STRICT;
  CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    company_id TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    refs TEXT NOT NULL CHECK (json_valid(refs)),
    words TEXT NOT NULL CHECK (json_valid(words)),
    body_sha256 TEXT NOT NULL,
    received_at TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT CHECK (reason IS NULL OR json_valid(reason)),
    attempts INTEGER NOT NULL DEFAULT 0,
    conflicts INTEGER NOT NULL DEFAULT 0,
    settled_at TEXT,
    run_id TEXT,
    settled_by TEXT
  ) STRICT;
  CREATE INDEX entries_open ON entries (company_id, state, id) WHERE state IN ('pending', 'held', 'failed');
  CREATE INDEX entries_of_company ON entries (company_id, state, received_at, seq, type);
  CREATE INDEX entries_of_all ON entries (state, received_at, seq, type);
  CREATE TABLE entry_bodies (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
  CREATE TABLE entry_refs (company_id TEXT NOT NULL, ref TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (company_id, ref, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE entry_counts (company_id TEXT NOT NULL, state TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (company_id, state)) STRICT, WITHOUT ROWID;
  CREATE TABLE entry_conflicts (
    entry_id TEXT NOT NULL, body_sha256 TEXT NOT NULL, received_at TEXT NOT NULL, body BLOB,
    PRIMARY KEY (entry_id, body_sha256)
  ) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE entry_search USING fts5(terms, content = '', detail = 'none', columnsize = 0, tokenize = 'ascii');
  CREATE TABLE probe (id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;

  CREATE TABLE companies (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, settings TEXT NOT NULL CHECK (json_valid(settings)), connection TEXT NOT NULL CHECK (json_valid(connection)),
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE leases (
    company_id TEXT PRIMARY KEY, holder TEXT NOT NULL, token TEXT, fence INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE documents (
    company_id TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, inspection_id TEXT, local_date TEXT,
    quickbooks_entity TEXT, quickbooks_id TEXT, batch_id TEXT, record TEXT NOT NULL CHECK (json_valid(record)),
    PRIMARY KEY (company_id, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX documents_by_inspection ON documents (company_id, inspection_id) WHERE inspection_id IS NOT NULL;
  CREATE INDEX documents_by_date ON documents (company_id, local_date, key) WHERE local_date IS NOT NULL;
  CREATE INDEX documents_by_state ON documents (company_id, state, key);
  CREATE INDEX documents_by_quickbooks ON documents (company_id, quickbooks_entity, quickbooks_id) WHERE quickbooks_id IS NOT NULL;
  CREATE INDEX documents_in_batch ON documents (company_id, batch_id) WHERE batch_id IS NOT NULL;

  CREATE TABLE batches (
    company_id TEXT NOT NULL, id TEXT NOT NULL, run_id TEXT NOT NULL, realm_id TEXT NOT NULL, request_id TEXT NOT NULL,
    state TEXT NOT NULL, fence INTEGER NOT NULL, items TEXT NOT NULL CHECK (json_valid(items)), sends TEXT NOT NULL CHECK (json_valid(sends)), created_at TEXT NOT NULL,
    body_sha256 TEXT, body BLOB,
    PRIMARY KEY (company_id, id)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX batches_by_request ON batches (company_id, realm_id, request_id);
  CREATE INDEX batches_live ON batches (company_id, created_at, id) WHERE state <> 'settled';
  CREATE TABLE batch_documents (
    company_id TEXT NOT NULL, key TEXT NOT NULL, created_at TEXT NOT NULL, batch_id TEXT NOT NULL,
    PRIMARY KEY (company_id, key, created_at, batch_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE runs (
    company_id TEXT NOT NULL, id TEXT NOT NULL, local_date TEXT NOT NULL, trigger TEXT NOT NULL, started_at TEXT NOT NULL, record TEXT NOT NULL CHECK (json_valid(record)),
    PRIMARY KEY (company_id, id)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX runs_one_evening ON runs (company_id, local_date) WHERE trigger = 'evening';
  CREATE INDEX runs_of_company ON runs (company_id, started_at);
  CREATE INDEX runs_of_all ON runs (started_at);

  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, company_id TEXT, subject TEXT NOT NULL, row TEXT NOT NULL CHECK (json_valid(row))
  ) STRICT;
  CREATE INDEX audit_by_time ON audit (at);
  CREATE INDEX audit_of_company ON audit (company_id, at);
  CREATE INDEX audit_of_subject ON audit (subject, at);

  CREATE TABLE records (
    kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL CHECK (json_valid(value)), expires_at TEXT,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX records_expiring ON records (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE secrets (
    company_id TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, sealed TEXT,
    PRIMARY KEY (company_id, name)
  ) STRICT, WITHOUT ROWID
  `,
  `
  CREATE INDEX documents_by_number ON documents (record ->> '$.quickbooks.docNumber') WHERE record ->> '$.quickbooks.docNumber' IS NOT NULL;
  CREATE INDEX documents_by_own_number ON documents (coalesce(
    record ->> '$.wanted.document.docNumber', record ->> '$.wanted.document.referenceNumber',
    record ->> '$.posted.docNumber', record ->> '$.posted.referenceNumber'
  ));
  CREATE INDEX documents_by_quickbooks_id ON documents (quickbooks_id) WHERE quickbooks_id IS NOT NULL;
  CREATE INDEX batches_by_first_tid ON batches (sends ->> '$[0].intuitTid') WHERE sends ->> '$[0].intuitTid' IS NOT NULL;
  CREATE INDEX batches_by_last_tid ON batches (sends ->> '$[#-1].intuitTid') WHERE sends ->> '$[#-1].intuitTid' IS NOT NULL;
  CREATE INDEX batches_of_run ON batches (company_id, run_id, created_at, id)
  `,
  `
  CREATE TABLE inbox_without_index (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, body_sha256 TEXT NOT NULL, fields TEXT NOT NULL CHECK (json_valid(fields)), body BLOB NOT NULL
  ) STRICT;
  INSERT INTO inbox_without_index SELECT seq, id, body_sha256, fields, body FROM inbox;
  DROP TABLE inbox;
  ALTER TABLE inbox_without_index RENAME TO inbox
  `,
  `
  DROP INDEX entries_open;
  CREATE INDEX entries_open ON entries (company_id, state) WHERE state IN ('pending', 'held', 'failed')
  `,
];
