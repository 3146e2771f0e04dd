import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../src/emulator.ts';
import { createEmulator } from '../src/emulator.ts';
import type { Json } from './books.ts';
import { Books, control, idOf, linked, paymentBody, ref, sale } from './books.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await createEmulator();
});
afterAll(() => emulator.close());

/** Checking, Savings, Undeposited Funds and Bank Charges of a new company. */
const [checking, savings, undeposited, charges] = ['1', '2', '4', '8'];

describe('a payment', () => {
  it('shows its lines as recorded, with the open balance before them', async () => {
    const books = await Books.open(emulator);
    const customer = await books.customer();
    const invoice = await books.invoice(customer, 100, { DocNumber: '1021' });
    const payment = await books.payment(customer, 25, [[invoice, 25]]);
    await books.payment(customer, 30, [[invoice, 30]]);
    const [line] = (await books.read('Payment', payment))['Line'] as { Amount: number; LineEx: { any: { value: object }[] } }[];
    expect(line?.LineEx.any.map(({ value }) => value)).toEqual([
      { Name: 'txnId', Value: invoice.Id },
      { Name: 'txnOpenBalance', Value: '70.00' },
      { Name: 'txnReferenceNumber', Value: '1021' },
    ]);
    expect(payment).not.toHaveProperty('LinkedTxn');
  });

  it('above the open balance is refused, or cut where the company is set so', async () => {
    const books = await Books.open(emulator);
    const customer = await books.customer();
    const invoice = await books.invoice(customer, 50);
    expect(await books.refusal('Payment', paymentBody(customer, 80, [[invoice, 80]]))).toEqual(['6000']);
    expect(
      await books.refusal(
        'Payment',
        paymentBody(customer, 80, [
          [invoice, 30],
          [invoice, 30],
        ]),
      ),
      'in two lines',
    ).toEqual(['6000']);
    await control(emulator, 'companies', { realmId: books.realmId, settings: { overpaidPaymentLine: 'clamp' } });
    expect(await books.payment(customer, 80, [[invoice, 80]])).toMatchObject({ UnappliedAmt: 30 });
    expect(await books.read('Invoice', invoice)).toMatchObject({ Balance: 0 });
  });

  it.each([
    ['a missing invoice', { TxnId: '999', TxnType: 'Invoice' }, '610'],
    ['a type that cannot be linked', { TxnId: '1', TxnType: 'Bill' }, '620'],
  ])('of %s is refused', async (_what, LinkedTxn, code) => {
    const books = await Books.open(emulator);
    const body = { CustomerRef: ref(await books.customer()), TotalAmt: 10, Line: [{ Amount: 10, LinkedTxn: [LinkedTxn] }] };
    expect(await books.refusal('Payment', body)).toEqual([code]);
  });

  it('may not be negative, nor lack its total', async () => {
    const books = await Books.open(emulator);
    const customer = await books.customer();
    expect(await books.refusal('Payment', paymentBody(customer, -5))).toEqual(['2290']);
    expect(await books.refusal('Payment', { CustomerRef: ref(customer) })).toEqual(['2020']);
    expect(await books.refusal('Payment', paymentBody(customer, 5, [], { PaymentRefNum: 'x'.repeat(22) }))).toEqual(['2050']);
  });

  it('of zero applies a credit memo to an invoice', async () => {
    const books = await Books.open(emulator);
    const customer = await books.customer();
    const invoice = await books.invoice(customer, 80);
    const memo = await books.save('CreditMemo', { CustomerRef: ref(customer), Line: [sale(50)] });
    const lines = [
      [invoice, 'Invoice'],
      [memo, 'CreditMemo'],
    ] as const;
    const Line = lines.map(([{ Id }, TxnType]) => ({ Amount: 50, LinkedTxn: [{ TxnId: Id, TxnType }] }));
    expect(await books.save('Payment', { CustomerRef: ref(customer), TotalAmt: 0, Line })).toMatchObject({ UnappliedAmt: 0 });
    expect(await books.read('Invoice', invoice)).toMatchObject({ Balance: 30 });
    expect(await books.read('CreditMemo', memo)).toMatchObject({ RemainingCredit: 0, Balance: 0 });
    expect(await books.refusal('CreditMemo', idOf(await books.read('CreditMemo', memo)), { operation: 'delete' })).toEqual(['6000']);
  });

  it('loses all its lines to an empty list and keeps them when none is sent', async () => {
    const books = await Books.open(emulator);
    const customer = await books.customer();
    const invoice = await books.invoice(customer, 40);
    const payment = await books.payment(customer, 40, [[invoice, 40]]);
    const noted = await books.save('Payment', { ...idOf(payment), sparse: true, PrivateNote: 'x' });
    expect(await books.read('Invoice', invoice)).toMatchObject({ Balance: 0 });
    await books.save('Payment', { ...idOf(noted), sparse: true, Line: [] });
    expect(await books.read('Invoice', invoice)).toMatchObject({ Balance: 40, LinkedTxn: [], SyncToken: '0' });
  });

  it('moves the balances of customer and accounts to the cent', async () => {
    const books = await Books.open(emulator);
    const customer = await books.customer();
    const invoice = await books.invoice(customer, 0.3);
    const payment = await books.payment(customer, 0.1, [[invoice, 0.1]]);
    const balance = async (id: string | undefined) => (await books.read('Account', { Id: id ?? '' }))['CurrentBalance'];
    expect(await books.read('Customer', customer)).toMatchObject({ Balance: 0.2 });
    expect([await balance('3'), await balance(undeposited)]).toEqual([0.2, 0.1]);
    await books.post('/payment', idOf(payment), { operation: 'delete' });
    expect([await balance('3'), await balance(undeposited)]).toEqual([0.3, 0]);
  });
});

