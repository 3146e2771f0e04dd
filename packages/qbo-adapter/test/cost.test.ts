import { documentKey } from '@vesper/core/document';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOneByOneClient } from '../bench/one-by-one-client.ts';
import { readTotals } from '../src/control-totals.ts';
import { customer, invoice, payment } from './documents-fixture.ts';
import { creates, type EmulatorDesk, openCompany, openEmulator, post } from './emulated-company.ts';

let desk: EmulatorDesk;

beforeAll(async () => {
  desk = await openEmulator();
});
afterAll(() => desk.close());

const salesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const [clientId, inspectionId, paymentId] = [`c${index}`, `${1_000 + index}`, `${5_000 + index}`];
    const customerKey = documentKey.customer(clientId);
    return {
      customer: customer({ clientId, displayName: `Client Number ${index}`, email: `${clientId}@example.com` }),
      invoice: invoice({ inspectionId, customerKey }),
      payment: payment({ paymentId, inspectionId, customerKey, invoiceKey: documentKey.invoice(inspectionId) }),
    };
  });

// The read allowance and the evening's length are what the company pays with.
test('posts 300 inspections with at most 0.15 requests each, reads and control totals included', async () => {
  const company = await openCompany(desk);
  const before = company.client.counts();
  const books = company.openBooks();
  const sales = salesOf(300);
  for (const wave of [sales.map((sale) => sale.customer), sales.map((sale) => sale.invoice), sales.map((sale) => sale.payment)]) {
    const posted = await post(company, books, creates(...wave));
    expect([...posted.values()].filter(({ outcome }) => outcome === 'posted')).toHaveLength(300);
  }
  const { totals } = await readTotals(company.client, 'co-1', { from: '2026-06-01', to: '2026-06-02' });
  expect(totals.payments).toEqual({ count: 300, cents: 300 * 45_495 });
  const after = company.client.counts();
  expect((after.requests - before.requests) / 300).toBeLessThanOrEqual(0.15);
  expect(after.reads - before.reads).toBeLessThanOrEqual(10);
  expect((await company.requests()).throttled).toBe(0);
});

test('takes four requests an inspection the usual way', async () => {
  const company = await openCompany(desk, { company: { limits: false } });
  const access = await company.token();
  if (access.outcome !== 'token') throw new Error(access.outcome);
  const usual = createOneByOneClient({
    baseUrl: desk.emulator.url,
    realmId: company.realmId,
    accessToken: access.token,
    itemId: company.chart.items.service!.id,
  });
  for (const sale of salesOf(3)) expect(await usual.post(sale)).toBe(4);
});
