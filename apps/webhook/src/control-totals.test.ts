import { companySettings } from '@vesper/core/settings';
import type { AccountingDocument } from '@vesper/core/document';
import type { Payment } from '@vesper/core/event';
import type { LedgerRecord } from '@vesper/core/ledger';
import { parseEvent } from '@vesper/core/event';
import type { Reason } from '@vesper/core/reason';
import { createMemoryStore } from '@vesper/outbox/memory-store';
import { sha256 } from '@vesper/outbox/sha256';
import { describe, expect, it } from 'vitest';
import type { Company } from './company.ts';
import { controlTotals, noTotals, type BooksTotals } from './control-totals.ts';

const DAY = '2026-06-01';
const WAITS: Reason = { code: 'inspection_unconfirmed', message: 'Its inspection is not confirmed.', remedy: 'It posts after it is.' };

const company: Company = {
  id: 'tern',
  version: 1,
  settings: companySettings.parse({ name: 'Tern', timezone: 'America/Chicago' }),
  connection: { state: 'connected', problems: [] },
  createdAt: '',
  updatedAt: '',
};

/** What the platform told, what the ledger has and what QuickBooks lists, put together by hand. */
function createDay() {
  const store = createMemoryStore();
  const books: BooksTotals = { totals: noTotals(), byDate: {}, records: [], doubles: [] };
  let events = 0;
  const tell = async (type: string, timestamp: string, data: object): Promise<string> => {
    const event = { type, timestamp, data: { companyId: 'tern', ...data } };
    const parsed = parseEvent(event);
    if (parsed.outcome !== 'known') throw new Error(JSON.stringify(parsed));
    const body = new TextEncoder().encode(JSON.stringify(event));
    const appended = await store.append({
      companyId: 'tern',
      source: 'vesper',
      webhookId: `msg_${(events += 1)}`,
      type,
      subject: parsed.subject,
      refs: parsed.refs,
      words: [],
      body,
      bodySha256: sha256(body),
      receivedAt: timestamp,
      state: 'pending',
    });
    if (appended.outcome !== 'stored') throw new Error(appended.outcome);
    return appended.id;
  };
  return {
    store,
    tell,
    books,
    pay: (id: string, amountCents: number, payment: Partial<Payment> = {}, type = 'payment.settled', timestamp = '2026-06-01T16:00:05Z') =>
      tell(type, timestamp, {
        payment: {
          id,
          inspectionId: `i${id}`,
          revision: 1,
          amountCents,
          method: 'card',
          processor: 'platform',
          receivedAt: '2026-06-01T16:00:00Z',
          ...payment,
        },
      }),
    state: (
      totals: Partial<Record<'paymentsCents' | 'refundsCents' | 'payoutsCents', number>>,
      counts = {},
      timestamp = '2026-06-02T00:50:00Z',
    ) => tell('day.closed', timestamp, { date: DAY, counts, totals: { paymentsCents: 0, refundsCents: 0, payoutsCents: 0, ...totals } }),
    /** A payment that stands in the ledger and, unless told otherwise, in QuickBooks. */
    async post(id: string, totalCents: number, { date = DAY, inBooks = totalCents }: { date?: string; inBooks?: number | 'gone' } = {}) {
      const claim = await store.claimLease({ companyId: 'tern', holder: 'test', ttlMs: 60_000 });
      if (claim.outcome !== 'claimed') throw new Error('busy');
      const posted = {
        type: 'payment',
        key: `payment/${id}`,
        paymentId: id,
        inspectionId: `i${id}`,
        date,
        totalCents,
      } as AccountingDocument;
      const record: LedgerRecord = {
        key: posted.key,
        type: 'payment',
        state: 'posted',
        posted,
        quickbooks: { entity: 'Payment', id: `qb${id}`, syncToken: '0', docNumber: `spp${id}`, totalCents },
        attempts: 1,
      };
      await store.putLedger(claim.lease, [record]);
      await store.releaseLease(claim.lease);
      if (inBooks !== 'gone') this.list(`qb${id}`, inBooks, date);
    },
    list(id: string, totalCents: number, date = DAY) {
      books.records.push({ entity: 'Payment', id, documentKey: `payment/${id}`, date, totalCents });
      const { payments } = (books.byDate[date] ??= noTotals());
      payments.count += 1;
      payments.cents += totalCents;
    },
    async hold(entryId: string, reason: Reason) {
      await store.moveEntry({ id: entryId, from: ['pending'], to: 'held', reason });
    },
    totals: () => controlTotals(store, company, DAY, () => Promise.resolve(books)),
  };
}

