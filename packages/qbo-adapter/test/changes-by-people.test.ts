import { afterAll, beforeAll, expect, test } from 'vitest';
import { lookAt, lookForDrift, type DriftLedger } from '../src/drift.ts';
import { planUndo } from '../src/undo.ts';
import { customer, deposit, invoice, line, payment, refund } from './documents-fixture.ts';
import {
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

/** A company with Jane's invoice and payment posted. */
async function posted(): Promise<EmulatedCompany> {
  const company = await openCompany(desk, { company: { preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } } } });
  const books = company.openBooks();
  for (const wave of [creates(customer()), creates(invoice()), creates(payment())]) await post(company, books, wave);
  return company;
}

const write = async ({ client, ledger }: EmulatedCompany, key: string, record: Record<string, unknown>) => {
  const { entity, id, syncToken } = ledger.get(key)!.quickbooks!;
  const result = await client.write(entity, { Id: id, SyncToken: syncToken, sparse: true, ...record }, newId());
  if (result.outcome === 'failed') throw new Error(result.verdict.reason.message);
};

const dearer = () => invoice({ lines: [line(60_000)] });
const ledgerOf = ({ ledger }: EmulatedCompany): DriftLedger => ({
  byQuickbooks: (records) =>
    Promise.resolve(
      [...ledger.values()].filter(({ quickbooks }) =>
        records.some(({ entity, id }) => quickbooks?.entity === entity && quickbooks.id === id),
      ),
    ),
  byKeys: (keys) => Promise.resolve(keys.flatMap((key) => ledger.get(key) ?? [])),
});
const roomOf = (company: EmulatedCompany) => ({
  companyId: 'co-1',
  client: company.client,
  chart: company.chart,
  ledger: ledgerOf(company),
});

// A bookkeeper's correction must not vanish overnight.
test('holds an update of an invoice that a person has changed', async () => {
  const company = await posted();
  await write(company, 'invoice/812', { TxnDate: '2026-05-31' });
  const [outcome] = (await post(company, company.openBooks(), [updateOf(company, dearer())])).values();
  expect(outcome).toMatchObject({
    outcome: 'hold',
    reason: { code: 'edited_in_quickbooks', message: expect.stringContaining('2026-05-31') },
  });
});

test('overwrites it when the platform wins, and leaves it when QuickBooks wins', async () => {
  const company = await posted();
  await write(company, 'invoice/812', { TxnDate: '2026-05-31' });
  const settings = { closedBooks: 'hold' as const };
  const [theirs] = (
    await post(company, company.openBooks({ settings: { ...settings, onDrift: 'theirs' } }), [updateOf(company, dearer())])
  ).values();
  expect(theirs).toMatchObject({ outcome: 'adopt', differences: ['date: 2026-05-31 instead of 2026-06-01'] });
  const [ours] = (
    await post(company, company.openBooks({ settings: { ...settings, onDrift: 'ours' } }), [
      updateOf(company, invoice({ lines: [line(70_000)] })),
    ])
  ).values();
  expect(ours?.outcome).toBe('posted');
  expect((await company.entities())['Invoice']?.[0]).toMatchObject({ TxnDate: '2026-06-01', TotalAmt: 700 });
});

test('takes a sync token that moved alone for no change by a person, and keeps notes and terms', async () => {
  const company = await posted();
  await write(company, 'invoice/812', { CustomerMemo: { value: 'Thank you' } });
  const [outcome] = (await post(company, company.openBooks(), [updateOf(company, dearer())])).values();
  expect(outcome?.outcome).toBe('posted');
  expect((await company.entities())['Invoice']?.[0]).toMatchObject({
    TotalAmt: 600,
    CustomerMemo: { value: 'Thank you' },
    PrivateNote: expect.stringContaining('[vesper:'),
  });
});

test('leaves an invoice with payments, and a payment in a deposit, to a person', async () => {
  const company = await posted();
  const books = company.openBooks();
  const [paid] = (await post(company, books, [takeBack(company, 'invoice/812')])).values();
  expect(paid).toMatchObject({ outcome: 'hold', reason: { code: 'invoice_has_payment' } });
  await post(company, books, creates(refund()));
  await post(company, books, creates(deposit()));
  const [deposited] = (await post(company, books, [takeBack(company, 'payment/900')])).values();
  expect(deposited).toMatchObject({ outcome: 'hold', reason: { code: 'deposited' } });
});

