import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { StoreError } from '../store-error.ts';

export type SqlRow = Record<string, SQLOutputValue>;
export type SqlParameters = Record<string, SQLInputValue>;
/** By place, for the one statement that is run most. */
export type SqlPlaces = readonly SQLInputValue[];

/** One connection with its prepared statements kept. Parameters are named as in SQL, without the colon. */
export interface SqliteConnection {
  run(sql: string, parameters?: SqlParameters | SqlPlaces): { changes: number; lastInsertRowid: number };
  get(sql: string, parameters?: SqlParameters): SqlRow | undefined;
  all(sql: string, parameters?: SqlParameters): SqlRow[];
  /** Statements outside the cache: schema, pragmas. */
  exec(sql: string): void;
  /** BEGIN IMMEDIATE … COMMIT; rolled back when `work` throws. Inside another transaction it is part of that one. */
  transaction<Result>(work: () => Result): Result;
  close(): void;
}

/** Opens with WAL and synchronous FULL and reads both back: a file that will not have them is refused (`unsupported`). */
export function openSqliteConnection(file: string): SqliteConnection {
  const db = attempt(() => new DatabaseSync(file));
  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();

  const prepared = (sql: string) => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = db.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };

  const connection: SqliteConnection = {
    run: (sql, parameters = {}) =>
      attempt(() => {
        const { changes, lastInsertRowid } = isPlaces(parameters) ? prepared(sql).run(...parameters) : prepared(sql).run(parameters);
        return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
      }),
    get: (sql, parameters = {}) => attempt(() => prepared(sql).get(parameters)),
    all: (sql, parameters = {}) => attempt(() => prepared(sql).all(parameters)),
    exec: (sql) => attempt(() => db.exec(sql)),
    transaction(work) {
      if (db.isTransaction) return work();
      connection.run('BEGIN IMMEDIATE');
      try {
        const result = work();
        connection.run('COMMIT');
        return result;
      } catch (error) {
        // SQLite has already rolled back by itself after some errors (disk full, I/O).
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => db.close(),
  };

  try {
    demandDurability(connection, file);
  } catch (error) {
    db.close();
    throw error;
  }
  return connection;
}

// `Array.isArray` does not narrow a readonly array.
const isPlaces = (parameters: SqlParameters | SqlPlaces): parameters is SqlPlaces => Array.isArray(parameters);

function demandDurability(connection: SqliteConnection, file: string): void {
  connection.exec(`
    PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA cache_size = -65536;
    PRAGMA journal_size_limit = 67108864;
  `);
  const journal = connection.get('PRAGMA journal_mode')?.['journal_mode'];
  const synchronous = connection.get('PRAGMA synchronous')?.['synchronous'];
  if (journal !== 'wal' || synchronous !== 2)
    throw new StoreError(
      'unsupported',
      `${file} must run with journal_mode wal and synchronous 2 (FULL); it has ${String(journal)} and ${String(synchronous)}. A network file system cannot give them.`,
    );
}

function attempt<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw toStoreError(error);
  }
}

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html. Anything else is a mistake of ours and stays as it is. */
export function toStoreError(error: unknown): unknown {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return error;
  const code = error.errcode & 0xff;
  const cannotWriteNow = [5, 6, 7, 8, 10, 13, 14, 15]; // BUSY LOCKED NOMEM READONLY IOERR FULL CANTOPEN PROTOCOL
  if (cannotWriteNow.includes(code)) return new StoreError('unavailable', `SQLite: ${error.message}`, { cause: error });
  if (code === 11 || code === 26) return new StoreError('corrupt', `SQLite: ${error.message}`, { cause: error });
  return error;
}
