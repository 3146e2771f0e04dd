import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSecretBox } from '../src/secret-box.ts';
import { openSqliteStore } from '../src/sqlite-store.ts';

export const companies = 200;
/** Waiting work is the same however much is settled: what grows is the past. */
const waiting = { pending: 2_000, held: 200, failed: 200 };
const withBody = 100_000;

/**
 * Fills a data folder with `count` entries as years of webhooks would leave them: four to an inspection, of 200 companies in turn, settled
 * but for the newest, older bodies redacted, with their references, words, ledger and batches. By SQL and sorted index builds, so that five
 * million take minutes; ids are random, as senders' are.
 */
export async function growSqlite(folder: string, count: number): Promise<void> {
  const store = await openSqliteStore({
    folder,
    secretBox: createSecretBox({ keys: [{ id: 'bench', key: new Uint8Array(32) }] }),
    ownThread: false,
  });
  await store.close();
  const db = new DatabaseSync(join(folder, 'vesper.db'));
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 100000;');
  const indexes = db
    .prepare(`SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name IN ('entries', 'documents') AND sql IS NOT NULL`)
    .all();
  for (const { name } of indexes) db.exec(`DROP INDEX ${String(name)}`);
  const chunk = 250_000;
  for (let from = 1; from <= count; from += chunk) {
    db.exec('BEGIN');
    const range = { from, to: Math.min(count, from + chunk - 1) };
    db.prepare(entriesSql).run({ ...range, count, ...waiting });
    db.prepare(
      `INSERT INTO entry_refs (company_id, ref, seq) SELECT company_id, subject, seq FROM entries WHERE seq BETWEEN :from AND :to ORDER BY 1, 2, 3`,
    ).run(range);
    db.prepare(searchSql).run(range);
    db.prepare(documentsSql).run(range);
    db.exec('COMMIT');
  }
  db.prepare('INSERT INTO entry_bodies (seq, body) SELECT seq, randomblob(1000) FROM entries WHERE seq > :after').run({
    after: count - withBody,
  });
  db.exec('INSERT INTO entry_counts (company_id, state, n) SELECT company_id, state, count(*) FROM entries GROUP BY 1, 2');
  db.prepare(batchesSql).run({ count: Math.ceil(count / 100) });
  for (const { sql } of indexes) db.exec(String(sql));
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

// Numbers are bound as reals: without the cast ids, companies and subjects would be fractions.
const numbers = 'WITH RECURSIVE n(i) AS (SELECT CAST(:from AS INTEGER) UNION ALL SELECT i + 1 FROM n WHERE i < :to)';

const entriesSql = `
  ${numbers}
  INSERT INTO entries (seq, id, company_id, type, subject, refs, words, body_sha256, received_at, state, attempts, settled_at, run_id, settled_by)
  SELECT i, company || '|vesper|msg_' || lower(hex(randomblob(16))), company,
    CASE i % 4 WHEN 0 THEN 'inspection.confirmed' WHEN 1 THEN 'inspection.updated' WHEN 2 THEN 'payment.settled' ELSE 'inspection.published' END,
    subject, '["' || subject || '"]', '["' || first || '","' || last || '","' || first || '.' || last || '@example.com","' || (i / 4) || '"]',
    lower(hex(randomblob(32))), at, state, state <> 'pending', iif(state = 'pending', NULL, at), iif(state = 'pending', NULL, 'run-' || (i / 5000)),
    iif(state = 'pending', NULL, 'run-' || (i / 5000) || '|' || at || '|' || state)
  FROM (
    SELECT i, 'company-' || (i / 4 % ${companies}) AS company, 'inspection/' || (i / 4) AS subject, 'first' || (i / 4 % 211) AS first,
      'last' || (i / 4 * 7919 % 5003) AS last, strftime('%Y-%m-%dT%H:%M:%fZ', 1600000000 + i * 6, 'unixepoch') AS at,
      CASE WHEN i > :count - :pending THEN 'pending' WHEN i > :count - :pending - :held THEN 'held'
        WHEN i > :count - :pending - :held - :failed THEN 'failed' WHEN i % 50 = 0 THEN 'ignored' ELSE 'posted' END AS state
    FROM n)`;

const token = (kind: string, text: string) => `'${kind}' || lower(hex(company_id)) || 'x' || lower(hex(${text}))`;
const searchSql = `
  INSERT INTO entry_search (rowid, terms)
  SELECT seq, (SELECT group_concat(${token('w', 'value')}, ' ') FROM json_each(words)) || ' ' || ${token('i', 'lower(id)')} || ' ' ||
    ${token('i', 'lower(substr(id, length(company_id) + 9))')} || ' ' || ${token('i', 'subject')}
  FROM entries WHERE seq BETWEEN :from AND :to ORDER BY seq`;

const documentsSql = `
  ${numbers}
  INSERT INTO documents (company_id, key, state, inspection_id, local_date, quickbooks_entity, quickbooks_id, record)
  SELECT 'company-' || (i / 4 % ${companies}), 'invoice/' || (i / 4), 'posted', i / 4, date(1600000000 + i * 6, 'unixepoch'), 'Invoice', i,
    json_object('key', 'invoice/' || (i / 4), 'type', 'invoice', 'state', 'posted', 'attempts', 1, 'inspectionId', CAST(i / 4 AS TEXT))
  FROM n WHERE i % 4 = 0`;

const batchesSql = `
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
  INSERT INTO batches (company_id, id, run_id, realm_id, request_id, state, fence, items, sends, created_at)
  SELECT 'company-' || (i % ${companies}), 'batch-' || i, 'run-1', 'realm-' || (i % ${companies}), lower(hex(randomblob(16))), 'settled', 1, '[]', '[]',
    strftime('%Y-%m-%dT%H:%M:%fZ', 1600000000 + i * 600, 'unixepoch') FROM n`;