test('is done with taking back what a person has deleted already', async () => {
  const company = await posted();
  const { client, ledger } = company;
  const { id, syncToken } = ledger.get('payment/900')!.quickbooks!;
  const body = new TextEncoder().encode(
    JSON.stringify({ BatchItemRequest: [{ bId: 'b1', operation: 'delete', Payment: { Id: id, SyncToken: syncToken } }] }),
  );
  await client.sendBatch({ requestId: newId(), body });
  const [outcome] = (await post(company, company.openBooks(), [takeBack(company, 'payment/900')])).values();
  expect(outcome?.outcome).toBe('adopt');
});

test('finds what people edited, voided, deleted and deposited, and nothing else', async () => {
  const company = await posted();
  const since = new Date(desk.clock.now() - 60_000).toISOString();
  const books = company.openBooks();
  await post(company, books, creates(...['1', '2', '3'].map((inspectionId) => invoice({ inspectionId }))));
  await post(company, books, creates(refund()));
  await post(company, books, creates(deposit()));
  const quiet = await lookForDrift(roomOf(company), { since, clock: desk.clock });
  expect(quiet.outcome === 'ok' && quiet.value.findings).toEqual([]);
  await write(company, 'invoice/1', { TxnDate: '2026-05-31' });
  const { client, ledger } = company;
  const change = async (operation: string, key: string) => {
    const { entity, id, syncToken } = ledger.get(key)!.quickbooks!;
    await client.sendBatch({
      requestId: newId(),
      body: new TextEncoder().encode(
        JSON.stringify({ BatchItemRequest: [{ bId: 'b1', operation, [entity]: { Id: id, SyncToken: syncToken } }] }),
      ),
    });
  };
  await change('void', 'invoice/2');
  await change('delete', 'invoice/3');
  ledger.delete('deposit/9');
  const found = await lookForDrift(roomOf(company), { since, clock: desk.clock });
  if (found.outcome === 'failed') throw new Error(found.verdict.reason.message);
  expect(
    found.value.findings.map(({ key, change: what, words }) => [key, what, words]).sort(([a], [b]) => String(a).localeCompare(String(b))),
  ).toEqual([
    ['invoice/1', 'edited', 'date: 2026-05-31 instead of 2026-06-01'],
    ['invoice/2', 'voided', 'voided in QuickBooks'],
    ['invoice/3', 'deleted', 'deleted in QuickBooks'],
    ['payment/900', 'deposited', expect.stringContaining('which Vesper did not make')],
    ['refund/900/r900-1', 'deposited', expect.stringContaining('which Vesper did not make')],
  ]);
  const targets = ['invoice/1', 'invoice/3', 'invoice/812'].map((key) => ledger.get(key)!.quickbooks!);
  const looked = await lookAt(roomOf(company), targets);
  expect(looked.outcome === 'ok' && looked.value.map(({ key, change: what }) => [key, what])).toEqual([
    ['invoice/1', 'edited'],
    ['invoice/3', 'deleted'],
  ]);
});

// Undoing in the wrong order leaves half a night in the books.
test('plans to take a whole run back in reverse order, and carries it out', async () => {
  const company = await posted();
  const books = company.openBooks();
  await post(company, books, creates(refund()));
  await post(company, books, creates(deposit()));
  const plan = await planUndo(company.client, [...company.ledger.values()]);
  if (plan.outcome === 'failed') throw new Error(plan.verdict.reason.message);
  const { operations, skipped } = plan.value;
  expect(operations.map(({ key, kind, after }) => [key, kind, after])).toEqual([
    ['deposit/9', 'delete', []],
    ['refund/900/r900-1', 'delete', ['deposit/9']],
    ['payment/900', 'void', ['deposit/9', 'refund/900/r900-1']],
    ['invoice/812', 'void', ['payment/900']],
  ]);
  expect(skipped.map(({ key, reason }) => [key, reason.code])).toEqual([['customer/77', 'customer_stays']]);
  for (const operation of operations) {
    const [outcome] = (await post(company, books, [operation])).values();
    expect([operation.key, outcome?.outcome]).toEqual([operation.key, 'posted']);
  }
  const { Invoice, Payment, Deposit = [], RefundReceipt = [] } = await company.entities();
  expect([Invoice?.[0]?.['TotalAmt'], Payment?.[0]?.['TotalAmt'], Deposit.length, RefundReceipt.length]).toEqual([0, 0, 0, 0]);
});

