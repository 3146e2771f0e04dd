import { MongoBulkWriteError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { newEntry, utf8 } from '../contract/subject.ts';
import { appendGroup } from './mongo-append.ts';
import type { MongoCollections } from './collections.ts';

/** The collection as an append sees it: what the bulk write answers, and what a majority read finds. */
function collectionsWith(answers: {
  bulkWrite: () => unknown;
  majority?: { _id: string; bodySha256: string; state: string }[];
}): MongoCollections {
  const entries = { bulkWrite: async () => answers.bulkWrite(), find: () => ({ toArray: async () => answers.majority ?? [] }) };
  return { entries } as unknown as MongoCollections;
}

function bulkWriteError({ codes, writeConcernError }: { codes: number[]; writeConcernError?: object }): MongoBulkWriteError {
  const result = {
    upsertedIds: { 0: 'acme|vesper|a' },
    getWriteErrors: () => codes.map((code) => ({ code })),
    getWriteConcernError: () => writeConcernError,
  };
  return new MongoBulkWriteError({ message: 'E11000', code: codes[0] ?? 64, writeErrors: [] }, result as never);
}

const [a, b] = [newEntry({ webhookId: 'a' }), newEntry({ webhookId: 'b', body: utf8('b') })];
const fails = (error: MongoBulkWriteError) => () => {
  throw error;
};

describe('a group of appends to MongoDB', () => {
  it('takes a duplicate key, as two processes inserting one id make it, for a known entry', async () => {
    const collections = collectionsWith({
      bulkWrite: fails(bulkWriteError({ codes: [11_000] })),
      majority: [{ _id: 'acme|vesper|b', bodySha256: b.bodySha256, state: 'pending' }],
    });
    expect(await appendGroup(collections, [a, b])).toEqual([
      { outcome: 'stored', id: 'acme|vesper|a' },
      { outcome: 'duplicate', id: 'acme|vesper|b', state: 'pending' },
    ]);
  });

  // Without it an entry that an election may still roll back would be acknowledged.
  it('calls nothing a duplicate that a majority read does not find', async () => {
    const collections = collectionsWith({ bulkWrite: () => ({ upsertedIds: {} }) });
    await expect(appendGroup(collections, [a])).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
  });

  it.each([
    { title: 'the majority did not confirm', error: bulkWriteError({ codes: [], writeConcernError: { code: 64 } }) },
    { title: 'one write failed otherwise', error: bulkWriteError({ codes: [11_000, 14_031] }) },
  ])('promises nothing when $title', async ({ error }) => {
    await expect(appendGroup(collectionsWith({ bulkWrite: fails(error) }), [a, b])).rejects.toBe(error);
  });

  it('writes an id once that comes twice in the group', async () => {
    const collections = collectionsWith({
      bulkWrite: () => ({ upsertedIds: { 0: 'acme|vesper|a' } }),
      majority: [{ _id: 'acme|vesper|a', bodySha256: a.bodySha256, state: 'pending' }],
    });
    expect((await appendGroup(collections, [a, a])).map(({ outcome }) => outcome)).toEqual(['stored', 'duplicate']);
  });
});
