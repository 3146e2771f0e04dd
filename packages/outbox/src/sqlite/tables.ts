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
import type { AuditTable } from './audit-table.ts';
import type { BatchTable } from './batch-table.ts';
import type { CompanyTable } from './company-table.ts';
import type { EntrySearch } from './entry-search.ts';
import type { EntryTable } from './entry-table.ts';
import type { LeaseTable } from './lease-table.ts';
import type { LedgerTable } from './ledger-table.ts';
import type { RecordTable } from './record-table.ts';
import type { RunTable } from './run-table.ts';
import type { SecretTable } from './secret-table.ts';
import type { SqliteConnection } from './connection.ts';

/** Everything the store can do, synchronously, on one connection. */
export type Tables = EntryTable &
  EntrySearch &
  CompanyTable &
  Omit<LeaseTable, 'assertHeld'> &
  LedgerTable &
  BatchTable &
  RunTable &
  AuditTable &
  RecordTable &
  SecretTable & {
    /** Writes something durable and unimportant: whether the disk takes writes now. */
    probe(): void;
  };

export function createTables({ connection, now }: { connection: SqliteConnection; now: () => number }): Tables {
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