test('leaves out of an undo what was deposited, paid or edited by people, and says so', async () => {
  const company = await posted();
  const books = company.openBooks();
  await post(company, books, creates(refund()));
  await post(company, books, creates(deposit()));
  const run = [company.ledger.get('invoice/812')!, company.ledger.get('payment/900')!];
  const plan = await planUndo(company.client, run);
  expect(plan.outcome === 'ok' && plan.value.skipped.map(({ key, reason }) => [key, reason.code])).toEqual([
    ['payment/900', 'deposited'],
    ['invoice/812', 'invoice_has_payment'],
  ]);
});

test('holds a deposit when a person has deposited, changed or deleted one of its payments', async () => {
  const company = await posted();
  await post(company, company.openBooks(), creates(refund()));
  const { id } = company.ledger.get('payment/900')!.quickbooks!;
  const bank = company.chart.accounts.bank!.id;
  await write(company, 'payment/900', {
    TotalAmt: 400,
    CustomerRef: { value: company.ledger.get('customer/77')!.quickbooks!.id },
    Line: [],
  });
  const [changed] = (await post(company, company.openBooks(), creates(deposit()))).values();
  expect(changed).toMatchObject({ outcome: 'hold', reason: { code: 'amount_differs' } });
  const line = { Amount: 400, LinkedTxn: [{ TxnId: id, TxnType: 'Payment', TxnLineId: '0' }] };
  await company.client.write('Deposit', { DepositToAccountRef: { value: bank }, Line: [line] }, newId());
  const [elsewhere] = (await post(company, company.openBooks(), creates(deposit()))).values();
  expect(elsewhere).toMatchObject({ outcome: 'hold', reason: { code: 'deposited_elsewhere' } });
});

// The bank took the money back: without it the client's invoice would stay paid.
test('reverses a returned payment that was deposited: out of its deposit, then void', async () => {
  const company = await posted();
  const books = company.openBooks();
  await post(company, books, creates(refund()));
  await post(company, books, creates(deposit()));
  const lines = deposit().lines.map((one) =>
    one.kind === 'document' && one.documentKey === 'payment/900'
      ? {
          kind: 'account' as const,
          account: { role: 'returns' as const },
          description: 'Payment 900, returned',
          amountCents: one.amountCents,
        }
      : one,
  );
  const [changed] = (await post(company, books, [updateOf(company, deposit({ lines }))])).values();
  expect(changed).toMatchObject({ outcome: 'posted', quickbooks: { totalCents: 38_976 } });
  const [voided] = (await post(company, books, [takeBack(company, 'payment/900')])).values();
  expect(voided?.outcome).toBe('posted');
  const { Invoice, Deposit } = await company.entities();
  expect([Invoice?.[0]?.['Balance'], Deposit?.[0]?.['TotalAmt']]).toEqual([454.95, 389.76]);
});

// A wording a person corrected on the platform is what the client reads on the invoice.
test('sends a change that touches no money, and nothing when QuickBooks has it already', async () => {
  const company = await posted();
  const reworded = invoice({ lines: invoice().lines.map((one) => ({ ...one, description: `${one.description}, 2,400 sq ft` })) });
  const update = updateOf(company, reworded);
  const [sent] = (await post(company, company.openBooks(), [update])).values();
  expect(sent?.outcome).toBe('posted');
  expect(JSON.stringify((await company.entities())['Invoice'])).toContain('General Home Inspection, 2,400 sq ft');
  const [again] = (await post(company, company.openBooks(), [update])).values();
  expect(again?.outcome).toBe('adopt');
});

test('changes nothing in a closed period, and keeps a document on the open day it was moved to', async () => {
  const company = await openCompany(desk, {
    company: { preferences: { AccountingInfoPrefs: { BookCloseDate: '2026-06-15' } } },
    settings: { closedBooks: 'first_open_day' },
  });
  const books = company.openBooks();
  await post(company, books, creates(customer()));
  await post(company, books, creates(invoice(), invoice({ inspectionId: '813', date: '2026-06-20' })));
  const [moved] = (await post(company, books, [updateOf(company, dearer())])).values();
  expect(moved?.outcome).toBe('posted');
  expect((await company.entities())['Invoice']?.[0]).toMatchObject({ TxnDate: '2026-06-16', TotalAmt: 600 });
  await desk.control('/emulator/companies', {
    realmId: company.realmId,
    preferences: { AccountingInfoPrefs: { BookCloseDate: '2026-06-30' } },
  });
  const later = company.openBooks({ chart: { ...company.chart, bookCloseDate: '2026-06-30' } });
  const [closed] = (
    await post(company, later, [updateOf(company, invoice({ inspectionId: '813', date: '2026-06-20', lines: [line(1)] }))])
  ).values();
  expect(closed).toMatchObject({ outcome: 'hold', reason: { code: 'closed_books' } });
});
