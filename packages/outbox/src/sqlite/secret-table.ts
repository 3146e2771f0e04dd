import { numberOf, optionalTextOf } from './columns.ts';
import type { Tables } from '../tables.ts';
import type { SqliteConnection } from './connection.ts';

/** Sealed texts only: sealing and opening is done around the tables, so that keys never come near the file. */
export type SecretTable = Pick<Tables, 'getSealed' | 'putSealed' | 'deleteSecret'>;

export function createSecretTable({ connection }: { connection: SqliteConnection }): SecretTable {
  const find = (companyId: string, name: string): { sealed: string | undefined; version: number } | undefined => {
    const row = connection.get('SELECT sealed, version FROM secrets WHERE company_id = :companyId AND name = :name', { companyId, name });
    return row === undefined ? undefined : { sealed: optionalTextOf(row, 'sealed'), version: numberOf(row, 'version') };
  };

  return {
    getSealed(companyId, name) {
      const known = find(companyId, name);
      return known?.sealed === undefined ? undefined : { sealed: known.sealed, version: known.version };
    },

    putSealed: (companyId, name, sealed, expectedVersion) =>
      connection.transaction(() => {
        const known = find(companyId, name);
        const current = known?.sealed === undefined ? 'new' : known.version;
        if (expectedVersion !== 'any' && expectedVersion !== current) return false;
        connection.run(
          `INSERT INTO secrets (company_id, name, version, sealed) VALUES (:companyId, :name, :version, :sealed)
           ON CONFLICT DO UPDATE SET version = :version, sealed = :sealed`,
          { companyId, name, sealed, version: (known?.version ?? 0) + 1 },
        );
        return true;
      }),

    // The version stays and counts on, so that whoever still holds an old one cannot overwrite what is saved next.
    deleteSecret(companyId, name) {
      connection.run('UPDATE secrets SET sealed = NULL WHERE company_id = :companyId AND name = :name', { companyId, name });
    },
  };
}
