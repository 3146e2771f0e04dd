import { companySettings } from '@vesper/core/settings';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkCompany } from '../src/connect-checks.ts';
import type { QboClient } from '../src/qbo-client.ts';
import { readTotals, undeposited } from '../src/control-totals.ts';
import { listAccounts, listItems } from '../src/lists.ts';
import { customer, deposit, invoice, line, payment, refund } from './documents-fixture.ts';
import {
  connectCompany,
  creates,
  type EmulatedCompany,
  type EmulatorDesk,
  newId,
  openCompany,
  openEmulator,
  post,
  takeBack,
  updateOf,
} from './emulated-company.ts';

let desk: EmulatorDesk;

beforeAll(async () => {
  desk = await openEmulator();
});
afterAll(() => desk.close());

const settings = companySettings.parse({ name: 'Tern', timezone: 'America/Chicago' });
const recheck = (company: EmulatedCompany, more: Partial<typeof settings> = {}) =>
  checkCompany(company.client, { ...settings, ...more }, { now: () => desk.clock.now(), newId });
const change = (company: EmulatedCompany, more: Record<string, unknown>) =>
  desk.control('/emulator/companies', { realmId: company.realmId, ...more });
const checked = async (company: EmulatedCompany) => {
  const result = await recheck(company);
  if (result.outcome !== 'checked') throw new Error(result.outcome);
  return result;
};

test('refuses a Canadian company with the reason', async () => {
  const { client } = await connectCompany(desk, { country: 'CA' });
  expect(await checkCompany(client, settings, { now: () => desk.clock.now(), newId })).toMatchObject({
    outcome: 'refused',
    reason: { code: 'not_us', message: expect.stringContaining('CA') },
  });
});

test('finds or makes every item and account once, and shows which', async () => {
  const company = await openCompany(desk);
  const first = (await company.entities())['Item']?.length;
  const { preview, chart } = await checked(company);
  expect(new Set(preview.map(({ how }) => how))).toEqual(new Set(['found']));
  expect(chart.items).toEqual(company.chart.items);
  expect((await company.entities())['Item']).toHaveLength(first ?? 0);
  expect(preview.map(({ role }) => role).sort()).toEqual(
    [
      'bank',
      'discount',
      'disputes',
      'processing_fees',
      'refund',
      'refund_fees',
      'returns',
      'service',
      'tax',
      'technology_fee',
      'undeposited_funds',
    ].sort(),
  );
});

test('shows what it would make before it makes anything', async () => {
  const { realmId } = await desk.control<{ realmId: string }>('/emulator/companies', {});
  const company = await openCompany(desk, { company: { realmId } });
  await company.client.write('Item', { Id: company.chart.items.service!.id, SyncToken: '0', sparse: true, Active: false }, newId());
  const result = await checkCompany(company.client, settings, { create: false, now: () => desk.clock.now(), newId });
  expect(result.outcome === 'checked' && result.preview.find(({ role }) => role === 'service')).toEqual({
    kind: 'item',
    role: 'service',
    how: 'to_be_made',
    name: 'Home Inspection Services',
  });
});

