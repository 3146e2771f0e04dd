import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newEntry, utf8 } from '../src/contract/subject.ts';
import { openMongoStore } from '../src/mongo-store.ts';
import { createSecretBox } from '../src/secret-box.ts';
import type { Store } from '../src/store.ts';
import { startMongoPrimary, type MongoPrimary } from './mongo-primary.ts';

const secretBox = createSecretBox({ keys: [{ id: 'test', key: new Uint8Array(32) }] });
let primary: MongoPrimary;
let store: Store;
beforeEach(async () => {
  primary = await startMongoPrimary('vesper');
  store = await openMongoStore({ url: primary.url, secretBox });
});
afterEach(async () => {
  await store.close().catch(() => undefined);
  await primary.close();
});

const append = (webhookId: string, body = `body of ${webhookId}`) =>
  store.append(newEntry({ webhookId, body: utf8(body) })).then(
    ({ outcome }) => outcome,
    (error: { kind?: string }) => error.kind ?? 'another error',
  );
/** As the platform does: sends again until it is told that the webhook is kept. */
const appendUntilKept = async (webhookId: string) => {
  for (;;) {
    const outcome = await append(webhookId);
    if (outcome !== 'unavailable' && outcome !== 'full') return outcome;
  }
};

describe('when the primary of MongoDB steps down', () => {
  // Without it an acknowledged webhook would be gone after the election, and the platform never sends it again.
  it('nothing it had acknowledged is rolled back: what no majority has is refused, also when it is sent again', async () => {
    expect(await append('before')).toBe('stored');
    await primary.isolate();
    expect(await append('alone')).toBe('unavailable');
    expect(await append('alone')).toBe('unavailable');
    // All connections end at once, those with a write under way too: the driver's own look at the primary may never end then.
    await primary.elect();
    expect(await appendUntilKept('before')).toBe('duplicate');
    // The driver may have asked the new primary again by itself: then it is there already.
    expect(await appendUntilKept('alone')).toMatch(/stored|duplicate/u);
    expect(await store.entry('acme|vesper|alone')).toBeDefined();
  });

  // The proof that the model above can lose something.
  it('a client that asks for one member only loses what it was told is written', async () => {
    const client = await MongoClient.connect(primary.url, { writeConcern: { w: 1 } });
    await primary.isolate();
    expect(await client.db().collection('loose').insertOne({ a: 1 })).toMatchObject({ acknowledged: true });
    await primary.elect();
    expect(await client.db().collection('loose').countDocuments()).toBe(0);
    await client.close();
  });

  it('an append that took effect without a confirmation is there once', async () => {
    primary.stepDownAfterWrite();
    expect(await appendUntilKept('alone')).toMatch(/stored|duplicate/u);
    expect(await append('alone', 'another body')).toBe('conflict');
    expect((await store.entry('acme|vesper|alone'))?.conflicts).toBe(1);
    // The driver asked again under the number of its first try.
    const numbers = primary.writes().map(({ txnNumber }) => String(txnNumber));
    expect(numbers.length).toBeGreaterThan(new Set(numbers).size);
  });

  it('appends are refused while there is none, and taken up again by themselves', async () => {
    primary.stepDown();
    expect(await append('alone')).toBe('unavailable');
    expect(await store.isWritable()).toBe(false);
    await primary.elect();
    expect(await appendUntilKept('alone')).toBe('stored');
    expect(await store.isWritable()).toBe(true);
  });

  it('every write asks for a majority and the journal, whatever the URL asks for', async () => {
    const weakened = await openMongoStore({
      url: `${primary.url}&w=1&journal=false&retryWrites=false&readPreference=secondaryPreferred&readConcernLevel=local`,
      secretBox,
    });
    await weakened.append(newEntry());
    const lease = await weakened.claimLease({ companyId: 'acme', holder: 'test', ttlMs: 30_000 });
    expect(lease.outcome).toBe('claimed');
    await weakened.putSecret('acme', 'token', 'x', 'new');
    await weakened.close();
    expect(primary.writes().length).toBeGreaterThan(2);
    expect(primary.writes().filter(({ writeConcern }) => writeConcern?.w !== 'majority' || writeConcern?.j !== true)).toEqual([]);
    expect(primary.writes().filter(({ txnNumber }) => txnNumber === undefined)).toEqual([]);
  });
});
