import { documentKey } from '@vesper/core/document';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCustomerIndex, type CustomerIndexData } from '../src/customers.ts';
import { customer, invoice } from './documents-fixture.ts';
import { creates, type EmulatedCompany, type EmulatorDesk, newId, openCompany, openEmulator, post, updateOf } from './emulated-company.ts';

let desk: EmulatorDesk;

beforeAll(async () => {
  desk = await openEmulator();
});
afterAll(() => desk.close());

const write = async (company: EmulatedCompany, entity: string, record: Record<string, unknown>) => {
  const result = await company.client.write(entity, record, newId());
  if (result.outcome === 'failed') throw new Error(result.verdict.reason.message);
  return (result.json[entity] as { Id: string; SyncToken: string }).Id;
};

// One read a client would cost the monthly read allowance and most of the evening.
test('books 100 new clients with single-digit reads', async () => {
  const company = await openCompany(desk);
  const reads = company.client.counts().reads;
  const clients = Array.from({ length: 100 }, (_, index) =>
    customer({ clientId: `c${index}`, displayName: `Client Number ${index}`, email: `c${index}@example.com` }),
  );
  const posted = await post(company, company.openBooks(), creates(...clients));
  expect([...posted.values()].filter(({ outcome }) => outcome === 'posted')).toHaveLength(100);
  expect(company.client.counts().reads - reads).toBe(3);
});

test('catches up in one read on the next evening', async () => {
  const company = await openCompany(desk);
  let kept: CustomerIndexData | undefined;
  const store = { load: () => Promise.resolve(kept), save: (data: CustomerIndexData) => Promise.resolve(void (kept = data)) };
  const evening = () => company.openBooks({ index: createCustomerIndex({ client: company.client, clock: desk.clock, store }) });
  await post(company, evening(), creates(customer()));
  await write(company, 'Customer', { DisplayName: 'Walk-in', PrimaryEmailAddr: { Address: 'walkin@example.com' } });
  await desk.clock.sleep(86_400_000);
  const reads = company.client.counts().reads;
  const [outcome] = (
    await post(company, evening(), creates(customer({ clientId: '78', displayName: 'W. Alkin', email: 'walkin@example.com' })))
  ).values();
  expect(outcome?.outcome).toBe('adopt');
  expect(company.client.counts().reads - reads).toBe(1);
});

test('takes over the QuickBooks customer of the same e-mail, then of the same name', async () => {
  const company = await openCompany(desk);
  const byMail = await write(company, 'Customer', { DisplayName: 'Smith Household', PrimaryEmailAddr: { Address: 'Jane@Example.com' } });
  const byName = await write(company, 'Customer', { DisplayName: 'Bob Jones' });
  const posted = await post(
    company,
    company.openBooks(),
    creates(customer(), customer({ clientId: '78', displayName: 'bob  jones', email: 'bob@example.com' })),
  );
  expect([...posted.values()].map(({ outcome, quickbooks }) => [outcome, quickbooks?.id])).toEqual([
    ['adopt', byMail],
    ['adopt', byName],
  ]);
});

// Counted once by mark, once by e-mail and once by name, one's own customer looked like three, and a second was made.
test('takes over the QuickBooks customer that carries its mark, also when e-mail and name are its own', async () => {
  const company = await openCompany(desk);
  const first = await post(company, company.openBooks(), creates(customer()));
  const again = await post(
    company,
    company.openBooks({ index: createCustomerIndex({ client: company.client, clock: desk.clock }) }),
    creates(customer()),
  );
  const idOf = (posted: typeof first) =>
    [...posted.values()].map((outcome) => ('quickbooks' in outcome ? outcome.quickbooks?.id : outcome.outcome));
  expect(idOf(again)).toEqual(idOf(first));
});

// Without it the money of two people would stand on one account.
test('never gives one QuickBooks customer to two clients', async () => {
  const company = await openCompany(desk);
  const existing = await write(company, 'Customer', { DisplayName: 'Jane Smith', PrimaryEmailAddr: { Address: 'jane@example.com' } });
  const books = company.openBooks();
  const [first, second] = (await post(company, books, creates(customer(), customer({ clientId: '78' })))).values();
  expect([first?.outcome, first?.quickbooks?.id, second?.outcome]).toEqual(['adopt', existing, 'posted']);
  const [third] = (await post(company, company.openBooks(), creates(customer({ clientId: '79' })))).values();
  expect(third?.outcome).toBe('posted');
  const names = (await company.entities())['Customer']?.map(({ DisplayName }) => DisplayName);
  expect(names).toEqual(['Jane Smith', 'Jane Smith (78)', 'Jane Smith (79)']);
});

test('takes none of two QuickBooks customers with the same e-mail unless the name tells them apart', async () => {
  const company = await openCompany(desk);
  const mail = { PrimaryEmailAddr: { Address: 'office@example.com' } };
  await write(company, 'Customer', { DisplayName: 'Ann Office', ...mail });
  const bea = await write(company, 'Customer', { DisplayName: 'Bea Office', ...mail });
  const posted = await post(
    company,
    company.openBooks(),
    creates(
      customer({ clientId: '81', displayName: 'Cleo Office', email: 'office@example.com' }),
      customer({ clientId: '82', displayName: 'Bea Office', email: 'office@example.com' }),
    ),
  );
  expect([...posted.values()].map(({ outcome, quickbooks }) => [outcome, quickbooks?.id === bea])).toEqual([
    ['posted', false],
    ['adopt', true],
  ]);
});

