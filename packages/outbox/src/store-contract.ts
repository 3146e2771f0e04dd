import { afterEach, beforeEach, describe } from 'vitest';
import { describeAppend } from './contract/append-contract.ts';
import { describeBatches } from './contract/batch-contract.ts';
import { describeEntries } from './contract/entry-contract.ts';
import { describeFinding } from './contract/finding-contract.ts';
import { describeKeptRecords } from './contract/record-contract.ts';
import { describeLeases } from './contract/lease-contract.ts';
import { describeLedger } from './contract/ledger-contract.ts';
import { describeSearch } from './contract/search-contract.ts';
import { createTestClock } from './contract/subject.ts';
import { createSecretBox } from './secret-box.ts';
import type { OpenStore, Subject } from './contract/subject.ts';

/**
 * The suite every store must pass, on vitest: `describeStore('SQLite', (options) => …)` in a test file of the adapter.
 * `open` gives a fresh, empty store for each test; time is the clock it is given. A store that is not `durable` outlives nothing:
 * what needs `reopen` and `bytesAtRest` is not asked of it.
 */
export function describeStore(name: string, open: OpenStore, { durable = true }: { durable?: boolean } = {}): void {
  describe(`the store contract, ${name}`, () => {
    let current: Subject | undefined;

    beforeEach(async () => {
      const clock = createTestClock(Date.UTC(2026, 5, 1, 12));
      const secretBox = createSecretBox({ keys: [{ id: 'test', key: new Uint8Array(32).fill(7) }] });
      current = { clock, secretBox, ...(await open({ now: clock.now, monotonicNow: clock.now, secretBox })) };
    });
    afterEach(async () => {
      await current?.store.close();
      current = undefined;
    });

    const subject = (): Subject => {
      if (current === undefined) throw new Error('Only within a test.');
      return current;
    };
    describeAppend(subject, { durable });
    describeEntries(subject);
    describeSearch(subject);
    describeLeases(subject);
    describeLedger(subject);
    describeBatches(subject);
    describeFinding(subject);
    describeKeptRecords(subject, { durable });
  });
}

export type { ContractOptions, OpenStore, StoreUnderTest } from './contract/subject.ts';
