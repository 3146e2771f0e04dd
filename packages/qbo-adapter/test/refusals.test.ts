import { afterAll, beforeAll, expect, test } from 'vitest';
import { customer, invoice, line, payment } from './documents-fixture.ts';
import { creates, type EmulatedCompany, type EmulatorDesk, newId, openCompany, openEmulator, post } from './emulated-company.ts';

let desk: EmulatorDesk;
let company: EmulatedCompany;

beforeAll(async () => {
  desk = await openEmulator();
  company = await openCompany(desk, { company: { preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } } } });
  await post(company, company.openBooks(), creates(customer()));
});
afterAll(() => desk.close());

const strike = (fault: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  desk.control('/emulator/faults', { realmId: company.realmId, match: { path: '/batch' }, fault, ...more });
const faultBody = (code: string) => ({
  Fault: { Error: [{ Message: 'm', Detail: 'd', code, element: '' }], type: 'ValidationFault' },
  time: '2020-09-29T06:52:56.527-07:00',
});

async function sealed(...inspectionIds: string[]) {
  const books = company.openBooks();
  const operations = creates(...inspectionIds.map((inspectionId) => invoice({ inspectionId })));
  const prepared = await books.prepare(operations, company.ledger);
  const items = operations.map((operation, index) => {
    const item = prepared[index];
    if (item?.outcome !== 'send') throw new Error('not ready');
    return { bId: `b${index}`, key: operation.key, operation, payload: item.payload };
  });
  return { books, batch: { requestId: newId(), body: books.assemble(items), items } };
}

test('takes a fault inside a 200 for a fault', async () => {
  const { books, batch } = await sealed('4001');
  await strike({ kind: 'status', status: 200, body: faultBody('10000') });
  expect(await books.send(batch)).toMatchObject({ outcome: 'unknown', reason: { quickbooks: { code: '10000' } } });
});

// What is refused as a whole must be told apart from what may have happened, or one bad document would hold up thirty.
test('says that a batch refused as a whole can be split, and fails a single document', async () => {
  const two = await sealed('4002', '4003');
  await strike({ kind: 'status', status: 400, body: faultBody('2010') });
  expect(await two.books.send(two.batch)).toMatchObject({ outcome: 'refused', reason: { quickbooks: { code: '2010' } } });
  const one = await sealed('4002');
  await strike({ kind: 'status', status: 400, body: faultBody('2010') });
  const answer = await one.books.send(one.batch);
  expect(answer.outcome === 'answered' && answer.items.get('b0')).toMatchObject({ outcome: 'fail', reason: { code: 'request_refused' } });
});

// A token in a run report would be stored, shown and mailed.
test('stops for a reconnect when a renewed token is refused too, and repeats no token', async () => {
  const { books, batch } = await sealed('4004');
  await strike({ kind: 'status', status: 401 }, { times: 2 });
  const answer = await books.send(batch);
  expect(answer).toMatchObject({
    outcome: 'stop',
    reason: { code: 'token_refused', remedy: expect.stringContaining('connect Vesper again') },
  });
  const access = await company.token();
  expect(access.outcome === 'token' && JSON.stringify(answer).includes(access.token)).toBe(false);
});

test('does not send again in a run that was stopped', async () => {
  const { books, batch } = await sealed('4005');
  await strike({ kind: 'status', status: 403, body: faultBody('3100') });
  expect(await books.send(batch)).toMatchObject({ outcome: 'stop', reason: { code: 'rights_lost' } });
  const { total } = await company.requests();
  expect(await books.send(batch)).toMatchObject({ outcome: 'stop' });
  expect((await company.requests()).total).toBe(total);
});

test('halves its batches while they time out, and grows back', async () => {
  const { books, batch } = await sealed('4006');
  expect(books.batchSize).toBe(30);
  await strike({ kind: 'status', status: 504 }, { times: 2 });
  await books.send(batch);
  expect(books.batchSize).toBe(15);
  await books.send(batch);
  expect(books.batchSize).toBe(7);
  await books.send(batch);
  expect(books.batchSize).toBe(30);
});

test('decides by code in a company whose texts are French', async () => {
  const french = await openCompany(desk, {
    company: { preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } }, settings: { language: 'fr', warnDuplicateDocNumber: true } },
  });
  const books = french.openBooks();
  await post(french, books, creates(customer()));
  await post(french, books, creates(invoice()));
  const [other] = (
    await post(french, books, creates({ ...invoice({ lines: [line(1_000)] }), key: 'invoice/813', inspectionId: '813' }))
  ).values();
  expect(other).toMatchObject({
    outcome: 'hold',
    reason: { code: 'number_taken', quickbooks: { code: '6140', detail: expect.stringContaining('Facture') } },
  });
});

test('holds what uses an item that was made inactive, and names it by QuickBooks’ words', async () => {
  const own = await openCompany(desk);
  const books = own.openBooks();
  await post(own, books, creates(customer()));
  await own.client.write('Item', { Id: own.chart.items.service!.id, SyncToken: '0', sparse: true, Active: false }, newId());
  const [outcome] = (await post(own, books, creates(invoice()))).values();
  expect(outcome).toMatchObject({ outcome: 'hold', reason: { code: 'reference_inactive' } });
});

test('waits for an invoice that is not posted', async () => {
  const [outcome] = (await post(company, company.openBooks(), creates(payment({ invoiceKey: 'invoice/9999' })))).values();
  expect(outcome).toMatchObject({ outcome: 'hold', reason: { code: 'waits_for_document' } });
});
