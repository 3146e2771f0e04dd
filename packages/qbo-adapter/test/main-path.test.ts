import { afterAll, beforeAll, expect, test } from 'vitest';
import { customer, deposit, invoice, payment, refund, salesReceipt } from './documents-fixture.ts';
import {
  creates,
  type EmulatedCompany,
  type EmulatorDesk,
  openCompany,
  openEmulator,
  post,
  takeBack,
  updateOf,
} from './emulated-company.ts';

let desk: EmulatorDesk;
let company: EmulatedCompany;

beforeAll(async () => {
  desk = await openEmulator();
  company = await openCompany(desk, { company: { preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } } } });
});
afterAll(() => desk.close());

// Without it every other promise here would be about documents that never get to QuickBooks.
test('posts customer, invoice, payment, refund and deposit to the cent', async () => {
  const books = company.openBooks();
  for (const wave of [creates(customer()), creates(invoice(), salesReceipt()), creates(payment(), refund()), creates(deposit())]) {
    for (const [key, outcome] of await post(company, books, wave))
      expect([key, outcome]).toEqual([key, { outcome: 'posted', quickbooks: expect.anything() }]);
  }
  const { Invoice, Payment, SalesReceipt, RefundReceipt, Deposit } = await company.entities();
  expect(Invoice?.map(({ DocNumber, TotalAmt, Balance, PrivateNote }) => ({ DocNumber, TotalAmt, Balance, PrivateNote }))).toEqual([
    { DocNumber: 'sp812', TotalAmt: 454.95, Balance: 0, PrivateNote: 'Vesper inspection 812 [vesper:co-1/invoice/812]' },
  ]);
  expect(Payment?.map(({ PaymentRefNum, TotalAmt, UnappliedAmt }) => ({ PaymentRefNum, TotalAmt, UnappliedAmt }))).toEqual([
    { PaymentRefNum: 'spp900', TotalAmt: 454.95, UnappliedAmt: 0 },
  ]);
  expect(SalesReceipt?.[0]).toMatchObject({ DocNumber: 'sp901', TotalAmt: 400 });
  expect(RefundReceipt?.[0]).toMatchObject({
    TotalAmt: 50,
    PrivateNote: 'Vesper refund r900-1 of payment 900 [vesper:co-1/refund/900/r900-1]',
  });
  expect(Deposit?.[0]).toMatchObject({ TotalAmt: 389.76, PrivateNote: 'Vesper payout 9 [vesper:co-1/deposit/9]' });
});

test('updates, voids and deletes what it posted', async () => {
  const books = company.openBooks();
  const second = { inspectionId: '820', date: '2026-06-05' };
  await post(company, books, creates(invoice(second), invoice({ ...second, inspectionId: '821' })));
  await post(company, books, creates(payment({ paymentId: '920', invoiceKey: 'invoice/820', totalCents: 10_000 })));
  const changed = invoice({ ...second, lines: [{ ...invoice().lines[0]!, amountCents: 60_000, unitAmountCents: 60_000 }] });
  const updated = await post(company, books, [updateOf(company, changed), takeBack(company, 'invoice/821', 'delete')]);
  expect([...updated.values()].map(({ outcome, differences }) => [outcome, differences])).toEqual([
    ['posted', undefined],
    ['posted', undefined],
  ]);
  await post(company, books, [takeBack(company, 'payment/920')]);
  const voided = await post(company, books, [takeBack(company, 'invoice/820')]);
  expect(voided.get('invoice/820')?.outcome).toBe('posted');
  const { Invoice, Payment } = await company.entities();
  expect(Invoice?.find(({ DocNumber }) => DocNumber === 'sp820')).toMatchObject({ TotalAmt: 0, Balance: 0 });
  expect(Invoice?.find(({ DocNumber }) => DocNumber === 'sp821')).toBeUndefined();
  expect(Payment?.find(({ PaymentRefNum }) => PaymentRefNum === 'spp920')).toMatchObject({ TotalAmt: 0, Line: [] });
});
