import { companySettings } from '@vesper/core/settings';
import type { LedgerRecord } from '@vesper/core/ledger';
import { createMemoryStore } from '@vesper/outbox/memory-store';
import { sha256 } from '@vesper/outbox/sha256';
import type { Lease } from '@vesper/outbox/store';
import { describe, expect, it } from 'vitest';
import type { Company } from './company.ts';
import { completeness } from './completeness.ts';
import type { WaitingRow } from './waiting-rows.ts';

const TODAY = '2026-06-10';
const company: Company = {
  id: 'tern',
  version: 1,
  settings: companySettings.parse({ name: 'Tern', timezone: 'America/Chicago', notices: { achWaitDays: 7 } }),
  connection: { state: 'connected', problems: [] },
  createdAt: '',
  updatedAt: '',
};
const row = (key: string, code: string, more: Partial<WaitingRow> = {}): WaitingRow => ({
  key,
  state: 'held',
  code,
  message: '',
  remedy: '',
  isUsual: false,
  ...more,
});

async function statedDays(...days: string[]) {
  const store = createMemoryStore();
  for (const day of days) {
    const body = new TextEncoder().encode(day);
    await store.append({
      companyId: 'tern',
      source: 'vesper',
      webhookId: day,
      type: 'day.closed',
      subject: `day/${day}`,
      refs: [`day/${day}`],
      words: [],
      body,
      bodySha256: sha256(body),
      receivedAt: `${day}T23:50:00.000Z`,
      state: 'pending',
    });
  }
  return store;
}

describe('completeness', () => {
  it('names money that came and is not posted, and not money on its way', async () => {
    const rows = [
      row('payment/1', 'no_invoice', { amountCents: 45_000 }),
      row('payment/2', 'ach_in_flight', { amountCents: 10_000, daysWaited: 2 }),
      row('payment/3', 'pay_at_close_not_paid_out', { amountCents: 10_000 }),
    ];
    const { paidButUnposted } = await completeness(await statedDays(), company, rows, TODAY);
    expect(paidButUnposted).toEqual({ count: 1, cents: 45_000, keys: ['payment/1'] });
  });

  // Without this, a bookkeeper looks for money that is in the books.
  it('does not call unposted what is posted and waits for something else, such as the end of a dispute', async () => {
    const store = await statedDays();
    const { lease } = (await store.claimLease({ companyId: 'tern', holder: 'test', ttlMs: 1_000 })) as { lease: Lease };
    const inBooks = (key: string, type: 'payment' | 'sales_receipt' | 'invoice', entity: string) =>
      ({ key, type, state: 'posted', posted: { key, type }, quickbooks: { entity, id: key, syncToken: '0' }, attempts: 1 }) as LedgerRecord;
    await store.putLedger(lease, [
      inBooks('payment/1', 'payment', 'Payment'),
      inBooks('sales_receipt/2', 'sales_receipt', 'SalesReceipt'),
      inBooks('invoice/5', 'invoice', 'Invoice'),
    ]);
    const rows = [
      row('payment/1', 'disputed', { amountCents: 45_000 }),
      row('payment/2', 'disputed', { amountCents: 45_000 }),
      row('payment/3', 'no_invoice', { amountCents: 20_000 }),
      row('inspection/5', 'closed_period'),
      row('inspection/6', 'no_lines'),
    ];
    const { paidButUnposted, confirmedButUninvoiced } = await completeness(store, company, rows, TODAY);
    expect(paidButUnposted).toEqual({ count: 1, cents: 20_000, keys: ['payment/3'] });
    expect(confirmedButUninvoiced).toEqual({ count: 1, keys: ['inspection/6'] });
  });

  it('names confirmed inspections without an invoice', async () => {
    const rows = [row('invoice/5', 'no_lines'), row('inspection/6', 'unconfirmed')];
    expect((await completeness(await statedDays(), company, rows, TODAY)).confirmedButUninvoiced).toEqual({
      count: 1,
      keys: ['invoice/5'],
    });
  });

  it('names bank transfers only after the days the company allows', async () => {
    const rows = [
      row('payment/1', 'ach_in_flight', { amountCents: 100, daysWaited: 7 }),
      row('payment/2', 'ach_in_flight', { amountCents: 200, daysWaited: 8 }),
    ];
    const found = await completeness(await statedDays(), company, rows, TODAY);
    expect(found.achTooLong).toEqual({ count: 1, cents: 200, keys: ['payment/2'] });
  });

  it('names days the platform left out between others, today not among them', async () => {
    const store = await statedDays('2026-06-05', '2026-06-06', '2026-06-08');
    expect((await completeness(store, company, [], TODAY)).daysWithoutStatement).toEqual(['2026-06-07', '2026-06-09']);
  });

  it('misses nothing of a platform that sends no totals at all', async () => {
    expect((await completeness(await statedDays(), company, [], TODAY)).daysWithoutStatement).toEqual([]);
  });
});
