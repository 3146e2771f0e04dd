import { isDuplicateKey } from './connection.ts';
import type { CompanyConnection, CompanyRecord, Store } from '../store.ts';
import type { CompanyDocument, MongoCollections } from './collections.ts';

export type MongoCompanies = Pick<Store, 'putCompany' | 'company' | 'companies'>;

export function createMongoCompanies({ collections }: { collections: MongoCollections }): MongoCompanies {
  const { companies } = collections;

  return {
    async putCompany(company, expectedVersion) {
      const fields = {
        settings: JSON.stringify(company.settings),
        connection: JSON.stringify(company.connection),
        createdAt: company.createdAt,
        updatedAt: company.updatedAt,
      };
      const place = { _id: company.id, companyId: company.id };
      if (expectedVersion !== 'new') {
        const { matchedCount } = await companies.updateOne({ ...place, version: expectedVersion }, { $set: fields, $inc: { version: 1 } });
        return { outcome: matchedCount > 0 ? 'saved' : 'changed_meanwhile' };
      }
      try {
        await companies.insertOne({ ...place, version: 1, ...fields });
        return { outcome: 'saved' };
      } catch (error) {
        if (isDuplicateKey(error)) return { outcome: 'changed_meanwhile' };
        throw error;
      }
    },

    async company(id) {
      const found = await companies.findOne({ _id: id, companyId: id });
      return found === null ? undefined : toCompany(found);
    },

    async companies({ after = '', limit }) {
      const found = await companies
        .find({ _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map(toCompany);
    },
  };
}

export function toCompany({ _id, version, settings, connection, createdAt, updatedAt }: CompanyDocument): CompanyRecord {
  return {
    id: _id,
    version,
    settings: JSON.parse(settings) as unknown,
    connection: JSON.parse(connection) as CompanyConnection,
    createdAt,
    updatedAt,
  };
}
