import { beforeEach, describe, expect, it } from 'vitest';
import { at, newEntry } from './subject.ts';
import type { EntryFilter, Store } from '../store.ts';
import type { Subject } from './subject.ts';

export function describeSearch(subject: () => Subject): void {
  describe('search', () => {
    beforeEach(async () => {
      const { store } = subject();
      await store.append(newEntry({ webhookId: 'a', receivedAt: at(1), words: ['jane', 'doe', 'jane@doe.example'] }));
      await store.append(
        newEntry({ webhookId: 'b', receivedAt: at(3), type: 'payment.settled', subject: 'payment/7', words: ['jane', 'smith'] }),
      );
      await store.append(newEntry({ webhookId: 'c', receivedAt: at(2), state: 'ignored', words: ['john von neumann', 'çelik'] }));
      await store.append(newEntry({ companyId: 'zenith', webhookId: 'd', receivedAt: at(4), words: ['jane', 'foreign'] }));
    });

    const cases: { title: string; filter: Omit<EntryFilter, 'limit'>; finds: string[] }[] = [
      { title: 'gives everything, newest first', filter: {}, finds: ['d', 'b', 'c', 'a'] },
      { title: 'keeps to the companies asked for', filter: { companyIds: ['acme'] }, finds: ['b', 'c', 'a'] },
      { title: 'takes several companies', filter: { companyIds: ['zenith', 'acme'] }, finds: ['d', 'b', 'c', 'a'] },
      { title: 'finds nothing for an empty list of companies', filter: { companyIds: [] }, finds: [] },
      { title: 'finds nothing for an empty list of states', filter: { states: [] }, finds: [] },
      { title: 'filters by state', filter: { states: ['ignored', 'held'] }, finds: ['c'] },
      { title: 'filters by type', filter: { type: 'payment.settled' }, finds: ['b'] },
      { title: 'filters by subject', filter: { subject: 'payment/7' }, finds: ['b'] },
      { title: 'filters by subject within a company', filter: { subject: 'inspection/812', companyIds: ['zenith'] }, finds: ['d'] },
      { title: 'includes the first instant and leaves out the last', filter: { from: at(2), to: at(4) }, finds: ['b', 'c'] },
      { title: 'matches a word by its beginning', filter: { q: 'ja' }, finds: ['d', 'b', 'a'] },
      { title: 'matches whatever the case', filter: { q: 'JANE' }, finds: ['d', 'b', 'a'] },
      { title: 'asks for every word', filter: { q: 'jane sm' }, finds: ['b'] },
      { title: 'matches the words of a longer name', filter: { q: 'neu' }, finds: ['c'] },
      { title: 'matches letters beyond ASCII', filter: { q: 'çel' }, finds: ['c'] },
      { title: 'matches an e-mail address', filter: { q: 'jane@doe' }, finds: ['a'] },
      { title: 'does not match the middle of a word', filter: { q: 'ane' }, finds: [] },
      { title: 'finds a webhook id as a whole', filter: { q: 'b' }, finds: ['b'] },
      { title: 'finds a subject as a whole', filter: { q: 'payment/7' }, finds: ['b'] },
      { title: 'does not find part of an id', filter: { q: 'payment/' }, finds: [] },
      { title: 'finds an entry by its id', filter: { q: 'acme|vesper|c' }, finds: ['c'] },
      { title: 'never finds words of another company', filter: { q: 'foreign', companyIds: ['acme'] }, finds: [] },
      { title: 'never finds an id of another company', filter: { q: 'zenith|vesper|d', companyIds: ['acme'] }, finds: [] },
      { title: 'joins words, state and time', filter: { q: 'jane', states: ['pending'], from: at(2), to: at(4) }, finds: ['b'] },
      { title: 'takes a blank text as none', filter: { q: '  ' }, finds: ['d', 'b', 'c', 'a'] },
      { title: 'takes signs of query languages as letters', filter: { q: '" OR * NEAR( .* ^ja' }, finds: [] },
    ];
    it.each(cases)('$title', async ({ filter, finds }) => {
      const { entries } = await subject().store.search({ ...filter, limit: 10 });
      expect(entries.map(({ webhookId }) => webhookId)).toEqual(finds);
      for (const entry of entries) expect(entry).not.toHaveProperty('body');
    });

    it.each<Omit<EntryFilter, 'limit'>>([
      {},
      { companyIds: ['acme'] },
      { companyIds: ['acme', 'zenith'] },
      { q: 'jane' },
      { subject: 'inspection/812' },
    ])('pages through %j by cursor, each once, ties included', async (filter) => {
      const { store } = subject();
      for (let index = 0; index < 9; index += 1)
        await store.append(newEntry({ webhookId: `tie${index}`, receivedAt: at(3), state: index % 2 === 0 ? 'pending' : 'ignored' }));
      const whole = await store.search({ ...filter, limit: 100 });
      expect(whole.next).toBeUndefined();
      const paged = await searchAll(store, { ...filter, limit: 4 });
      expect(paged).toEqual(whole.entries.map(({ id }) => id));
      expect(new Set(paged).size).toBe(paged.length);
    });

    it('follows an entry to its new state', async () => {
      const { store } = subject();
      await store.moveEntry({ id: 'acme|vesper|a', from: ['pending'], to: 'held' });
      expect((await store.search({ states: ['held'], limit: 5 })).entries.map(({ webhookId }) => webhookId)).toEqual(['a']);
      expect((await store.search({ q: 'jane', states: ['held'], limit: 5 })).entries).toHaveLength(1);
    });

    it('refuses a cursor it did not write', async () => {
      await expect(subject().store.search({ cursor: 'not-a-cursor', limit: 5 })).rejects.toThrow(RangeError);
    });
  });
}

async function searchAll(store: Store, filter: EntryFilter): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const { entries, next } = await store.search({ ...filter, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...entries.map(({ id }) => id));
    if (next === undefined) return ids;
    cursor = next;
  }
}