test('warns of every setting that would spoil an evening, each with where to change it', async () => {
  const company = await openCompany(desk);
  await change(company, {
    preferences: {
      SalesFormsPrefs: { CustomTxnNumbers: false, AutoApplyCredit: true, AutoApplyPayments: true },
      CurrencyPrefs: { MultiCurrencyEnabled: true },
      AccountingInfoPrefs: { BookCloseDate: '2026-05-31' },
      TaxPrefs: { UsingSalesTax: true, PartnerTaxEnabled: false },
    },
  });
  const { problems } = await checked(company);
  expect(problems.map(({ code }) => code).sort()).toEqual(
    ['auto_apply_credit', 'auto_apply_payments', 'books_closed', 'custom_numbers_off', 'multicurrency', 'sales_tax_not_set_up'].sort(),
  );
  for (const { remedy } of problems) expect(remedy).toMatch(/https:\/\/app\.qbo\.intuit\.com\//);
});

test('warns of a lapsed subscription, a plan without invoices and books in another currency', async () => {
  const { client } = await openCompany(desk);
  const changes: Record<string, object> = {
    CompanyInfo: {
      NameValue: [
        { Name: 'SubscriptionStatus', Value: 'EXPIRED' },
        { Name: 'OfferingSku', Value: 'QuickBooks Self-Employed' },
      ],
    },
    Preferences: { CurrencyPrefs: { HomeCurrency: { value: 'EUR' } } },
  };
  const other: QboClient = {
    ...client,
    async query(entity, conditions) {
      const read = await client.query(entity, conditions);
      return read.outcome === 'failed' ? read : { ...read, value: read.value.map((record) => ({ ...record, ...changes[entity] })) };
    },
  };
  const checked = await checkCompany(other, settings, { create: false, now: () => desk.clock.now(), newId });
  if (checked.outcome !== 'checked') throw new Error(checked.outcome);
  const found = new Map(checked.problems.map((problem) => [problem.code, problem]));
  for (const code of ['subscription', 'plan', 'home_currency'])
    expect(found.get(code)).toMatchObject({
      message: expect.stringMatching(/EXPIRED|Self-Employed|EUR/),
      remedy: expect.stringMatching(/https:\/\/app\.qbo\.intuit\.com\//),
    });
});

test('names a chosen item that is gone or inactive, and several banks to choose from', async () => {
  const company = await openCompany(desk);
  const itemId = company.chart.items.discount!.id;
  await company.client.write('Item', { Id: itemId, SyncToken: '0', sparse: true, Active: false }, newId());
  await company.client.write('Account', { Name: 'Second Bank', AccountType: 'Bank', AccountSubType: 'Checking' }, newId());
  const result = await recheck(company, { items: { ...settings.items, discount: itemId, services: { s1: '99999' } } });
  expect(result.outcome === 'checked' && result.problems.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['item_inactive', 'item_missing', 'choose_bank']),
  );
});

test('lists accounts and items for the pickers', async () => {
  const company = await openCompany(desk);
  const accounts = await listAccounts(company.client);
  expect(accounts.outcome === 'ok' && accounts.value.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Payment Processing Fees', 'Vesper ACH Returns']),
  );
  const items = await listItems(company.client);
  expect(items.outcome === 'ok' && items.value.some(({ name, type }) => name === 'Home Inspection Services' && type === 'Service')).toBe(
    true,
  );
});

test('books the platform’s sales tax as a line where QuickBooks keeps none', async () => {
  const company = await openCompany(desk);
  const books = company.openBooks();
  await post(company, books, creates(customer()));
  const [outcome] = (
    await post(company, books, creates(invoice({ lines: [line(10_000, { taxable: true })], taxCents: 825, totalCents: 10_825 })))
  ).values();
  expect(outcome).toMatchObject({ outcome: 'posted', quickbooks: { totalCents: 10_825 } });
  expect(outcome?.differences).toBeUndefined();
});

test('gives automated sales tax the platform’s own amount', async () => {
  const company = await openCompany(desk, { company: { settings: { salesTax: 'automated' } } });
  expect(company.chart.tax.mode).toBe('automated');
  const books = company.openBooks();
  await post(company, books, creates(customer()));
  const [outcome] = (
    await post(company, books, creates(invoice({ lines: [line(10_000, { taxable: true })], taxCents: 825, totalCents: 10_825 })))
  ).values();
  expect(outcome).toMatchObject({ outcome: 'posted', quickbooks: { totalCents: 10_825 } });
  expect(outcome?.differences).toBeUndefined();
});

// Without it an invoice in QuickBooks would ask the client for more than the platform did, and nobody would know.
test('shows to the cent where QuickBooks computes another tax', async () => {
  const company = await openCompany(desk, {
    company: { settings: { salesTax: 'manual' }, preferences: { TaxPrefs: { TaxGroupCodeRef: { value: '2' } } } },
  });
  expect(company.chart.tax.mode).toBe('rates');
  const books = company.openBooks();
  await post(company, books, creates(customer()));
  const [outcome] = (
    await post(company, books, creates(invoice({ lines: [line(10_000, { taxable: true })], taxCents: 825, totalCents: 10_825 })))
  ).values();
  expect(outcome).toMatchObject({
    outcome: 'posted',
    differences: ['sales tax: $8.00 instead of $8.25', 'total: $108.00 instead of $108.25'],
  });
});

test('holds documents of a closed period, and lets those after it through', async () => {
  const company = await openCompany(desk, { company: { preferences: { AccountingInfoPrefs: { BookCloseDate: '2026-06-01' } } } });
  const books = company.openBooks();
  await post(company, books, creates(customer()));
  const outcomes = await post(company, books, creates(invoice(), invoice({ inspectionId: '813', date: '2026-06-02' })));
  expect([...outcomes.values()].map(({ outcome, reason }) => [outcome, reason?.code])).toEqual([
    ['hold', 'closed_books'],
    ['posted', undefined],
  ]);
  await change(company, { preferences: { AccountingInfoPrefs: { BookCloseDate: null } } });
  const [reopened] = (await post(company, company.openBooks(), creates(invoice()))).values();
  expect(reopened?.outcome).toBe('posted');
});

test('posts to the first open day when the company says so, and says it in note and report', async () => {
  const company = await openCompany(desk, {
    company: { preferences: { AccountingInfoPrefs: { BookCloseDate: '2026-06-30' } } },
    settings: { closedBooks: 'first_open_day' },
  });
  const books = company.openBooks();
  await post(company, books, creates(customer()));
  const [outcome] = (await post(company, books, creates(invoice()))).values();
  expect(outcome).toMatchObject({ outcome: 'posted', differences: ['date: 2026-07-01 instead of 2026-06-01'] });
  expect((await company.entities())['Invoice']?.[0]).toMatchObject({
    TxnDate: '2026-07-01',
    PrivateNote: expect.stringContaining('first open day'),
  });
});

test('holds what QuickBooks itself refuses because the books were closed meanwhile', async () => {
  const company = await openCompany(desk);
  const books = company.openBooks();
  await post(company, books, creates(customer()));
  await change(company, { preferences: { AccountingInfoPrefs: { BookCloseDate: '2026-06-30' } } });
  const [outcome] = (await post(company, books, creates(invoice()))).values();
  expect(outcome).toMatchObject({
    outcome: 'hold',
    reason: { code: 'closed_books', quickbooks: { code: expect.stringMatching(/62[01]0/) } },
  });
});

test('stops the run and keeps the queue when the subscription has lapsed', async () => {
  const company = await openCompany(desk);
  const books = company.openBooks();
  await post(company, books, creates(customer()));
  await change(company, { settings: { subscription: 'lapsed' } });
  const first = await post(company, books, creates(invoice()));
  expect(first.get('invoice/812')).toMatchObject({ reason: { code: 'subscription_lapsed' } });
  const requests = company.client.counts().requests;
  const second = await post(company, books, creates(invoice({ inspectionId: '813' })));
  expect(second.get('invoice/813')).toMatchObject({ outcome: 'stop', reason: { code: 'subscription_lapsed' } });
  expect(company.client.counts().batches).toBeLessThanOrEqual(requests);
});

// More than an invoice has open is undefined behaviour in QuickBooks: money could vanish from view.
test('applies no more than the invoice has open and leaves the rest as credit', async () => {
  const company = await openCompany(desk);
  const books = company.openBooks();
  await post(company, books, creates(customer()));
  await post(company, books, creates(invoice()));
  const outcomes = await post(company, books, creates(payment({ totalCents: 40_000 }), payment({ paymentId: '901', totalCents: 10_000 })));
  expect([...outcomes.values()].map(({ outcome }) => outcome)).toEqual(['posted', 'posted']);
  const later = await post(company, company.openBooks(), creates(payment({ paymentId: '902', totalCents: 5_000 })));
  expect(later.get('payment/902')?.outcome).toBe('posted');
  const { Payment, Invoice } = await company.entities();
  expect(Payment?.map(({ UnappliedAmt }) => UnappliedAmt)).toEqual([0, 45.05, 50]);
  expect(Invoice?.[0]?.['Balance']).toBe(0);
  await post(company, company.openBooks(), [updateOf(company, invoice({ lines: [line(60_000)] }))]);
  const grown = await post(company, company.openBooks(), [updateOf(company, payment({ paymentId: '902', totalCents: 5_000 }))]);
  expect(grown.get('payment/902')?.outcome).toBe('posted');
  expect((await company.entities())['Payment']?.map(({ UnappliedAmt }) => UnappliedAmt)).toEqual([0, 45.05, 0]);
});

test('sums what QuickBooks holds of ours, and what waits in Undeposited Funds', async () => {
  const company = await openCompany(desk);
  const books = company.openBooks();
  for (const wave of [creates(customer()), creates(invoice()), creates(payment())]) await post(company, books, wave);
  const { id } = company.ledger.get('customer/77')!.quickbooks!;
  await company.client.write('Payment', { TotalAmt: 12, CustomerRef: { value: id }, TxnDate: '2026-06-02' }, newId());
  const reads = company.client.counts().reads;
  const { totals, byDate, records } = await readTotals(company.client, 'co-1', { from: '2026-06-01', to: '2026-06-02' });
  expect(company.client.counts().reads - reads).toBe(6);
  expect(totals).toMatchObject({
    invoices: { count: 1, cents: 45_495 },
    payments: { count: 1, cents: 45_495 },
    deposits: { count: 0, cents: 0 },
  });
  expect(Object.keys(byDate)).toEqual(['2026-06-01', '2026-06-02']);
  expect(records).toHaveLength(2);
  const before = await undeposited(company.client, { companyId: 'co-1', chart: company.chart, from: '2026-06-01' });
  expect(before.outcome === 'ok' && before.value.map(({ documentKey, totalCents }) => [documentKey, totalCents])).toEqual([
    ['payment/900', 45_495],
  ]);
  await post(company, books, creates(refund()));
  await post(company, books, creates(deposit()));
  const after = await undeposited(company.client, { companyId: 'co-1', chart: company.chart, from: '2026-06-01' });
  expect(after.outcome === 'ok' && after.value).toEqual([]);
});

test('holds a deposit that does not equal the bank line, or contains a credit memo', async () => {
  const company = await openCompany(desk);
  const books = company.openBooks();
  for (const wave of [creates(customer()), creates(invoice()), creates(payment()), creates(refund({ as: 'credit_memo' }))])
    await post(company, books, wave);
  const [wrong] = (await post(company, books, creates(deposit({ totalCents: 1 })))).values();
  expect(wrong).toMatchObject({ outcome: 'hold', reason: { code: 'deposit_does_not_add_up' } });
  const [memo] = (await post(company, books, creates(deposit()))).values();
  expect(memo).toMatchObject({ outcome: 'hold', reason: { code: 'not_depositable' } });
});

test('reads the open amount again when a payment meets an invoice that was paid meanwhile', async () => {
  const company = await openCompany(desk);
  const books = company.openBooks();
  await post(company, books, creates(customer()));
  await post(company, books, creates(invoice()));
  const [customerId, invoiceId] = ['customer/77', 'invoice/812'].map((key) => company.ledger.get(key)!.quickbooks!.id);
  await company.client.write(
    'Payment',
    { TotalAmt: 400, CustomerRef: { value: customerId }, Line: [{ Amount: 400, LinkedTxn: [{ TxnId: invoiceId, TxnType: 'Invoice' }] }] },
    newId(),
  );
  const [first] = (await post(company, books, creates(payment()))).values();
  expect(first).toMatchObject({ outcome: 'again', reason: { quickbooks: { code: '6000' } } });
  const [second] = (await post(company, books, creates(payment()))).values();
  expect(second?.outcome).toBe('posted');
  expect((await company.entities())['Payment']?.at(-1)).toMatchObject({ TotalAmt: 454.95, UnappliedAmt: 400 });
});

test('finds a payment it had to move to the first open day', async () => {
  const company = await openCompany(desk, {
    company: { preferences: { AccountingInfoPrefs: { BookCloseDate: '2026-06-30' } } },
    settings: { closedBooks: 'first_open_day' },
  });
  const books = company.openBooks();
  for (const wave of [creates(customer()), creates(invoice()), creates(payment())]) await post(company, books, wave);
  const [operation] = creates(payment());
  expect(await books.find(operation!, company.ledger)).toMatchObject({
    outcome: 'found',
    quickbooks: { totalCents: 45_495 },
    differences: ['date: 2026-07-01 instead of 2026-06-02'],
  });
});

test('gives an inspection that was canceled and restored its old number again', async () => {
  const company = await openCompany(desk, {
    company: { preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } }, settings: { warnDuplicateDocNumber: true } },
  });
  const books = company.openBooks();
  await post(company, books, creates(customer()));
  await post(company, books, creates(invoice()));
  await post(company, books, [takeBack(company, 'invoice/812')]);
  const [outcome] = (await post(company, books, creates(invoice()))).values();
  expect(outcome).toMatchObject({ outcome: 'posted', quickbooks: { docNumber: 'sp812', totalCents: 45_495 } });
});
