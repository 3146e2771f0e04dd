import { describe, expect, it } from 'vitest';
import { parseQuery } from './parse.ts';

describe('parseQuery', () => {
  it('reads every clause, keywords in any case', () => {
    expect(
      parseQuery("SELECT * from Invoice Where TotalAmt >= '1.5' and Id IN ('1', '2') orderby TxnDate DESC startposition 3 MaxResults 7"),
    ).toEqual({
      count: false,
      entity: 'Invoice',
      where: [
        { property: 'TotalAmt', operator: '>=', values: ['1.5'] },
        { property: 'Id', operator: 'IN', values: ['1', '2'] },
      ],
      orderBy: { property: 'TxnDate', descending: true },
      startPosition: 3,
      maxResults: 7,
    });
  });

  it('counts, and takes bare true and false', () => {
    expect(parseQuery('select count(*) from Customer where Active = TRUE')).toMatchObject({ count: true, where: [{ values: ['true'] }] });
  });

  it('unescapes an apostrophe in a value', () => {
    expect(parseQuery("select * from Customer where DisplayName = 'Wren\\'s Nest'").where[0]?.values).toEqual(["Wren's Nest"]);
  });

  it.each([
    '',
    'select',
    'select Id from Customer',
    "select * from Customer where Id ='1",
    'select * from Customer; drop',
    'select * from Customer maxresults ten',
  ])('refuses %j with 4000', (statement) => {
    expect(() => parseQuery(statement)).toThrow(/^4000 QueryParserError/);
  });
});
