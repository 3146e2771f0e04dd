import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../src/emulator.ts';
import { createEmulator } from '../src/emulator.ts';
import type { Json } from './books.ts';
import { Books, codesOf, control, idOf, ref, sale } from './books.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());

const vendor = (bId: string, DisplayName: string) => ({ bId, operation: 'create', Vendor: { DisplayName } });
const count = async (books: Books, entity: string) => (await books.ledger()).entities[entity]?.length ?? 0;

describe('a batch', () => {
  it('runs its items one after another, each on its own', async () => {
    const books = await Books.open(emulator);
    const receipt = await books.save('SalesReceipt', { Line: [sale(5)] });
    const items = await books.batch([
      vendor('a', 'Moss'),
      vendor('b', 'Moss'),
      { bId: 'c', operation: 'void', SalesReceipt: idOf(receipt) },
      { bId: 'd', operation: 'update', optionsData: 'void', SalesReceipt: { Id: receipt.Id, SyncToken: '1' } },
      { bId: 'e', operation: 'revert', Vendor: { DisplayName: 'x' } },
      { bId: 'f', Query: "select * from Vendor where DisplayName = 'Moss'" },
      { bId: 'g', Query: 'select * form Vendor' },
    ]);
    expect(items.map((item) => (item['Fault'] as { Error: { code: string }[] } | undefined)?.Error[0]?.code)).toEqual([
      undefined,
      '6240',
      undefined,
      undefined,
      '500',
      undefined,
      '4000',
    ]);
    expect(items[5]).toMatchObject({ bId: 'f', QueryResponse: { Vendor: [{ DisplayName: 'Moss' }], maxResults: 1 } });
  });

  it('is refused whole above thirty items, and for an entity nobody knows', async () => {
    const books = await Books.open(emulator);
    const items = Array.from({ length: 31 }, (_, index) => vendor(String(index), `v${index}`));
    expect(codesOf(await books.post('/batch', { BatchItemRequest: items }))).toEqual(['1040']);
    expect(codesOf(await books.post('/batch', { BatchItemRequest: [{ bId: '1', operation: 'create', Bill: {} }] }))).toEqual(['2010']);
    expect(codesOf(await books.post('/batch', {}))).toEqual(['2020']);
    expect(await count(books, 'Vendor')).toBe(0);
  });

  it('answers its items in another order where the company is set so', async () => {
    const books = await Books.open(emulator, { settings: { batchOrder: 'shuffled' } });
    const items = await books.batch([vendor('1', 'a'), vendor('2', 'b')]);
    expect(items.map(({ bId }) => bId)).toEqual(['2', '1']);
  });
});

describe('a request id', () => {
  it('of a batch gives each bId its first answer and does only what is new', async () => {
    const books = await Books.open(emulator);
    const first = await books.batch([vendor('1', 'a')], { requestid: 'night' });
    const again = await books.batch([vendor('1', 'a'), vendor('2', 'b')], { requestid: 'night' });
    expect(again[0]).toEqual(first[0]);
    expect(await count(books, 'Vendor')).toBe(2);
  });

  it('gives the whole first answer again, also after the record has changed', async () => {
    const books = await Books.open(emulator);
    const first = await books.post('/customer', { DisplayName: 'a' }, { requestid: 'r' });
    await books.save('Customer', { ...idOf(first.json['Customer'] as Json), sparse: true, Notes: 'later' });
    expect((await books.post('/customer', { DisplayName: 'a' }, { requestid: 'r' })).text).toBe(first.text);
  });

  it('is 50 characters at most, 36 with a batch, whose bIds are then 10 at most', async () => {
    const books = await Books.open(emulator);
    expect(await books.refusal('Vendor', { DisplayName: 'a' }, { requestid: 'x'.repeat(51) })).toEqual(['2130']);
    expect(codesOf(await books.post('/batch', { BatchItemRequest: [vendor('1', 'a')] }, { requestid: 'x'.repeat(37) }))).toEqual(['2130']);
    expect(codesOf(await books.post('/batch', { BatchItemRequest: [vendor('12345678901', 'a')] }, { requestid: 'x' }))).toEqual(['2130']);
    expect(await count(books, 'Vendor')).toBe(0);
    expect(await books.batch([vendor('12345678901', 'a')])).toMatchObject([{ Vendor: { DisplayName: 'a' } }]);
  });

  it('replays a refusal by default and forgets it where the company is set so', async () => {
    for (const [replayFaults, codes] of [
      [true, ['2500']],
      [false, []],
    ] as const) {
      const books = await Books.open(emulator, { settings: { replayFaults } });
      const body = { CustomerRef: { value: '1' }, Line: [sale(1)] };
      expect(await books.refusal('Invoice', body, { requestid: 'r' })).toEqual(['2500']);
      await books.customer();
      expect(await books.refusal('Invoice', body, { requestid: 'r' })).toEqual(codes);
    }
  });

  it('with another body gives the first answer, or 600 where the company is set so', async () => {
    const books = await Books.open(emulator);
    await books.save('Vendor', { DisplayName: 'a' }, { requestid: 'r' });
    expect(await books.save('Vendor', { DisplayName: 'b' }, { requestid: 'r' })).toMatchObject({ DisplayName: 'a' });
    await control(emulator, 'companies', { realmId: books.realmId, settings: { requestIdOtherBody: 'refuse' } });
    expect(await books.refusal('Vendor', { DisplayName: 'b' }, { requestid: 'r' })).toEqual(['600']);
  });

  it('is forgotten after the company’s retention', async () => {
    const books = await Books.open(emulator, { settings: { requestIdRetentionMs: 60_000 } });
    const body = { CustomerRef: ref(await books.customer()), Line: [sale(1)] };
    await books.save('Invoice', body, { requestid: 'r' });
    await control(emulator, 'clock', { advanceMs: 59_000 });
    await books.save('Invoice', body, { requestid: 'r' });
    expect(await count(books, 'Invoice')).toBe(1);
    await control(emulator, 'clock', { advanceMs: 1_000 });
    await books.save('Invoice', body, { requestid: 'r' });
    expect(await count(books, 'Invoice')).toBe(2);
  });

  it('gives 600 while its first request still runs', async () => {
    const books = await Books.open(emulator);
    await control(emulator, 'faults', { realmId: books.realmId, fault: { kind: 'delay', ms: 300 } });
    const slow = books.save('Vendor', { DisplayName: 'a' }, { requestid: 'r' });
    await expect.poll(async () => (await books.ledger()).requests.log.length).toBe(1);
    expect(await books.refusal('Vendor', { DisplayName: 'a' }, { requestid: 'r' })).toEqual(['600']);
    expect(await books.save('Vendor', { DisplayName: 'a' }, { requestid: 'r2' }).catch(() => 'refused')).not.toBe('refused');
    await expect(slow).rejects.toThrow('6240');
  });
});