describe('the control totals of an evening', () => {
  it('agree when platform, webhooks, ledger and QuickBooks have the same money', async () => {
    const day = createDay();
    await day.pay('1', 45_000);
    await day.state({ paymentsCents: 45_000 }, { 'payment.settled': 1 });
    await day.post('1', 45_000);
    const { platform, outbox, ledger, quickbooks, differences } = await day.totals();
    expect([platform?.paymentsCents, outbox.paymentsCents, ledger.paymentsCents, quickbooks?.paymentsCents]).toEqual([
      45_000, 45_000, 45_000, 45_000,
    ]);
    expect(differences).toEqual([]);
  });

  it('count ACH on the day it settled, as the platform does', async () => {
    const day = createDay();
    const ach = { method: 'ach', receivedAt: '2026-05-28T16:00:00Z' } as const;
    await day.pay('1', 45_000, ach, 'payment.initiated', '2026-05-28T16:00:05Z');
    await day.pay('1', 45_000, { ...ach, revision: 2, settledAt: '2026-06-01T15:00:00Z' });
    await day.state({ paymentsCents: 45_000 });
    await day.post('1', 45_000);
    const totals = await day.totals();
    expect(totals.outbox.paymentsCents).toBe(45_000);
    expect([totals, ...totals.earlier].flatMap(({ differences }) => differences)).toEqual([]);
  });

  it('leave payments taken outside the platform out of the comparison with it', async () => {
    const day = createDay();
    await day.pay('1', 20_000, { processor: 'external', method: 'check' });
    await day.state({});
    const { outbox, differences } = await day.totals();
    expect([outbox.paymentsCents, outbox.externalPaymentsCents, differences]).toEqual([0, 20_000, []]);
  });

  it('name money that came and is not posted, with what it waits for', async () => {
    const day = createDay();
    const entry = await day.pay('7', 60_000, { method: 'ach', settledAt: '2026-06-01T15:00:00Z' });
    await day.hold(entry, WAITS);
    await day.state({ paymentsCents: 60_000 });
    const { differences, unexplained } = await day.totals();
    expect(differences).toEqual(['Payment 7 of $600.00 came on 2026-06-01 and is not posted. Its inspection is not confirmed.']);
    expect(unexplained).toEqual([]);
  });

  it('say how much the platform counts whose webhooks never came', async () => {
    const day = createDay();
    await day.pay('1', 45_000);
    await day.post('1', 45_000);
    await day.state({ paymentsCents: 75_000 }, { 'payment.settled': 2, 'agreement.signed': 9 });
    expect((await day.totals()).differences).toEqual([
      "The platform counts $750.00 of payments for 2026-06-01; the accepted webhooks make $450.00: webhooks worth $300.00 have not arrived. Ask the platform to send that day's payments again.",
      'The platform sent more events for 2026-06-01 than were accepted; missing are 1 of 2 payment.settled.',
    ]);
  });

  it('are not surprised by a webhook that may still be on its way, but are the evening after', async () => {
    const day = createDay();
    await day.state({ paymentsCents: 30_000 });
    const missing = [expect.stringContaining('webhooks worth $300.00 have not arrived') as unknown];
    const today = await day.totals();
    expect([today.differences, today.unexplained]).toEqual([missing, []]);
    const { earlier } = await controlTotals(day.store, company, '2026-06-02', () => Promise.resolve(day.books));
    expect(earlier.flatMap(({ unexplained }) => unexplained)).toEqual(missing);
  });

  it('hold a statement against what was told before it, not after', async () => {
    const day = createDay();
    await day.pay('1', 45_000);
    await day.post('1', 45_000);
    await day.pay('2', 5_000);
    await day.state({ paymentsCents: 50_000 });
    await day.pay('2', 5_000, { revision: 2 }, 'payment.removed', '2026-06-02T10:00:00Z');
    await day.pay('3', 10_000, { receivedAt: '2026-06-02T00:55:00Z' }, 'payment.settled', '2026-06-02T00:55:01Z');
    await day.post('3', 10_000);
    expect((await day.totals()).differences).toEqual([]);
  });

  it('name our payments when the platform counts less than it told', async () => {
    const day = createDay();
    await day.pay('1', 45_000);
    await day.post('1', 45_000);
    await day.state({});
    expect((await day.totals()).differences).toEqual([
      'The platform counts $0.00 of payments for 2026-06-01; the accepted webhooks make $450.00, $450.00 more: Payment 1 of $450.00. Ask the platform which of these it does not count.',
    ]);
  });

  it('name what was deleted, changed or added in QuickBooks', async () => {
    const day = createDay();
    for (const id of ['1', '2']) await day.pay(id, 45_000);
    await day.post('1', 45_000, { inBooks: 'gone' });
    await day.post('2', 45_000, { inBooks: 40_000 });
    day.list('qb99', 12_300);
    expect((await day.totals()).differences).toEqual([
      'payment/1 (QuickBooks Payment spp1) is posted under 2026-06-01, but QuickBooks does not list it there: it was deleted or re-dated.',
      'payment/2 (QuickBooks Payment spp2) was posted with $450.00; QuickBooks now has $400.00.',
      "QuickBooks Payment qb99 of $123.00 under 2026-06-01 carries Vesper's mark but is not in the ledger: it may have been copied in QuickBooks, or the store was restored from a backup.",
    ]);
  });

  it('name a document that stands twice in QuickBooks', async () => {
    const day = createDay();
    await day.pay('1', 45_000);
    await day.post('1', 45_000);
    const twins = ['qb1', 'qb2'].map((id) => ({ entity: 'Payment', id, documentKey: 'payment/1', date: DAY, totalCents: 45_000 }));
    day.books.doubles.push({ documentKey: 'payment/1', records: twins });
    expect((await day.totals()).differences).toEqual([
      'payment/1 stands 2 times in QuickBooks: Payment qb1 of $450.00, Payment qb2 of $450.00. Delete all but one of them.',
    ]);
  });

  it('tell a posting under another date, as closed books make it', async () => {
    const day = createDay();
    await day.pay('1', 45_000);
    await day.post('1', 45_000, { date: '2026-07-01' });
    expect((await day.totals()).differences).toEqual([
      'Payment 1 of $450.00 belongs to 2026-06-01 and is dated 2026-07-01 in the books (payment/1 (QuickBooks Payment spp1)).',
    ]);
  });

  it('stand without QuickBooks when it cannot be read, and say so', async () => {
    const day = createDay();
    await day.pay('1', 45_000);
    await day.post('1', 45_000);
    const totals = await controlTotals(day.store, company, DAY, () => Promise.reject(new Error('no answer')));
    expect(totals.quickbooks).toBeNull();
    expect(totals.ledger.paymentsCents).toBe(45_000);
    expect(totals.differences).toEqual([expect.stringContaining('QuickBooks could not be read')]);
  });
});
