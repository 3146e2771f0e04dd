import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../src/emulator.ts';
import { createEmulator } from '../src/emulator.ts';
import { Books, codesOf, control, detailOf, idOf, ref, sale } from './books.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());

describe('a customer', () => {
  it('comes back filled in as recorded', async () => {
    const books = await Books.open(emulator);
    const customer = await books.save('Customer', { DisplayName: 'Jane Homeowner' });
    const { MetaData, ...rest } = customer;
    expect(rest).toEqual({
      Taxable: true,
      BillWithParent: false,
      PreferredDeliveryMethod: 'Print',
      DisplayName: 'Jane Homeowner',
      FullyQualifiedName: 'Jane Homeowner',
      PrintOnCheckName: 'Jane Homeowner',
      Active: true,
      Job: false,
      Balance: 0,
      BalanceWithJobs: 0,
      CurrencyRef: { value: 'USD', name: 'United States Dollar' },
      domain: 'QBO',
      sparse: false,
      Id: '1',
      SyncToken: '0',
    });
    expect(MetaData).toEqual({ CreateTime: expect.stringMatching(/T\d\d:\d\d:\d\d-0[78]:00$/), LastUpdatedTime: expect.any(String) });
  });

  it.each([
    ['no name at all', { Notes: 'x' }, '2020'],
    ['a colon in the name', { DisplayName: 'A:B' }, '2040'],
    ['a newline in the name', { DisplayName: 'A\nB' }, '2040'],
    ['a name of 501 characters', { DisplayName: 'x'.repeat(501) }, '2050'],
    ['a title of 17 characters', { DisplayName: 'A', Title: 'x'.repeat(17) }, '2050'],
    ['an e-mail address without a dot', { DisplayName: 'A', PrimaryEmailAddr: { Address: 'a@b' } }, '2210'],
    ['an unknown way of delivery', { DisplayName: 'A', PreferredDeliveryMethod: 'Pigeon' }, '2170'],
    ['an unknown property', { DisplayName: 'A', Colour: 'red' }, '2010'],
    ['a job without a parent', { DisplayName: 'A', Job: true }, '2020'],
    ['a foreign currency', { DisplayName: 'A', CurrencyRef: { value: 'EUR' } }, '6000'],
  ])('is refused with %s', async (_what, body, code) => {
    const books = await Books.open(emulator);
    expect(await books.refusal('Customer', body)).toEqual([code]);
  });

  it('shares one name space with vendors and employees, whatever the case', async () => {
    const books = await Books.open(emulator);
    await books.save('Vendor', { DisplayName: 'Fern Hollow' });
    expect(await books.refusal('Customer', { DisplayName: 'FERN hollow' })).toEqual(['6240']);
    expect(await books.refusal('Employee', { GivenName: 'Fern', FamilyName: 'Hollow' })).toEqual(['6240']);
  });

  it('made inactive frees its name and gets it back only while it is free', async () => {
    const books = await Books.open(emulator);
    const first = await books.save('Customer', { DisplayName: 'Fern Hollow' });
    const former = await books.save('Customer', { ...idOf(first), sparse: true, Active: false });
    expect(former['DisplayName']).toBe('Fern Hollow (deleted)');
    const second = await books.save('Customer', { DisplayName: 'Fern Hollow' });
    expect(await books.refusal('Customer', { ...idOf(former), sparse: true, Active: true })).toEqual(['6240']);
    await books.save('Customer', { ...idOf(second), sparse: true, DisplayName: 'Fern Hollow II' });
    expect((await books.save('Customer', { ...idOf(former), sparse: true, Active: true }))['DisplayName']).toBe('Fern Hollow');
  });

  it('made inactive twice changes neither SyncToken nor time', async () => {
    const books = await Books.open(emulator);
    const former = await books.save('Customer', { ...idOf(await books.customer()), sparse: true, Active: false });
    expect(await books.save('Customer', { ...idOf(former), sparse: true, Active: false })).toEqual(former);
  });

  it('as a job has its parent’s name before its own, and follows a rename', async () => {
    const books = await Books.open(emulator);
    const parent = await books.save('Customer', { DisplayName: 'Reed' });
    const job = await books.save('Customer', { DisplayName: 'Attic', Job: true, ParentRef: ref(parent) });
    expect(job['FullyQualifiedName']).toBe('Reed:Attic');
    await books.invoice(job, 30);
    expect(await books.read('Customer', parent)).toMatchObject({ Balance: 0, BalanceWithJobs: 30 });
    await books.save('Customer', { ...idOf(parent), sparse: true, DisplayName: 'Moss' });
    expect((await books.read('Customer', job))['FullyQualifiedName']).toBe('Moss:Attic');
  });

  it('moves its time and not its SyncToken when only its balance moves', async () => {
    const books = await Books.open(emulator);
    const customer = await books.customer();
    await control(emulator, 'clock', { advanceMs: 5_000 });
    await books.invoice(customer, 40);
    const moved = await books.read('Customer', customer);
    expect(moved).toMatchObject({ SyncToken: '0', Balance: 40 });
    expect(moved['MetaData']).not.toEqual(customer['MetaData']);
  });

  it('is named anew in the invoices that refer to it', async () => {
    const books = await Books.open(emulator);
    const customer = await books.customer();
    const invoice = await books.invoice(customer);
    await books.save('Customer', { ...idOf(customer), sparse: true, DisplayName: 'Juniper Marsh' });
    expect((await books.read('Invoice', invoice))['CustomerRef']).toEqual({ value: customer.Id, name: 'Juniper Marsh' });
  });
});