test('adds the client number when a vendor or an employee has the name', async () => {
  const company = await openCompany(desk);
  await write(company, 'Vendor', { DisplayName: 'Jane Smith' });
  const [outcome] = (await post(company, company.openBooks(), creates(customer()))).values();
  expect(outcome?.outcome).toBe('posted');
  expect((await company.entities())['Customer']?.[0]?.['DisplayName']).toBe('Jane Smith (77)');
});

test('makes a new customer beside an inactive one of the same name and e-mail', async () => {
  const company = await openCompany(desk);
  const id = await write(company, 'Customer', { DisplayName: 'Jane Smith', PrimaryEmailAddr: { Address: 'jane@example.com' } });
  await write(company, 'Customer', { Id: id, SyncToken: '0', sparse: true, Active: false });
  const [outcome] = (await post(company, company.openBooks(), creates(customer()))).values();
  expect(outcome?.outcome).toBe('posted');
  expect(outcome?.quickbooks?.id).not.toBe(id);
});

test('solves a clash that arose after the names were listed', async () => {
  const company = await openCompany(desk);
  const books = company.openBooks();
  await post(company, books, creates(customer({ clientId: '1', displayName: 'First One', email: 'first@example.com' })));
  await write(company, 'Vendor', { DisplayName: 'Jane Smith' });
  const [first] = (await post(company, books, creates(customer()))).values();
  expect(first).toMatchObject({ outcome: 'again', reason: { code: 'name_taken' } });
  const [second] = (await post(company, books, creates(customer()))).values();
  expect(second?.outcome).toBe('posted');
  expect((await company.entities())['Customer']?.at(-1)?.['DisplayName']).toBe('Jane Smith (77)');
});

test('keeps in the notes what the name rules of QuickBooks take away', async () => {
  const company = await openCompany(desk);
  const displayName = `Estate: ${'Winterbourne-'.repeat(45)}`;
  const [outcome] = (await post(company, company.openBooks(), creates(customer({ displayName, email: 'not an address' })))).values();
  expect(outcome?.outcome).toBe('posted');
  const { DisplayName, Notes } = (await company.entities())['Customer']?.[0] ?? {};
  expect(String(DisplayName)).toHaveLength(500);
  expect(Notes).toContain('[vesper:co-1/customer/77]');
  expect(Notes).toContain(displayName);
  expect(Notes).toContain('E-mail: not an address');
});

test('sends only what changed on the platform and keeps what a bookkeeper wrote', async () => {
  const company = await openCompany(desk);
  await post(company, company.openBooks(), creates(customer()));
  const { id } = company.ledger.get('customer/77')!.quickbooks!;
  await write(company, 'Customer', {
    Id: id,
    SyncToken: '0',
    sparse: true,
    PrimaryPhone: { FreeFormNumber: '1' },
    WebAddr: { URI: 'https://example.com' },
  });
  const changed = customer({
    email: 'new@example.com',
    phone: '(415) 555-0199',
    displayName: 'Jane Smith-Jones',
    familyName: 'Smith-Jones',
  });
  const [outcome] = (await post(company, company.openBooks(), [updateOf(company, changed)])).values();
  expect(outcome?.outcome).toBe('posted');
  expect((await company.entities())['Customer']?.[0]).toMatchObject({
    DisplayName: 'Jane Smith-Jones',
    PrimaryEmailAddr: { Address: 'new@example.com' },
    PrimaryPhone: { FreeFormNumber: '1' },
    WebAddr: { URI: 'https://example.com' },
  });
});

test('follows a merge to the customer that lives on', async () => {
  const company = await openCompany(desk);
  await post(company, company.openBooks(), creates(customer()));
  const loserId = company.ledger.get('customer/77')!.quickbooks!.id;
  const winnerId = await write(company, 'Customer', { DisplayName: 'Jane S. Smith' });
  await write(company, 'Customer', { Id: loserId, SyncToken: '0', sparse: true, Active: false });
  const index = createCustomerIndex({ client: company.client, clock: desk.clock });
  index.noteMerge({ loserId, winnerId });
  const [outcome] = (await post(company, company.openBooks({ index }), creates(invoice()))).values();
  expect(outcome?.outcome).toBe('posted');
  expect((await company.entities())['Invoice']?.[0]?.['CustomerRef']).toMatchObject({ value: winnerId });
  const [moved] = (await post(company, company.openBooks({ index }), [updateOf(company, customer({ phone: '2' }))])).values();
  expect(moved).toMatchObject({ outcome: 'adopt', quickbooks: { id: winnerId } });
});

test('holds the documents of a customer a person made inactive', async () => {
  const company = await openCompany(desk);
  await post(company, company.openBooks(), creates(customer()));
  const { id } = company.ledger.get(documentKey.customer('77'))!.quickbooks!;
  await write(company, 'Customer', { Id: id, SyncToken: '0', sparse: true, Active: false });
  const [outcome] = (
    await post(
      company,
      company.openBooks({ index: createCustomerIndex({ client: company.client, clock: desk.clock }) }),
      creates(invoice()),
    )
  ).values();
  expect(outcome).toMatchObject({ outcome: 'hold', reason: { code: 'customer_inactive' } });
});
