import { randomUUID } from 'node:crypto';
import { BSON, MongoClient } from 'mongodb';
import { afterAll, beforeAll } from 'vitest';
import { openMongoStore } from '../src/mongo-store.ts';
import { describeStore } from '../src/store-contract.ts';
import { startMongoServer } from './mongo-server.ts';

let server: Awaited<ReturnType<typeof startMongoServer>>;
beforeAll(async () => {
  server = await startMongoServer();
});
afterAll(() => server.stop());

describeStore('MongoDB', async ({ now, monotonicNow, secretBox }) => {
  const url = server.url(`vesper_test_${randomUUID().slice(0, 8)}`);
  const open = () => openMongoStore({ url, now, leaseNow: now, monotonicNow, secretBox });
  const store = await open();
  return {
    store,
    second: open,
    async reopen() {
      await store.close();
      return open();
    },
    async bytesAtRest() {
      const client = await MongoClient.connect(url);
      const found = await client.db().collection('secrets').find().toArray();
      await client.close();
      return Buffer.concat(found.map((document) => BSON.serialize(document)));
    },
  };
});
