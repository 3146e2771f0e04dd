import { createAuditTable } from './audit-table.ts';
import { createBatchTable } from './batch-table.ts';
import { createCompanyTable } from './company-table.ts';
import { createEntrySearch } from './entry-search.ts';
import { createEntryTable } from './entry-table.ts';
import { createLeaseTable } from './lease-table.ts';
import { createLedgerTable } from './ledger-table.ts';
import { createRecordTable } from './record-table.ts';
import { createRunTable } from './run-table.ts';
import { createSecretTable } from './secret-table.ts';
import type { Tables } from '../tables.ts';
import type { SqliteConnection } from './connection.ts';
import type { EntrySearch } from './entry-search.ts';

export type SqliteTables = Tables & EntrySearch;

/** Everything on one connection. */
export function createTables({ connection, now }: { connection: SqliteConnection; now: () => number }): SqliteTables {
  const leases = createLeaseTable({ connection, now });
  const ledger = createLedgerTable({ connection, leases });
  return {
    ...createEntryTable({ connection, leases, now }),
    ...createEntrySearch({ connection }),
    ...createCompanyTable({ connection }),
    ...leases,
    ...ledger,
    ...createBatchTable({ connection, leases, ledger }),
    ...createRunTable({ connection, leases }),
    ...createAuditTable({ connection }),
    ...createRecordTable({ connection, now }),
    ...createSecretTable({ connection }),
    probe() {
      connection.run(`INSERT INTO progress (name, seq) VALUES ('probe', 1) ON CONFLICT DO UPDATE SET seq = seq + 1`);
    },
  };
}