describe('automatic application', () => {
  const on = { preferences: { SalesFormsPrefs: { AutoApplyCredit: true, AutoApplyPayments: true } } };

  it('uses a customer’s open payment for a new invoice after the answer, whose SyncToken is then stale', async () => {
    const books = await Books.open(emulator, on);
    const customer = await books.customer();
    const payment = await books.payment(customer, 30);
    const invoice = await books.invoice(customer, 100);
    expect(invoice).toMatchObject({ Balance: 100, SyncToken: '0' });
    expect(await books.read('Invoice', invoice)).toMatchObject({
      Balance: 70,
      SyncToken: '1',
      LinkedTxn: [{ TxnId: payment.Id, TxnType: 'Payment' }],
    });
    expect(await books.read('Payment', payment)).toMatchObject({ UnappliedAmt: 0 });
  });

  it('uses up a new credit memo on the open invoices', async () => {
    const books = await Books.open(emulator, on);
    const customer = await books.customer();
    const invoice = await books.invoice(customer, 100);
    const memo = await books.save('CreditMemo', { CustomerRef: ref(customer), Line: [sale(40)] });
    expect(await books.read('CreditMemo', memo)).toMatchObject({ RemainingCredit: 0, SyncToken: '1' });
    expect(await books.read('Invoice', invoice)).toMatchObject({ Balance: 60 });
  });
});

async function paid(books: Books): Promise<{ payment: Json; receipt: Json; refund: Json; lines: object[] }> {
  const payment = await books.payment(await books.customer(), 100, [], { PaymentMethodRef: { value: '2' }, PaymentRefNum: '6552' });
  const receipt = await books.save('SalesReceipt', { Line: [sale(50)] });
  const refund = await books.save('RefundReceipt', { DepositToAccountRef: { value: undeposited }, Line: [sale(20)] });
  const lines = [linked('Payment', payment, 100), linked('SalesReceipt', receipt, 50), linked('RefundReceipt', refund, -20)];
  return { payment, receipt, refund, lines };
}
const bank = { DepositToAccountRef: { value: checking } };
const fee = (amount: number, account = charges) => ({
  Amount: -amount,
  DetailType: 'DepositLineDetail',
  DepositLineDetail: { AccountRef: { value: account } },
});

