import { jsonOf } from './columns.ts';
import type { RunRecord } from '../run.ts';
import type { Tables } from '../tables.ts';
import type { SqliteConnection } from './connection.ts';
import type { LeaseTable } from './lease-table.ts';

export type RunTable = Pick<Tables, 'startRun' | 'putRun' | 'run' | 'runs'>;

export function createRunTable({ connection, leases }: { connection: SqliteConnection; leases: LeaseTable }): RunTable {
  const write = (run: RunRecord) =>
    connection.run(
      `INSERT INTO runs (company_id, id, local_date, trigger, started_at, record) VALUES (:companyId, :id, :localDate, :trigger, :startedAt, :record)
       ON CONFLICT (company_id, id) DO UPDATE SET record = :record`,
      {
        companyId: run.companyId,
        id: run.id,
        localDate: run.localDate,
        trigger: run.trigger,
        startedAt: run.startedAt,
        record: JSON.stringify(run),
      },
    );

  return {
    startRun: (lease, run) =>
      connection.transaction(() => {
        leases.assertHeld(lease);
        const row =
          run.trigger === 'evening'
            ? connection.get(`SELECT record FROM runs WHERE company_id = :companyId AND local_date = :localDate AND trigger = 'evening'`, {
                companyId: run.companyId,
                localDate: run.localDate,
              })
            : connection.get('SELECT record FROM runs WHERE company_id = :companyId AND id = :id', {
                companyId: run.companyId,
                id: run.id,
              });
        const known = row === undefined ? undefined : jsonOf<RunRecord>(row, 'record');
        // The same run told twice, after a lost answer, has started.
        if (known !== undefined && known.id !== run.id) return { outcome: 'exists', run: known };
        if (known === undefined) write(run);
        return { outcome: 'started' };
      }),

    putRun: (lease, run) =>
      connection.transaction(() => {
        leases.assertHeld(lease);
        write(run);
      }),

    run(companyId, id) {
      const row = connection.get('SELECT record FROM runs WHERE company_id = :companyId AND id = :id', { companyId, id });
      return row === undefined ? undefined : jsonOf<RunRecord>(row, 'record');
    },

    runs: ({ companyId, fromDate, toDate, limit }) =>
      connection
        .all(
          `SELECT record FROM runs WHERE ${[
            companyId === undefined ? 'TRUE' : 'company_id = :companyId',
            // No run of a local day starts before that day has begun somewhere on earth: the index of starts need not be read further back.
            ...(fromDate === undefined ? [] : ['local_date >= :fromDate', `started_at >= date(:fromDate, '-1 day')`]),
            ...(toDate === undefined ? [] : ['local_date <= :toDate']),
          ].join(' AND ')} ORDER BY started_at DESC, id DESC LIMIT :limit`,
          {
            limit,
            ...(companyId === undefined ? {} : { companyId }),
            ...(fromDate === undefined ? {} : { fromDate }),
            ...(toDate === undefined ? {} : { toDate }),
          },
        )
        .map((row) => jsonOf<RunRecord>(row, 'record')),
  };
}
