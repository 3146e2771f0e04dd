import { createAuditTable } from './audit-table.ts';
import { createBatchTable } from './batch-table.ts';
import { createCompanyTable } from './company-table.ts';
import { createDocumentSearch } from './document-search.ts';
import { createEntrySearch } from './entry-search.ts';
import { createEntryTable } from './entry-table.ts';
import { createInboxTable } from './inbox-table.ts';
import { createLeaseTable } from './lease-table.ts';
import { createLedgerTable } from './ledger-table.ts';
import { createRecordTable } from './record-table.ts';
import { createRowTransfer } from './row-transfer.ts';
import { createRunTable } from './run-table.ts';
import { createSecretTable } from './secret-table.ts';
import type { Tables } from '../tables.ts';
import type { SqliteConnection } from './connection.ts';
import type { InboxTable } from './inbox-table.ts';
import type { RowTransfer } from './row-transfer.ts';

/** Everything on one connection. What is not folded in from the inbox yet, the other methods do not see. */
export type SqliteTables = Omit<Tables, 'appendGroup'> & InboxTable & RowTransfer;

export function createTables({ connection, now }: { connection: SqliteConnection; now: () => number }): SqliteTables {
  const leases = createLeaseTable({ connection, now });
  const ledger = createLedgerTable({ connection, leases });
  const inbox = createInboxTable({ connection });
  return {
    ...inbox,
    ...createRowTransfer({ connection, ledger, nextSeq: inbox.nextSeq }),
    ...createEntryTable({ connection, leases, now }),
    ...createEntrySearch({ connection }),
    ...createCompanyTable({ connection }),
    ...leases,
    ...ledger,
    ...createDocumentSearch({ connection }),
    ...createBatchTable({ connection, leases, ledger }),
    ...createRunTable({ connection, leases }),
    ...createAuditTable({ connection }),
    ...createRecordTable({ connection, now }),
    ...createSecretTable({ connection }),
    probe() {
      connection.run('INSERT INTO probe (id, n) VALUES (1, 1) ON CONFLICT DO UPDATE SET n = n + 1');
    },
  };
}
