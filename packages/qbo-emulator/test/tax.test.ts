import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../src/emulator.ts';
import { createEmulator } from '../src/emulator.ts';
import type { Json } from './books.ts';
import { Books, ref, sale } from './books.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());

const coded = (amount: number, code: string) => sale(amount, { TaxCodeRef: { value: code } });
const codeOf = (invoice: Json) =>
  (invoice['Line'] as { SalesItemLineDetail: { TaxCodeRef: { value: string } } }[])[0]?.SalesItemLineDetail.TaxCodeRef.value;

async function invoiced(books: Books, Line: object[], fields: object = {}): Promise<Json> {
  return books.save('Invoice', { CustomerRef: ref(await books.customer()), Line, ...fields });
}

describe('a US company', () => {
  it('without sales tax ignores the tax detail and codes a line NON', async () => {
    const books = await Books.open(emulator);
    const invoice = await invoiced(books, [sale(100)], { TxnTaxDetail: { TxnTaxCodeRef: { value: '2' }, TotalTax: 8 } });
    expect([invoice['TxnTaxDetail'], invoice['TotalAmt'], codeOf(invoice)]).toEqual([{ TotalTax: 0 }, 100, 'NON']);
  });

  it('with the old sales tax taxes its TAX lines by the one rate of the transaction', async () => {
    const books = await Books.open(emulator, { settings: { salesTax: 'manual' } });
    const invoice = await invoiced(books, [coded(291, 'TAX'), coded(9, 'NON')], { TxnTaxDetail: { TxnTaxCodeRef: { value: '2' } } });
    expect(invoice).toMatchObject({
      TotalAmt: 323.28,
      TxnTaxDetail: {
        TxnTaxCodeRef: { value: '2' },
        TotalTax: 23.28,
        TaxLine: [
          {
            Amount: 23.28,
            DetailType: 'TaxLineDetail',
            TaxLineDetail: { TaxRateRef: { value: '3' }, PercentBased: true, TaxPercent: 8, NetAmountTaxable: 291 },
          },
        ],
      },
    });
    const pseudo = {
      CustomerRef: ref(await books.customer()),
      Line: [sale(1)],
      TxnTaxDetail: { TxnTaxCodeRef: { value: 'CustomSalesTax' } },
    };
    expect(await books.refusal('Invoice', pseudo)).toEqual(['2500']);
  });

  it('taxes what is left after a discount when told to', async () => {
    const books = await Books.open(emulator, { settings: { salesTax: 'manual' } });
    const discount = { DetailType: 'DiscountLineDetail', DiscountLineDetail: { PercentBased: true, DiscountPercent: 50 } };
    const TxnTaxDetail = { TxnTaxCodeRef: { value: '2' } };
    expect((await invoiced(books, [coded(100, 'TAX'), discount], { TxnTaxDetail }))['TotalAmt']).toBe(58);
    expect((await invoiced(books, [coded(100, 'TAX'), discount], { TxnTaxDetail, ApplyTaxAfterDiscount: true }))['TotalAmt']).toBe(54);
  });

  it('with automated sales tax computes by the item’s taxability and keeps an amount that was sent', async () => {
    const books = await Books.open(emulator, { settings: { salesTax: 'automated', salesTaxPercent: 8.25 } });
    const item = await books.save('Item', { Name: 'Kit', Type: 'NonInventory', Taxable: true, IncomeAccountRef: { value: '5' } });
    const taxable = sale(100, { ItemRef: ref(item) });
    const computed = await invoiced(books, [taxable, sale(10)]);
    expect([codeOf(computed), computed['TotalAmt']]).toEqual(['TAX', 118.25]);
    expect((await invoiced(books, [taxable], { TxnTaxDetail: { TotalTax: 7 } }))['TotalAmt']).toBe(107);
    const { Preferences } = (await books.get('/preferences')).json as { Preferences: Json };
    expect(Preferences['TaxPrefs']).toEqual({ UsingSalesTax: true, PartnerTaxEnabled: true });
  });
});

describe('a Canadian company', () => {
  it('taxes each line by its own code, rounded per line', async () => {
    const books = await Books.open(emulator, { country: 'CA' });
    const invoice = await invoiced(books, [coded(10.1, '6'), coded(10.1, '6'), coded(100, '7'), coded(5, '2')]);
    expect(invoice).toMatchObject({ GlobalTaxCalculation: 'TaxExcluded', TxnTaxDetail: { TotalTax: 14.62 }, TotalAmt: 139.82 });
    expect(invoice).not.toHaveProperty('ApplyTaxAfterDiscount');
  });

  it('takes the tax out of inclusive amounts and wants none where it does not apply', async () => {
    const books = await Books.open(emulator, { country: 'CA' });
    const inclusive = await invoiced(books, [coded(113, '6')], { GlobalTaxCalculation: 'TaxInclusive' });
    expect(inclusive).toMatchObject({ TotalAmt: 113, TxnTaxDetail: { TotalTax: 13 } });
    expect(await invoiced(books, [sale(50)], { GlobalTaxCalculation: 'NotApplicable' })).toMatchObject({ TotalAmt: 50 });
  });

  it('names GST/HST when a line has no code, and a British one VAT', async () => {
    for (const [country, name] of [
      ['CA', 'GST/HST'],
      ['GB', 'VAT'],
    ]) {
      const books = await Books.open(emulator, { country });
      const answer = await books.post('/invoice', { CustomerRef: ref(await books.customer()), Line: [sale(1)] });
      expect(answer.text).toContain(`Make sure all your transactions have a ${name} rate before you save.`);
    }
  });
});