describe('an item', () => {
  it.each([
    ['no income account', { Name: 'A', Type: 'Service' }, '2020'],
    ['a bundle', { Name: 'A', Type: 'Group' }, '2170'],
    ['stock without its start', { Name: 'A', Type: 'Inventory', TrackQtyOnHand: true, IncomeAccountRef: { value: '5' } }, '2020'],
    ['a missing account', { Name: 'A', Type: 'Service', IncomeAccountRef: { value: '99' } }, '2500'],
  ])('is refused with %s', async (_what, body, code) => {
    const books = await Books.open(emulator);
    expect(await books.refusal('Item', body)).toEqual([code]);
  });

  it('in Canada needs an expense account as well', async () => {
    const books = await Books.open(emulator, { country: 'CA' });
    expect(await books.refusal('Item', { Name: 'A', Type: 'Service', IncomeAccountRef: { value: '5' } })).toEqual(['2020']);
  });

  it('of stock cannot be sold before its start, nor change its type', async () => {
    const books = await Books.open(emulator);
    const accounts = { IncomeAccountRef: { value: '5' }, ExpenseAccountRef: { value: '9' }, AssetAccountRef: { value: '4' } };
    const item = await books.save('Item', {
      Name: 'Sensor',
      Type: 'Inventory',
      TrackQtyOnHand: true,
      QtyOnHand: 3,
      InvStartDate: '2026-01-01',
      ...accounts,
    });
    const CustomerRef = ref(await books.customer());
    expect(await books.refusal('Invoice', { CustomerRef, TxnDate: '2025-12-31', Line: [sale(5, { ItemRef: ref(item) })] })).toEqual([
      '6270',
    ]);
    expect(await books.refusal('Item', { ...idOf(item), sparse: true, Type: 'Service' })).toEqual(['6000']);
  });
});

describe('other lists', () => {
  it('refuse a class or department that is not tracked', async () => {
    const books = await Books.open(emulator);
    expect(await books.refusal('Class', { Name: 'North' })).toEqual(['5030']);
    expect(await books.refusal('Department', { Name: 'North' })).toEqual(['5030']);
  });

  it('need days for a term and 31 characters at most for a payment method', async () => {
    const books = await Books.open(emulator);
    expect(await books.refusal('Term', { Name: 'Net 10' })).toEqual(['2020']);
    expect(await books.save('Term', { Name: 'Net 10', DueDays: 10 })).toMatchObject({ Type: 'STANDARD', DueDays: 10 });
    expect(await books.refusal('PaymentMethod', { Name: 'x'.repeat(32) })).toEqual(['2050']);
  });

  it('are never deleted', async () => {
    const books = await Books.open(emulator);
    expect(await books.refusal('Customer', idOf(await books.customer()), { operation: 'delete' })).toEqual(['500']);
  });

  it('keep an account’s number to seven characters in the US and take twenty in Canada', async () => {
    const account = { Name: 'Radon', AccountType: 'Income', AcctNum: '12345678' };
    expect(await (await Books.open(emulator)).refusal('Account', account)).toEqual(['2050']);
    expect(await (await Books.open(emulator, { country: 'CA' })).save('Account', account)).toMatchObject({ Classification: 'Revenue' });
  });

  it('show tax codes that cannot be written, the pseudo codes without SyncToken', async () => {
    const books = await Books.open(emulator);
    expect(await books.read('TaxCode', { Id: 'NON' })).toEqual({
      Name: 'NON',
      Description: 'NON',
      Active: true,
      Taxable: false,
      TaxGroup: false,
      domain: 'QBO',
      sparse: false,
      Id: 'NON',
    });
    expect(await books.refusal('TaxCode', { Name: 'GST' })).toEqual(['500']);
  });
});

