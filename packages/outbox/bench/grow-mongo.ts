import { randomBytes, randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { collectionsOf } from '../src/mongo/collections.ts';
import type { EntryDocument } from '../src/mongo/collections.ts';
import { companies } from './grow-sqlite.ts';

/** Fills a database whose indexes are there; returns what drops it again. */
export async function growMongo(url: string, count: number): Promise<() => Promise<void>> {
  const client = await MongoClient.connect(url, { writeConcern: { w: 1 } });
  const { entries } = collectionsOf(client.db());
  const chunk = 5_000;
  for (let from = 1; from <= count; from += chunk)
    await entries.insertMany(
      Array.from({ length: Math.min(chunk, count - from + 1) }, (_, offset) => oldEntry(from + offset, count)),
      { ordered: false },
    );
  return async () => {
    await client.db().dropDatabase();
    await client.close();
  };
}

function oldEntry(index: number, count: number): EntryDocument {
  const inspection = Math.floor(index / 4);
  const companyId = `company-${inspection % companies}`;
  const webhookId = `msg_${randomUUID()}`;
  const subject = `inspection/${inspection}`;
  const [first, last] = [`first${inspection % 211}`, `last${(inspection * 7_919) % 5_003}`];
  const words = [first, last, `${first}.${last}@example.com`, String(inspection)];
  const age = count - index;
  return {
    _id: `${companyId}|vesper|${webhookId}`,
    companyId,
    type: index % 4 === 2 ? 'payment.settled' : 'inspection.updated',
    subject,
    refs: [subject],
    words,
    terms: [...words.map((word) => `w:${word}`), `i:${webhookId}`, `i:${subject}`],
    bodySha256: randomBytes(32).toString('hex'),
    receivedAt: new Date(1_600_000_000_000 + index * 6_000).toISOString(),
    state: age < 2_000 ? 'pending' : age < 2_200 ? 'held' : age < 2_400 ? 'failed' : 'posted',
    attempts: age < 2_000 ? 0 : 1,
    conflicts: 0,
    fence: 0,
  };
}
