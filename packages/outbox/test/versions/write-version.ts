/**
 * Writes `v<version>.db` beside this file, as a Vesper of that version would have left it: `node test/versions/write-version.ts <version>`.
 * Run once when a migration is added, for its version; never again, since the file stands for what customers have on disk.
 */
import { join } from 'node:path';
import { at, batchItem, ledgerRecord, newBatch, newEntry, newRun, utf8 } from '../../src/contract/subject.ts';
import { openSqliteConnection } from '../../src/sqlite/connection.ts';
import { migrate, migrations } from '../../src/sqlite/migrations.ts';
import { packEntries } from '../../src/sqlite/packed-entries.ts';
import { createTables } from '../../src/sqlite/tables.ts';

const version = Number(process.argv[2]);
const connection = openSqliteConnection(join(import.meta.dirname, `v${version}.db`));
migrate(connection, migrations.slice(0, version));
const tables = createTables({ connection, now: () => Date.parse(at(0)) });

tables.appendPacked(packEntries([newEntry(), newEntry({ webhookId: 'msg_2', receivedAt: at(1), words: ['john'] })]));
tables.foldIn(10);
tables.appendPacked(packEntries([newEntry({ webhookId: 'msg_3', receivedAt: at(2), words: ['late'] })]));
const claim = tables.claimLease({ companyId: 'acme', holder: 'first', ttlMs: 1_000 });
if (claim.outcome === 'busy') throw new Error('The lease of a new file is free.');
const lease = { ...claim.lease, trustedUntilMs: 0 };
tables.settleEntries(lease, [{ id: 'acme|vesper|msg_1', state: 'posted', runId: 'run-1', at: at(3) }]);
tables.putLedger(lease, [ledgerRecord({ key: 'invoice/1' }), ledgerRecord({ key: 'invoice/2', state: 'posted' })]);
tables.reserveBatch(lease, newBatch('b1', ['invoice/1']));
tables.sealBatch(lease, 'b1', { items: [batchItem('invoice/1')], body: utf8('bytes'), bodySha256: 'hash' });
tables.startRun(lease, newRun());
tables.appendAudit({ id: 'a1', at: at(1), actor: 'jane', action: 'replay', subject: 'invoice/1' });
tables.putRecord('user', 'jane', { role: 'admin' }, { expectedVersion: 'new' });
tables.putSealed('acme', 'token', 'v1.test.sealed', 'new');
connection.close();