describe('company and settings', () => {
  it('are not made by a client, and CompanyInfo needs name and address for an update', async () => {
    const books = await Books.open(emulator, { name: 'Tern' });
    const info = (await books.get(`/companyinfo/${books.realmId}`)).json['CompanyInfo'] as { Id: string; SyncToken: string };
    expect(await books.refusal('CompanyInfo', { Id: info.Id, SyncToken: info.SyncToken, CompanyName: 'Gull' })).toEqual(['2020']);
    expect(await books.refusal('CompanyInfo', { CompanyName: 'Gull' })).toEqual(['500']);
  });

  it('let a client switch numbering and not the closing date', async () => {
    const books = await Books.open(emulator);
    const prefs = (await books.get('/preferences')).json['Preferences'] as { Id: string; SyncToken: string };
    const changed = await books.save('Preferences', {
      Id: prefs.Id,
      SyncToken: prefs.SyncToken,
      sparse: true,
      SalesFormsPrefs: { CustomTxnNumbers: true },
      AccountingInfoPrefs: { BookCloseDate: '2026-01-31' },
    });
    expect(changed).toMatchObject({ SalesFormsPrefs: { CustomTxnNumbers: true, AllowDiscount: true }, SyncToken: '1' });
    expect(changed['AccountingInfoPrefs']).not.toHaveProperty('BookCloseDate');
  });

  it('refuse every write of a lapsed subscription with 6190 and still read', async () => {
    const books = await Books.open(emulator);
    await control(emulator, 'companies', { realmId: books.realmId, settings: { subscription: 'lapsed' } });
    expect(await books.refusal('Customer', { DisplayName: 'A' })).toEqual(['6190']);
    expect((await books.get('/preferences')).status).toBe(200);
  });

  it('move to another time zone with all their times', async () => {
    const books = await Books.open(emulator, { timezone: 'Asia/Kolkata' });
    expect((await books.customer())['MetaData']).toMatchObject({ CreateTime: expect.stringMatching(/\+05:30$/) });
  });
});

describe('a merge', () => {
  it('moves the loser’s transactions and leaves nothing under its Id', async () => {
    const books = await Books.open(emulator);
    const [survivor, loser] = [await books.customer(), await books.customer()];
    const invoice = await books.invoice(loser, 70);
    await control(emulator, `companies/${books.realmId}/merge`, { entity: 'Customer', survivor: survivor.Id, loser: loser.Id });
    expect(codesOf(await books.get(`/customer/${loser.Id}`))).toEqual(['610']);
    expect((await books.read('Invoice', invoice))['CustomerRef']).toMatchObject(ref(survivor));
    expect(await books.read('Customer', survivor)).toMatchObject({ Balance: 70 });
    const stale = { CustomerRef: ref(loser), TotalAmt: 70, Line: [{ Amount: 70, LinkedTxn: [{ TxnId: invoice.Id, TxnType: 'Invoice' }] }] };
    expect(await books.refusal('Payment', stale)).toEqual(['2500']);
  });
});

describe('a fault', () => {
  it('holds all missing detail types at once', async () => {
    const books = await Books.open(emulator);
    const answer = await books.post('/salesreceipt', { Line: [{ Amount: 1 }, { Amount: 2 }] });
    expect(codesOf(answer)).toEqual(['2020', '2020']);
  });

  it('comes in the user’s language with its code and marks unchanged', async () => {
    const preferences = { SalesFormsPrefs: { CustomTxnNumbers: true } };
    const books = await Books.open(emulator, { preferences, settings: { warnDuplicateDocNumber: true, language: 'fr' } });
    const customer = await books.customer();
    const first = await books.invoice(customer, 10, { DocNumber: 'sp1' });
    const answer = await books.post('/invoice', { CustomerRef: ref(customer), DocNumber: 'sp1', Line: [sale(10)] });
    expect(codesOf(answer)).toEqual(['6140']);
    expect(detailOf(answer)).toContain(`DocNumber=sp1 est attribué à TxnType=Facture avec TxnId=${first.Id}`);
  });

  it('comes as XML to a client that takes no JSON', async () => {
    const books = await Books.open(emulator);
    const answer = await books.send('GET', '/customer/99', { headers: { Accept: 'application/xml' } });
    expect(answer.headers.get('content-type')).toBe('application/xml');
    expect(codesOf(answer)).toEqual(['610']);
  });

  it('names a body that is not UTF-8, and one that is no JSON', async () => {
    const books = await Books.open(emulator);
    const latin1 = await fetch(`${emulator.url}/v3/company/${books.realmId}/customer`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${books.accessToken}` },
      body: new Uint8Array(Buffer.from('{"DisplayName":"Zoé"}', 'latin1')),
    });
    expect(await latin1.text()).toContain('Invalid byte 1 of 1-byte UTF-8 sequence');
    expect(codesOf(await books.post('/customer', 'DisplayName=A'))).toEqual(['2010']);
  });
});