describe('a deposit', () => {
  it('gathers payments, receipts, refunds and fees to the cent and empties Undeposited Funds', async () => {
    const books = await Books.open(emulator);
    const { lines } = await paid(books);
    const deposit = await books.save('Deposit', { ...bank, Line: [...lines, fee(4.35)] });
    expect(deposit['TotalAmt']).toBe(125.65);
    expect((deposit['Line'] as object[])[0]).toEqual({
      ...lines[0],
      DepositLineDetail: { PaymentMethodRef: { value: '2' }, CheckNum: '6552' },
    });
    expect((deposit['Line'] as object[])[3]).toMatchObject({
      Id: '1',
      LineNum: 1,
      DepositLineDetail: { AccountRef: { value: charges, name: 'Bank Charges' } },
    });
    const balances = (await books.ledger()).entities['Account']?.filter(({ Id }) => Id === checking || Id === undeposited);
    expect(balances?.map((account) => account['CurrentBalance'])).toEqual([125.65, 0]);
  });

  it('freezes what it holds against void, delete and another amount, and nothing else', async () => {
    const books = await Books.open(emulator);
    const { payment, receipt, lines } = await paid(books);
    await books.save('Deposit', { ...bank, Line: lines });
    expect(await books.refusal('SalesReceipt', idOf(receipt), { operation: 'void' })).toEqual(['6540']);
    expect(await books.refusal('SalesReceipt', idOf(receipt), { operation: 'delete' })).toEqual(['6540']);
    expect(await books.refusal('SalesReceipt', { ...idOf(receipt), sparse: true, Line: [sale(51)] })).toEqual(['6540']);
    expect(await books.refusal('Payment', { ...idOf(payment), sparse: true, TotalAmt: 101 })).toEqual(['6540']);
    expect(await books.refusal('Payment', { ...idOf(payment), sparse: true, DepositToAccountRef: { value: savings } })).toEqual(['6540']);
    expect(await books.save('Payment', { ...idOf(payment), sparse: true, PrivateNote: 'kept' })).toMatchObject({ PrivateNote: 'kept' });
  });

  it('frees what an update leaves out of it', async () => {
    const books = await Books.open(emulator);
    const { payment, receipt, lines } = await paid(books);
    const deposit = await books.save('Deposit', { ...bank, Line: lines });
    await books.save('Deposit', { ...idOf(deposit), ...bank, Line: [lines[1]] });
    expect(await books.read('Payment', payment)).not.toHaveProperty('LinkedTxn');
    expect(await books.read('SalesReceipt', receipt)).toMatchObject({ LinkedTxn: [{ TxnId: deposit.Id, TxnType: 'Deposit' }] });
    expect(await books.save('Payment', { ...idOf(payment) }, { operation: 'void' })).toMatchObject({ TotalAmt: 0 });
  });

  it('takes only what sits in Undeposited Funds, whole, and once', async () => {
    const books = await Books.open(emulator);
    const { payment, refund, lines } = await paid(books);
    const banked = await books.payment(await books.customer(), 10, [], bank);
    const refused = (...Line: object[]) => books.refusal('Deposit', { ...bank, Line });
    expect(await refused(linked('Payment', banked, 10)), 'already in a bank account').toEqual(['620']);
    expect(await refused(linked('Payment', payment, 99)), 'a part of it').toEqual(['6000']);
    expect(await refused(linked('Payment', payment, 100), linked('Payment', payment, 100)), 'twice').toEqual(['620']);
    expect(await refused(linked('RefundReceipt', refund, 20)), 'a refund that adds').toEqual(['6000']);
    expect(await refused(linked('Payment', { Id: '999' }, 5)), 'a missing one').toEqual(['610']);
    expect(await refused(linked('Bill', payment, 100)), 'a type that cannot be').toEqual(['620']);
    expect(await refused(linked('RefundReceipt', refund, -20)), 'a negative total').toEqual(['6000']);
    await books.save('Deposit', { ...bank, Line: lines });
    expect(await refused(linked('Payment', payment, 100)), 'held by another deposit').toEqual(['620']);
  });

  it('needs its account, its lines and a fitting account in each direct line', async () => {
    const books = await Books.open(emulator);
    expect(await books.refusal('Deposit', { Line: [fee(1)] })).toEqual(['2020']);
    expect(await books.refusal('Deposit', { ...bank, Line: [] })).toEqual(['2250']);
    expect(await books.refusal('Deposit', { ...bank, Line: [fee(-5, checking)] }), 'a bank account').toEqual(['6000']);
    expect(
      await books.refusal('Deposit', { ...bank, Line: [{ Amount: 1, LinkedTxn: [{ TxnId: '1', TxnType: 'Payment' }] }] }),
      'no TxnLineId',
    ).toEqual(['2020']);
  });
});
