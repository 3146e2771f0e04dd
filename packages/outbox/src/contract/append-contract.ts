import { describe, expect, it } from 'vitest';
import { entryId } from '../entry.ts';
import { at, newEntry, utf8 } from './subject.ts';
import type { Subject } from './subject.ts';

export function describeAppend(subject: () => Subject, { durable }: { durable: boolean }): void {
  describe('append', () => {
    it('stores a new entry with its exact bytes, also when they are not UTF-8', async () => {
      const { store } = subject();
      const entry = newEntry({ body: Uint8Array.of(0x7b, 0xff, 0x00, 0x7d) });
      expect(await store.append(entry)).toEqual({ outcome: 'stored', id: 'acme|vesper|msg_1' });
      const { body, ...kept } = (await store.entry('acme|vesper|msg_1')) ?? {};
      expect(kept).toEqual({ ...withoutBody(entry), id: 'acme|vesper|msg_1', attempts: 0, conflicts: 0 });
      expect([...(body ?? [])]).toEqual([0x7b, 0xff, 0x00, 0x7d]);
    });

    // Without it an acknowledged webhook could be gone after a restart.
    if (durable)
      it('finds every acknowledged entry after the store was closed and opened again', async () => {
        const { store, reopen } = subject();
        if (reopen === undefined) throw new Error('A durable store can be opened again.');
        const entries = Array.from({ length: 50 }, (_, index) => newEntry({ webhookId: `msg_${index}` }));
        await Promise.all(entries.map((entry) => store.append(entry)));
        const again = await reopen();
        for (const entry of entries) expect(await again.entry(entryId(entry))).toMatchObject({ bodySha256: entry.bodySha256 });
        await again.close();
      });

    it('answers a repeat of the same id and body as duplicate, with the state the first has by now', async () => {
      const { store } = subject();
      await store.append(newEntry());
      await store.moveEntry({ id: 'acme|vesper|msg_1', from: ['pending'], to: 'canceled' });
      expect(await store.append(newEntry({ receivedAt: at(9) }))).toEqual({
        outcome: 'duplicate',
        id: 'acme|vesper|msg_1',
        state: 'canceled',
      });
      expect(await store.entry('acme|vesper|msg_1')).toMatchObject({ receivedAt: at(0), conflicts: 0 });
      expect(await store.counts('acme')).toMatchObject({ pending: 0, canceled: 1 });
    });

    // Without it a second body could replace what was already booked.
    it('keeps the first of two bodies under one id, and a record of each other one', async () => {
      const { store } = subject();
      await store.append(newEntry({ body: utf8('first') }));
      expect(await store.append(newEntry({ body: utf8('second'), receivedAt: at(1) }))).toEqual({
        outcome: 'conflict',
        id: 'acme|vesper|msg_1',
      });
      expect(await store.append(newEntry({ body: utf8('second'), receivedAt: at(2) }))).toMatchObject({ outcome: 'conflict' });
      expect(await store.append(newEntry({ body: utf8('third'), receivedAt: at(3) }))).toMatchObject({ outcome: 'conflict' });
      const kept = await store.entry('acme|vesper|msg_1');
      expect({ body: textOf(kept?.body), conflicts: kept?.conflicts }).toEqual({ body: 'first', conflicts: 2 });
      const conflicts = await store.conflicts('acme|vesper|msg_1');
      expect(conflicts.map(({ body, receivedAt }) => [textOf(body), receivedAt])).toEqual([
        ['second', at(1)],
        ['third', at(3)],
      ]);
    });

    // Without it one event could be booked twice.
    it('stores one of many identical appends made at the same instant', async () => {
      const { store, second } = subject();
      const other = (await second?.()) ?? store;
      const outcomes = await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? store : other).append(newEntry())));
      expect(outcomes.filter(({ outcome }) => outcome === 'stored')).toHaveLength(1);
      expect(outcomes.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(39);
      expect(await store.counts()).toMatchObject({ pending: 1 });
      if (other !== store) await other.close();
    });

    it('tells new, duplicate and conflict apart among appends made at the same instant', async () => {
      const { store } = subject();
      await store.append(newEntry({ webhookId: 'known' }));
      const outcomes = await Promise.all([
        store.append(newEntry({ webhookId: 'new' })),
        store.append(newEntry({ webhookId: 'known' })),
        store.append(newEntry({ webhookId: 'known', body: utf8('other') })),
        store.append(newEntry({ webhookId: 'new too' })),
      ]);
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['stored', 'duplicate', 'conflict', 'stored']);
    });

    it('keeps the same webhook id of two companies or sources apart', async () => {
      const { store } = subject();
      for (const changes of [{}, { companyId: 'zenith' }, { source: 'spectora' }])
        expect(await store.append(newEntry(changes))).toMatchObject({ outcome: 'stored' });
      expect(await store.counts()).toMatchObject({ pending: 3 });
      expect(await store.counts('zenith')).toMatchObject({ pending: 1 });
    });

    // Without it `a|b` + `c` and `a` + `b|c` would be one id of two tenants.
    it('refuses a company id that holds the separator', async () => {
      const { store } = subject();
      await expect((async () => store.append(newEntry({ companyId: 'acme|vesper' })))()).rejects.toThrow(RangeError);
    });

    it.each(['__proto__', '$where', "'; DROP TABLE entries; --", 'a.b\r\nc', 'ä|ö|\u{1F600}', 'x'.repeat(500)])(
      'keeps the webhook id %j letter by letter',
      async (webhookId) => {
        const { store } = subject();
        await store.append(newEntry({ webhookId }));
        expect(await store.entry(`acme|vesper|${webhookId}`)).toMatchObject({ webhookId, companyId: 'acme', source: 'vesper' });
        expect((await store.search({ q: webhookId.trim(), limit: 5 })).entries).toHaveLength(1);
      },
    );

    it('keeps state and reason of an entry that is ignored or quarantined from the start', async () => {
      const { store } = subject();
      const reason = { code: 'unknown_type', message: 'Nobody knows this type.', remedy: 'Nothing to do.' };
      await store.append(newEntry({ state: 'ignored', reason }));
      await store.append(newEntry({ webhookId: 'msg_2', state: 'quarantined', refs: [], words: [] }));
      expect(await store.entry('acme|vesper|msg_1')).toMatchObject({ state: 'ignored', reason });
      expect(await store.counts()).toMatchObject({ ignored: 1, quarantined: 1 });
    });

    it('says that it can be written', async () => {
      expect(await subject().store.isWritable()).toBe(true);
    });
  });
}

function withoutBody<Value extends { body?: unknown }>(entry: Value): Omit<Value, 'body'> {
  const { body: _, ...rest } = entry;
  return rest;
}

const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
