import { jsonOf, numberOf, textOf } from './columns.ts';
import type { CompanyConnection, CompanyRecord } from '../store.ts';
import type { Tables } from '../tables.ts';
import type { SqliteConnection, SqlRow } from './connection.ts';

export type CompanyTable = Pick<Tables, 'putCompany' | 'company' | 'companies'>;

export function createCompanyTable({ connection }: { connection: SqliteConnection }): CompanyTable {
  return {
    putCompany(company, expectedVersion) {
      const parameters = {
        id: company.id,
        settings: JSON.stringify(company.settings),
        connection: JSON.stringify(company.connection),
        createdAt: company.createdAt,
        updatedAt: company.updatedAt,
      };
      const { changes } =
        expectedVersion === 'new'
          ? connection.run(
              `INSERT INTO companies (id, version, settings, connection, created_at, updated_at)
               VALUES (:id, 1, :settings, :connection, :createdAt, :updatedAt) ON CONFLICT DO NOTHING`,
              parameters,
            )
          : connection.run(
              `UPDATE companies SET version = version + 1, settings = :settings, connection = :connection, created_at = :createdAt, updated_at = :updatedAt
               WHERE id = :id AND version = :expectedVersion`,
              { ...parameters, expectedVersion },
            );
      return { outcome: changes > 0 ? 'saved' : 'changed_meanwhile' };
    },

    company(id) {
      const row = connection.get('SELECT * FROM companies WHERE id = :id', { id });
      return row === undefined ? undefined : toCompany(row);
    },

    companies: ({ after = '', limit }) =>
      connection.all('SELECT * FROM companies WHERE id > :after ORDER BY id LIMIT :limit', { after, limit }).map(toCompany),
  };
}

export function toCompany(row: SqlRow): CompanyRecord {
  return {
    id: textOf(row, 'id'),
    version: numberOf(row, 'version'),
    settings: jsonOf(row, 'settings'),
    connection: jsonOf<CompanyConnection>(row, 'connection'),
    createdAt: textOf(row, 'created_at'),
    updatedAt: textOf(row, 'updated_at'),
  };
}
