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

const lineIds = (record: Json) => (record['Line'] as { Id?: string }[]).map(({ Id }) => Id);

describe('an invoice', () => {
  it('is numbered on from the last number while the system numbers', async () => {
    const books = await Books.open(emulator);
    const customer = await books.customer();
    expect((await books.invoice(customer))['DocNumber']).toBe('1001');
    expect((await books.invoice(customer, 10, { DocNumber: '2000' }))['DocNumber']).toBe('2000');
    expect((await books.save('SalesReceipt', { Line: [sale(5)] }))['DocNumber']).toBe('2001');
  });

  it('has no number when numbers are custom and none is given', async () => {
    const books = await Books.open(emulator, { preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } } });
    expect(await books.invoice(await books.customer())).not.toHaveProperty('DocNumber');
  });

  it('is due by its own term, else the customer’s, else the company’s', async () => {
    const books = await Books.open(emulator);
    const onTerm = await books.customer({ SalesTermRef: { value: '2' } });
    const dated = { TxnDate: '2026-01-31' };
    expect((await books.invoice(await books.customer(), 1, dated))['DueDate']).toBe('2026-03-02');
    expect((await books.invoice(onTerm, 1, dated))['DueDate']).toBe('2026-02-15');
    expect((await books.invoice(onTerm, 1, { ...dated, SalesTermRef: { value: '1' } }))['DueDate']).toBe('2026-01-31');
  });

  it('is dated in the company’s own day', async () => {
    await control(emulator, 'clock', { now: '2030-06-02T03:00:00Z' });
    const losAngeles = await Books.open(emulator);
    const sydney = await Books.open(emulator, { timezone: 'Australia/Sydney' });
    expect((await losAngeles.invoice(await losAngeles.customer()))['TxnDate']).toBe('2030-06-01');
    expect((await sydney.invoice(await sydney.customer()))['TxnDate']).toBe('2030-06-02');
  });

  it('copies the customer’s address with its Id and gives a sent one a new Id', async () => {
    const books = await Books.open(emulator);
    const customer = await books.customer({ BillAddr: { Line1: '7 Finch Lane' } });
    const own = customer['BillAddr'] as Json;
    const copied = await books.invoice(customer);
    expect(copied['BillAddr']).toEqual({ Id: own.Id, Line1: '7 Finch Lane', Lat: 'INVALID', Long: 'INVALID' });
    const given = await books.invoice(customer, 5, { BillAddr: { Line1: '9 Wren Row' } });
    expect((given['BillAddr'] as Json).Id).not.toBe(own.Id);
  });

  it('keeps the Id of a line it knows and numbers the others on', async () => {
    const books = await Books.open(emulator);
    const customer = await books.customer();
    const first = await books.save('Invoice', { CustomerRef: ref(customer), Line: [sale(1), sale(2)] });
    expect(lineIds(first)).toEqual(['1', '2', undefined]);
    const kept = { ...sale(3), Id: '2' };
    const second = await books.save('Invoice', { ...idOf(first), sparse: true, Line: [kept, sale(4), { ...sale(5), Id: '77' }] });
    expect(lineIds(second)).toEqual(['2', '3', '4', undefined]);
    expect(second['TotalAmt']).toBe(12);
  });

  it('replaces a wrong total by the sum of its lines and drops what does not apply', async () => {
    const books = await Books.open(emulator);
    const receipt = await books.save('SalesReceipt', { TotalAmt: 999, Line: [sale(12.34), sale(0.06)] });
    expect(receipt['TotalAmt']).toBe(12.4);
    const memo = await books.save('CreditMemo', {
      CustomerRef: ref(await books.customer()),
      PaymentMethodRef: { value: '1' },
      DepositToAccountRef: { value: '1' },
      Line: [sale(5)],
    });
    expect(memo).not.toHaveProperty('PaymentMethodRef');
    expect(memo).not.toHaveProperty('DepositToAccountRef');
  });

  it('takes a sales line without an item as text', async () => {
    const books = await Books.open(emulator);
    const text = { Amount: 50, Description: 'a remark', DetailType: 'SalesItemLineDetail', SalesItemLineDetail: {} };
    const invoice = await books.save('Invoice', { CustomerRef: ref(await books.customer()), Line: [sale(10), text] });
    expect(invoice['TotalAmt']).toBe(10);
    expect((invoice['Line'] as Json[])[1]).toMatchObject({ DetailType: 'DescriptionOnly', Description: 'a remark' });
  });

  it('puts a discount behind the subtotal and takes it off', async () => {
    const books = await Books.open(emulator);
    const discount = { DetailType: 'DiscountLineDetail', DiscountLineDetail: { PercentBased: true, DiscountPercent: 10 } };
    const invoice = await books.save('Invoice', { CustomerRef: ref(await books.customer()), Line: [sale(33.33), discount] });
    expect(invoice['TotalAmt']).toBe(30);
    expect((invoice['Line'] as Json[]).slice(1)).toMatchObject([
      { DetailType: 'SubTotalLineDetail', Amount: 33.33 },
      { DetailType: 'DiscountLineDetail', Amount: 3.33, DiscountLineDetail: { DiscountAccountRef: { name: 'Discounts given' } } },
    ]);
    expect(
      await books.refusal('Invoice', {
        CustomerRef: ref(await books.customer()),
        Line: [sale(1), { Amount: 2, DetailType: 'DiscountLineDetail', DiscountLineDetail: {} }],
      }),
      'a negative total',
    ).toEqual(['6000']);
  });

  it('refuses what its lines may not be', async () => {
    const books = await Books.open(emulator);
    const CustomerRef = ref(await books.customer());
    const refused = (Line: object[]) => books.refusal('Invoice', { CustomerRef, Line });
    expect(await refused([])).toEqual(['2250']);
    expect(await refused([sale(10, { Qty: 3, UnitPrice: 3.33 })])).toEqual(['6070']);
    expect(await refused([{ DetailType: 'SalesItemLineDetail', SalesItemLineDetail: { ItemRef: { value: '1' } } }])).toEqual(['2020']);
    expect(await refused([sale(10, { ItemRef: { value: 'SHIPPING_ITEM_ID' } })])).toEqual(['2500']);
    expect(await refused([{ ...sale(1), Description: 'x'.repeat(4_001) }])).toEqual(['2050']);
  });

  it('is dated anew by a full update without a date, and keeps its number', async () => {
    const books = await Books.open(emulator);
    const customer = await books.customer();
    const old = await books.invoice(customer, 10, { TxnDate: '2020-01-01', PrivateNote: 'x' });
    const today = (await books.invoice(customer))['TxnDate'];
    const redone = await books.save('Invoice', { ...idOf(old), CustomerRef: ref(customer), Line: [sale(10)] });
    expect(redone).toMatchObject({ TxnDate: today, DocNumber: old['DocNumber'] });
    expect(redone).not.toHaveProperty('PrivateNote');
  });

  it('loses a property that a sparse update sets to null', async () => {
    const books = await Books.open(emulator);
    const invoice = await books.invoice(await books.customer(), 10, { PrivateNote: 'x' });
    expect(await books.save('Invoice', { ...idOf(invoice), sparse: true, PrivateNote: null })).not.toHaveProperty('PrivateNote');
  });

  it('carries class and department only where they are tracked', async () => {
    const untracked = await Books.open(emulator);
    expect(
      await untracked.invoice(await untracked.customer(), 5, { DepartmentRef: { value: '1' }, ClassRef: { value: '1' } }),
    ).not.toHaveProperty('DepartmentRef');
    const tracked = await Books.open(emulator, {
      preferences: { AccountingInfoPrefs: { TrackDepartments: true, ClassTrackingPerTxn: true } },
    });
    const department = await tracked.save('Department', { Name: 'North' });
    const invoice = await tracked.invoice(await tracked.customer(), 5, { DepartmentRef: ref(department) });
    expect(invoice['DepartmentRef']).toEqual({ value: department.Id, name: 'North' });
    expect(
      await tracked.refusal('Invoice', { CustomerRef: ref(await tracked.customer()), ClassRef: { value: '9' }, Line: [sale(1)] }),
    ).toEqual(['2500']);
  });

  it('answers an inactive reference with 610, or 2500 where the company is set so', async () => {
    for (const inactiveReference of ['610', '2500']) {
      const books = await Books.open(emulator, { settings: { inactiveReference } });
      const former = await books.customer();
      await books.save('Customer', { ...idOf(former), sparse: true, Active: false });
      expect(await books.refusal('Invoice', { CustomerRef: ref(former), Line: [sale(1)] })).toEqual([inactiveReference]);
    }
  });

  it('names the type that holds a number, also of another kind', async () => {
    const books = await Books.open(emulator, {
      preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } },
      settings: { warnDuplicateDocNumber: true },
    });
    const receipt = await books.save('SalesReceipt', { DocNumber: 'sp9', Line: [sale(1)] });
    const answer = await books.post('/invoice', { CustomerRef: ref(await books.customer()), DocNumber: 'sp9', Line: [sale(1)] });
    expect(answer.text).toContain(`DocNumber=sp9 is assigned to TxnType=Sales Receipt with TxnId=${receipt.Id}`);
    await books.post('/salesreceipt', idOf(receipt), { operation: 'delete' });
    expect((await books.invoice(await books.customer(), 1, { DocNumber: 'sp9' }))['DocNumber'], 'the freed number').toBe('sp9');
  });

  it('needs a currency, and takes another, with multicurrency on', async () => {
    const books = await Books.open(emulator, { preferences: { CurrencyPrefs: { MultiCurrencyEnabled: true } } });
    const customer = await books.customer();
    expect(await books.refusal('Invoice', { CustomerRef: ref(customer), Line: [sale(1)] })).toEqual(['2020']);
    expect(await books.invoice(customer, 1, { CurrencyRef: { value: 'EUR' }, ExchangeRate: 1.1 })).toMatchObject({
      CurrencyRef: { value: 'EUR', name: 'Euro' },
    });
  });

  it('cannot be made, changed, voided or deleted in closed books, with 6210 when they have a password', async () => {
    const books = await Books.open(emulator, { settings: { closingDatePassword: true } });
    const invoice = await books.invoice(await books.customer(), 10, { TxnDate: '2026-01-15' });
    await control(emulator, 'companies', { realmId: books.realmId, preferences: { AccountingInfoPrefs: { BookCloseDate: '2026-01-31' } } });
    expect(await books.refusal('Invoice', { ...idOf(invoice), sparse: true, TxnDate: '2026-02-01' })).toEqual(['6210']);
    expect(await books.refusal('Invoice', idOf(invoice), { operation: 'void' })).toEqual(['6210']);
  });

  it('with payments on it is not deleted, and voided only by setting', async () => {
    const books = await Books.open(emulator);
    const customer = await books.customer();
    const invoice = await books.invoice(customer, 100);
    const payment = await books.payment(customer, 60, [[invoice, 60]]);
    expect(await books.refusal('Invoice', idOf(invoice), { operation: 'delete' })).toEqual(['6000']);
    expect(await books.refusal('Invoice', idOf(invoice), { operation: 'void' })).toEqual(['6000']);
    await control(emulator, 'companies', { realmId: books.realmId, settings: { linkedInvoiceVoid: 'unapply' } });
    await books.save('Invoice', idOf(invoice), { operation: 'void' });
    expect(await books.read('Payment', payment)).toMatchObject({ UnappliedAmt: 60, Line: [] });
  });

  it('lowered below its payments leaves the rest of the latest unapplied, or is refused by setting', async () => {
    const books = await Books.open(emulator);
    const customer = await books.customer();
    const invoice = await books.invoice(customer, 100);
    const [first, second] = [await books.payment(customer, 60, [[invoice, 60]]), await books.payment(customer, 40, [[invoice, 40]])];
    const lowered = await books.save('Invoice', { ...idOf(invoice), sparse: true, Line: [sale(70)] });
    expect(lowered).toMatchObject({ TotalAmt: 70, Balance: 0 });
    expect([await books.read('Payment', first), await books.read('Payment', second)]).toMatchObject([
      { UnappliedAmt: 0 },
      { UnappliedAmt: 30 },
    ]);
    await control(emulator, 'companies', { realmId: books.realmId, settings: { invoiceBelowPayments: 'refuse' } });
    expect(await books.refusal('Invoice', { ...idOf(lowered), sparse: true, Line: [sale(69)] })).toEqual(['6000']);
  });
});

describe('a refund receipt', () => {
  it('names the account the money leaves, and a reference when its check is printed', async () => {
    const books = await Books.open(emulator);
    expect(await books.refusal('RefundReceipt', { Line: [sale(5)] })).toEqual(['2020']);
    const body = { DepositToAccountRef: { value: '1' }, Line: [sale(5)] };
    expect(await books.refusal('RefundReceipt', { ...body, PrintStatus: 'PrintComplete' })).toEqual(['2020']);
    expect((await books.save('RefundReceipt', { ...body, PrintStatus: 'NeedToPrint' }))['PaymentRefNum']).toBe('To Print');
    expect(await books.refusal('RefundReceipt', { ...body, DepositToAccountRef: { value: '5' } }), 'an income account').toEqual(['6000']);
    expect(codesOf(await books.post('/refundreceipt', { Id: '1', SyncToken: '0' }, { operation: 'void' }))).toEqual(['500']);
  });
});
