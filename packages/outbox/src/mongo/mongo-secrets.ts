import { secretPlace } from '../secret-box.ts';
import { isDuplicateKey } from './connection.ts';
import type { SecretBox } from '../secret-box.ts';
import type { Store } from '../store.ts';
import type { MongoCollections } from './collections.ts';

export type MongoSecrets = Pick<Store, 'getSecret' | 'putSecret' | 'deleteSecret'>;

export function createMongoSecrets({ collections, secretBox }: { collections: MongoCollections; secretBox: SecretBox }): MongoSecrets {
  const { secrets } = collections;

  async function write(companyId: string, name: string, sealed: string, expectedVersion: number | 'new' | 'any'): Promise<boolean> {
    const seen = await secrets.findOne(place(companyId, name));
    const known = seen === null || seen.sealed === null ? 'new' : seen.version;
    if (expectedVersion !== 'any' && expectedVersion !== known) return false;
    if (seen !== null) {
      const { matchedCount } = await secrets.updateOne(
        { ...place(companyId, name), version: seen.version, sealed: seen.sealed },
        { $set: { sealed }, $inc: { version: 1 } },
      );
      return matchedCount > 0;
    }
    try {
      await secrets.insertOne({ ...place(companyId, name), name, version: 1, sealed });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  return {
    async getSecret(companyId, name) {
      const found = await secrets.findOne(place(companyId, name));
      if (found === null || found.sealed === null) return undefined;
      return { value: secretBox.open(found.sealed, secretPlace(companyId, name)), version: found.version };
    },

    async putSecret(companyId, name, value, expectedVersion) {
      const sealed = secretBox.seal(value, secretPlace(companyId, name));
      if (expectedVersion !== 'any') return write(companyId, name, sealed, expectedVersion);
      while (!(await write(companyId, name, sealed, 'any')));
      return true;
    },

    // The version stays and counts on, so that whoever still holds an old one cannot overwrite what is saved next.
    async deleteSecret(companyId, name) {
      await secrets.updateOne(place(companyId, name), { $set: { sealed: null } });
    },
  };
}

const place = (companyId: string, name: string) => ({ _id: `${companyId}|${name}`, companyId });
