import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../src/emulator.ts';
import { createEmulator } from '../src/emulator.ts';
import type { Json } from './books.ts';
import { Books, codesOf, control, detailOf, idOf } from './books.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());

describe('a query', () => {
  it('finds by reference, amount, number, date and time, without regard to case', async () => {
    const books = await Books.open(emulator);
    const [birch, cedar] = [await books.customer({ DisplayName: 'Birch' }), await books.customer({ DisplayName: 'Cedar', Job: false })];
    const small = await books.invoice(birch, 90, { TxnDate: '2026-01-05', DocNumber: 'sp1' });
    await control(emulator, 'clock', { advanceMs: 60_000 });
    const large = await books.invoice(cedar, 400, { TxnDate: '2026-02-05', DocNumber: 'sp2' });
    const found = (where: string) => books.ids(`select * from Invoice where ${where}`);
    expect(await found(`CustomerRef = '${cedar.Id}'`)).toEqual([large.Id]);
    expect(await found("TotalAmt < '90.01'")).toEqual([small.Id]);
    expect(await found("DocNumber IN ('sp2', 'SP1', 'sp1')")).toEqual([small.Id, large.Id]);
    expect(await found("DocNumber LIKE '%2'")).toEqual([large.Id]);
    expect(await found("TxnDate > '2026-01-05' AND Balance > '0'")).toEqual([large.Id]);
    const { LastUpdatedTime } = small['MetaData'] as Json;
    expect(await found(`MetaData.LastUpdatedTime <= '${String(LastUpdatedTime)}'`)).toEqual([small.Id]);
  });

  it('orders by a property, pages from one and counts what matches', async () => {
    const books = await Books.open(emulator);
    for (const DisplayName of ['b', 'C', 'a']) await books.customer({ DisplayName });
    const page = await books.select('select * from customer order by DisplayName desc maxresults 2 startposition 2');
    expect((page['Customer'] as Json[]).map((customer) => customer['DisplayName'])).toEqual(['b', 'a']);
    expect(page).toMatchObject({ startPosition: 2, maxResults: 2 });
    expect(await books.select("SELECT COUNT(*) FROM Customer WHERE DisplayName LIKE '%'")).toEqual({ totalCount: 3 });
  });

  it('gives 100 rows unless told otherwise, and 1000 at most', async () => {
    const books = await Books.open(emulator);
    for (let round = 0; round < 34; round += 1)
      await books.batch(
        Array.from({ length: 30 }, (_, item) => ({
          bId: String(item),
          operation: 'create',
          Vendor: { DisplayName: `v ${round} ${item}` },
        })),
      );
    expect(await books.select('select * from Vendor')).toMatchObject({ maxResults: 100 });
    expect(await books.select('select * from Vendor maxresults 5000')).toMatchObject({ maxResults: 1_000 });
  });

  it('leaves DefaultTaxCodeRef out, which a read shows', async () => {
    const books = await Books.open(emulator, { settings: { salesTax: 'manual' } });
    const customer = await books.customer();
    expect(await books.read('Customer', customer)).toHaveProperty('DefaultTaxCodeRef');
    expect((await books.select('select * from Customer'))['Customer']).not.toMatchObject([{ DefaultTaxCodeRef: {} }]);
  });

  it.each([
    ['select * from Invoice where', '4000', 'QueryParserError: Encountered "<EOF>" at line 1, column 28'],
    ['select * form Invoice', '4000', 'Encountered " "form" "form "" at line 1, column 10.\nWas expecting:\n    "from" ...'],
    ['select * from Invoice where TotalAmt > 300', '4000', 'Encountered " "300" "300 ""'],
    ["select * from Invoice where DocNumber = 'a", '4000', 'QueryParserError'],
    ['select * from Invoice group', '4000', '<EOF>'],
    ['select * from Custmoer', '4001', 'QueryValidationError: invalid context declaration: Custmoer'],
    ["select * from Customer where Colour = 'red'", '4001', 'Property Colour not found for Entity Customer'],
    [
      "select * from Customer where PrimaryEmailAddr = 'a@b.c'",
      '4001',
      "QueryValidationError: property 'PrimaryEmailAddr' is not queryable",
    ],
    ["select * from Payment where UnappliedAmt > '0'", '4001', "property 'UnappliedAmt' is not queryable"],
    ["select * from Invoice where PrivateNote = 'x'", '4001', "property 'PrivateNote' is not queryable"],
    ["select * from Customer where Id = '1' or Id = '2'", '4001', 'OR is not supported'],
    ["select * from Customer where Id > '1'", '4001', 'operator > is not supported for property Id'],
    ["select * from Customer where DisplayName != 'a'", '4001', '!= is not supported'],
    ['select * from Customer startposition 0', '4001', 'QueryValidationError: value 0 is too small. Min allowed value is 1'],
    ['select * from Customer maxresults 0', '4001', 'value 0 is too small'],
  ])('%s is refused with %s', async (statement, code, words) => {
    const books = await Books.open(emulator);
    const answer = await books.get('/query', { query: statement });
    expect([answer.status, codesOf(answer)]).toEqual([400, [code]]);
    expect(detailOf(answer)).toContain(words);
    expect(answer.text).not.toContain('"element"');
  });
});

describe('cdc', () => {
  it('gives one list per type in the order asked, live and deleted together, and {} for none', async () => {
    const books = await Books.open(emulator);
    const changedSince = new Date(Date.parse(String((await control(emulator, 'clock'))['now'])) - 1_000).toISOString();
    const customer = await books.customer();
    const [doomed, kept] = [await books.invoice(customer), await books.invoice(customer)];
    await books.post('/invoice', idOf(doomed), { operation: 'delete' });
    const { CDCResponse } = (await books.get('/cdc', { entities: 'Vendor,invoice,Customer', changedSince })).json;
    expect(CDCResponse).toEqual([
      {
        QueryResponse: [
          {},
          {
            Invoice: [kept, { domain: 'QBO', status: 'Deleted', Id: doomed.Id, MetaData: { LastUpdatedTime: expect.any(String) } }],
            startPosition: 1,
            maxResults: 2,
          },
          { Customer: [expect.objectContaining({ Id: customer.Id, Balance: 100 })], startPosition: 1, maxResults: 1 },
        ],
      },
    ]);
  });

  it('refuses tax codes, unknown types and more than thirty days, the last by setting', async () => {
    const books = await Books.open(emulator);
    const changedSince = '2020-01-01T00:00:00-08:00';
    const recent = new Date(Date.parse(String((await control(emulator, 'clock'))['now']))).toISOString();
    expect(codesOf(await books.get('/cdc', { entities: 'TaxCode', changedSince: recent }))).toEqual(['4001']);
    expect(codesOf(await books.get('/cdc', { entities: 'Invoice', changedSince }))).toEqual(['4001']);
    await control(emulator, 'companies', { realmId: books.realmId, settings: { cdcWindow: 'open' } });
    expect((await books.get('/cdc', { entities: 'Item', changedSince })).json['CDCResponse']).toMatchObject([
      { QueryResponse: [{ maxResults: 1 }] },
    ]);
  });
});
