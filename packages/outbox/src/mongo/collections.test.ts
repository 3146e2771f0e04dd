import { describe, expect, it } from 'vitest';
import { mongoIndexes } from './collections.ts';

const indexes = Object.entries(mongoIndexes).flatMap(([collection, list]) => list.map((index) => ({ collection, ...index })));

// MongoDB enforces a unique index on a sharded collection only when it starts with the shard key; else two shards could each take one.
describe('MongoDB indexes, sharded by company', () => {
  it('start every unique key with the company', () => {
    const unique = indexes.filter((index) => index.unique === true);
    expect(unique.length).toBeGreaterThan(0);
    for (const { key } of unique) expect(Object.keys(key)[0]).toBe('companyId');
  });

  it('have no hashed and no text key, which a shard key or a unique key could not be', () => {
    for (const { key } of indexes) for (const direction of Object.values(key)) expect([1, -1]).toContain(direction);
  });

  // Without it dedupe keys or the posted ledger would vanish, and a late redelivery would be booked again.
  it('let nothing vanish by age but small records', () => {
    expect(indexes.filter((index) => index.expireAfterSeconds !== undefined).map(({ collection }) => collection)).toEqual(['records']);
  });
});
