import { afterAll, beforeAll, expect, test } from 'vitest';
import { customer, invoice, payment } from './documents-fixture.ts';
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
let company: EmulatedCompany;

beforeAll(async () => {
  desk = await openEmulator();
  company = await openCompany(desk, { company: { preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } } } });
  await post(company, company.openBooks(), creates(customer()));
});
afterAll(() => desk.close());

const strike = (fault: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  desk.control('/emulator/faults', { realmId: company.realmId, match: { path: '/batch' }, fault, ...more });

async function seal(inspectionIds: string[]) {
  const books = company.openBooks();
  const operations = creates(...inspectionIds.map((inspectionId) => invoice({ inspectionId })));
  const prepared = await books.prepare(operations, company.ledger);
  const items = operations.map((operation, index) => {
    const item = prepared[index];
    if (item?.outcome !== 'send') throw new Error('not ready');
    return { bId: `b${index}`, key: operation.key, operation, payload: item.payload };
  });
  return { books, items, batch: { requestId: newId(), body: books.assemble(items), items } };
}

const invoicesNumbered = async (number: string) =>
  (await company.entities())['Invoice']?.filter(({ DocNumber }) => DocNumber === number) ?? [];

// Without it a timeout after the commit would put a second invoice into the books.
test.each([
  ['a connection broken after the effect', { kind: 'commit-then-reset' }],
  ['an answer cut short', { kind: 'truncate' }],
  ['a server error after the effect', { kind: 'status', status: 500, commit: true }],
  ['a gateway time-out after the effect', { kind: 'status', status: 504, commit: true }],
  ['an answer that is no JSON', { kind: 'status', status: 200, body: '<html>hello</html>', commit: true }],
])('settles %s by resending the same bytes, with one effect', async (_, fault) => {
  const inspectionId = newId().replaceAll('-', '');
  const { books, batch } = await seal([inspectionId]);
  await strike(fault);
  const first = await books.send(batch);
  expect(first.outcome).toBe('unknown');
  const second = await books.send(batch);
  expect(second.outcome === 'answered' && second.items.get('b0')?.outcome).toBe('posted');
  expect(await invoicesNumbered(`sp${inspectionId}`)).toHaveLength(1);
  const { log } = await company.requests();
  const sends = log.filter(({ requestid }) => requestid === batch.requestId);
  expect(new Set(sends.map(({ bodySha256 }) => bodySha256)).size).toBe(1);
});

test('calls an item the answer left out neither posted nor failed', async () => {
  const { books, batch } = await seal(['3001', '3002']);
  await strike({ kind: 'missing-bid', bIds: ['b1'] });
  const answer = await books.send(batch);
  expect(answer.outcome === 'answered' && [...answer.items.keys()]).toEqual(['b0']);
});

test('reads doubled and shuffled answers by bId', async () => {
  const { books, batch } = await seal(['3003', '3004']);
  await strike({ kind: 'doubled-bid', bIds: ['b0'] });
  const answer = await books.send(batch);
  expect(answer.outcome === 'answered' && [...answer.items.values()].map(({ outcome }) => outcome)).toEqual(['posted', 'posted']);
  const shuffled = await seal(['3005', '3006']);
  await strike({ kind: 'shuffled-bids' });
  const mixed = await shuffled.books.send(shuffled.batch);
  if (mixed.outcome !== 'answered') throw new Error(mixed.outcome);
  const first = mixed.items.get('b0');
  expect(first?.outcome === 'posted' && first.quickbooks.docNumber).toBe('sp3005');
});

// Without it a write that lands hours later would be posted a second time.
test('finds a write that landed late, and only then', async () => {
  const { books, items, batch } = await seal(['3010']);
  const [item] = items;
  if (!item) throw new Error('no item');
  await strike({ kind: 'late-landing', afterMs: 3_600_000 });
  expect((await books.send(batch)).outcome).toBe('unknown');
  expect(await books.find(item.operation, company.ledger)).toEqual({ outcome: 'absent' });
  await desk.clock.sleep(3_600_000);
  expect(await books.find(item.operation, company.ledger)).toMatchObject({ outcome: 'found', quickbooks: { docNumber: 'sp3010' } });
});

test('does not adopt a record that carries the mark but differs in money', async () => {
  const books = company.openBooks();
  await post(company, books, creates(invoice({ inspectionId: '3020' })));
  const [other] = creates(
    invoice({ inspectionId: '3020', lines: [{ ...invoice().lines[0]!, amountCents: 1_000, unitAmountCents: 1_000 }] }),
  );
  expect(await books.find(other!, company.ledger)).toMatchObject({ outcome: 'unclear', reason: { code: 'not_provably_ours' } });
});

test('does not adopt a record of the same number without the mark', async () => {
  const { id } = company.ledger.get('customer/77')!.quickbooks!;
  await company.client.write(
    'Invoice',
    {
      CustomerRef: { value: id },
      DocNumber: 'sp3030',
      Line: [
        { Amount: 454.95, DetailType: 'SalesItemLineDetail', SalesItemLineDetail: { ItemRef: { value: company.chart.items.service!.id } } },
      ],
    },
    newId(),
  );
  const [operation] = creates(invoice({ inspectionId: '3030' }));
  expect(await company.openBooks().find(operation!, company.ledger)).toMatchObject({
    outcome: 'unclear',
    reason: { code: 'number_taken' },
  });
});

// A failed look proves nothing: concluding "not there" from it would post the document again.
test('never concludes absence from a look that failed', async () => {
  const [operation] = creates(invoice({ inspectionId: '3040' }));
  await desk.control('/emulator/faults', {
    realmId: company.realmId,
    match: { operation: 'query' },
    times: 4,
    fault: { kind: 'status', status: 503 },
  });
  expect(await company.openBooks().find(operation!, company.ledger)).toMatchObject({ outcome: 'unclear', reason: { code: 'look_failed' } });
});

test('finds payments by day and mark', async () => {
  const books = company.openBooks();
  await post(company, books, creates(invoice({ inspectionId: '3050' })));
  const [operation] = creates(payment({ paymentId: '3051', invoiceKey: 'invoice/3050' }));
  expect(await books.find(operation!, company.ledger)).toEqual({ outcome: 'absent' });
  await post(company, books, [operation!]);
  expect(await books.find(operation!, company.ledger)).toMatchObject({
    outcome: 'found',
    quickbooks: { entity: 'Payment', totalCents: 45_495 },
  });
});

test('adopts its own earlier record when QuickBooks says that the number is taken', async () => {
  const strict = await openCompany(desk, {
    company: { preferences: { SalesFormsPrefs: { CustomTxnNumbers: true } }, settings: { warnDuplicateDocNumber: true } },
  });
  const books = strict.openBooks();
  await post(strict, books, creates(customer()));
  const first = await post(strict, books, creates(invoice()));
  strict.ledger.delete('invoice/812');
  const again = await post(strict, books, creates(invoice()));
  expect(again.get('invoice/812')).toEqual(first.get('invoice/812'));
  expect((await strict.entities())['Invoice']).toHaveLength(1);
});

test('finds an update and a void that had no answer, and tells them from ones that never arrived', async () => {
  const books = company.openBooks();
  await post(company, books, creates(invoice({ inspectionId: '3060' }), invoice({ inspectionId: '3061' })));
  const update = updateOf(company, invoice({ inspectionId: '3060', lines: [{ ...invoice().lines[0]!, description: 'Reworded' }] }));
  const removal = takeBack(company, 'invoice/3061');
  for (const operation of [update, removal]) {
    expect(await books.find(operation, company.ledger)).toEqual({ outcome: 'absent' });
    const [prepared] = await books.prepare([operation], company.ledger);
    if (prepared?.outcome !== 'send') throw new Error('not ready');
    const items = [{ bId: 'b0', key: operation.key, operation, payload: prepared.payload }];
    await strike({ kind: 'commit-then-reset' });
    expect((await books.send({ requestId: newId(), body: books.assemble(items), items })).outcome).toBe('unknown');
    expect(await books.find(operation, company.ledger)).toMatchObject({ outcome: 'found' });
  }
});

test('finds a customer that was made without an answer by its mark', async () => {
  const books = company.openBooks();
  const [operation] = creates(customer({ clientId: '79', displayName: 'Pat Late', email: 'pat@example.com' }));
  expect(await books.find(operation!, company.ledger)).toEqual({ outcome: 'absent' });
  await post(company, books, [operation!]);
  expect(await books.find(operation!, company.ledger)).toMatchObject({ outcome: 'found', quickbooks: { entity: 'Customer' } });
});
