import { describe, expect, it } from 'vitest';
import { date, dropped, flag, list, number, object, oneOf, readShape, text } from './shape.ts';

const shape = {
  Name: text(5),
  Amount: number,
  Active: flag,
  TxnDate: date,
  Kind: oneOf('A', 'B'),
  TotalAmt: dropped,
  Line: list(object('Line', { Id: text(3), Detail: object('Detail', { Qty: number }) })),
};
const read = (body: object) => readShape(body as Parameters<typeof readShape>[0], { shape, owner: 'Thing' });

describe('readShape', () => {
  it('keeps what is writable, in its own type, and drops what does not apply', () => {
    expect(read({ Name: 7, Amount: '1.50', Active: 'true', TxnDate: '2026-01-05T10:00:00Z', TotalAmt: { any: 1 }, Kind: null })).toEqual({
      Name: '7',
      Amount: 1.5,
      Active: true,
      TxnDate: '2026-01-05',
      Kind: null,
    });
  });

  it('names an unknown property with its Java class, deep inside as well', () => {
    expect(() => read({ Line: [{ Detail: { Qtty: 1 } }] })).toThrow(
      /Unrecognized field "Qtty" \(class com\.intuit\.schema\.finance\.v3\.Detail\).*1 known properties: "Qty"/,
    );
  });

  it.each([
    [{ Name: 'longer' }, /^2050/],
    [{ Line: [{ Id: 'long' }] }, /^2050/],
    [{ Amount: 'ten' }, /^2010/],
    [{ Amount: 1e10 }, /^2010/],
    [{ Active: 'yes' }, /^2010/],
    [{ TxnDate: '2026-02-29' }, /^2010/],
    [{ Kind: 'C' }, /^2170/],
    [{ Line: {} }, /^2010/],
    [{ constructor: 1 }, /Unrecognized field "constructor"/],
  ])('refuses %j', (body, words) => {
    expect(() => read(body)).toThrow(words);
  });
});
