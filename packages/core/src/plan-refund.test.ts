import { describe, expect, it } from 'vitest';
import { openCompany } from '../test/company-books.ts';
import { inspectionEvent, line, paymentEvent, payoutEvent } from '../test/events.ts';

const refund = (amountCents: number, id = 'r1') => ({ id, amountCents, refundedAt: '2026-06-03T15:00:00.000Z', reason: 'goodwill' });
const adjustment = (amountCents: number) => line({ id: '812-9', kind: 'refund_adjustment', name: 'Refund', unitAmountCents: -amountCents });
const refunded = (...refunds: ReturnType<typeof refund>[]) => paymentEvent('refunded', { revision: 2, refunds });

describe('rule 7: refunds', () => {
  it('makes a refund receipt dated the day of the refund, after its payment', () => {
    const company = openCompany({ items: { refund: '55' } });
    company.hear(inspectionEvent(), refunded(refund(5_000)));
    const { operations } = company.evening();
    expect(operations.at(-1)).toEqual({
      kind: 'create',
      key: 'refund/9812/r1',
      after: ['customer/77', 'payment/9812'],
      document: {
        type: 'refund',
        key: 'refund/9812/r1',
        inspectionId: '812',
        customerKey: 'customer/77',
        date: '2026-06-03',
        totalCents: 5_000,
        refundId: 'r1',
        paymentId: '9812',
        as: 'refund_receipt',
        docNumber: 'spr1',
        reason: 'goodwill',
        lines: [
          {
            lineId: 'r1',
            description: 'Refund: goodwill',
            quantity: 1,
            unitAmountCents: 5_000,
            amountCents: 5_000,
            taxable: false,
            item: { role: 'refund', id: '55' },
          },
        ],
        paymentKey: 'payment/9812',
      },
    });
  });

  it('makes a credit memo by setting, and leaves a posted refund receipt one when the setting changes', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), refunded(refund(5_000)));
    company.evening();
    company.settings.refunds = 'credit_memo';
    company.hear(paymentEvent('refunded', { revision: 3, refunds: [refund(700, 'r2')] }));
    company.evening();
    expect(company.find('refund').map((document) => document.as)).toEqual(['refund_receipt', 'credit_memo']);
  });

  it.each([
    ['the refund first', [refunded(refund(5_000))], [inspectionEvent('updated', { revision: 2, lines: [line(), adjustment(5_000)] })]],
    ['the line first', [inspectionEvent('updated', { revision: 2, lines: [line(), adjustment(5_000)] })], [refunded(refund(5_000))]],
  ])('books a refund with a line of the same amount once, never twice: %s', (_, first, second) => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent());
    company.evening();
    company.hear(...first);
    company.evening();
    company.hear(...second);
    company.evening();
    // Booked twice, income would be cut by 100.00 for 50.00 given back.
    expect(company.find('invoice')[0]?.totalCents).toBe(40_000);
    expect(company.find('refund')).toMatchObject([{ totalCents: 5_000 }]);
  });

  it('lets each refund excuse one line', () => {
    const company = openCompany();
    const lines = [line(), adjustment(5_000), { ...adjustment(5_000), id: '812-10' }];
    company.hear(inspectionEvent('updated', { lines }), refunded(refund(5_000)));
    const { plan } = company.evening();
    expect(company.find('invoice')[0]?.totalCents).toBe(35_000);
    expect(plan.holds).toMatchObject([{ reason: { code: 'refund_adjustment_without_refund', amountCents: -5_000 } }]);
  });

  it('keeps a line of another amount on the invoice and asks a person', () => {
    const company = openCompany();
    company.hear(inspectionEvent('updated', { lines: [line(), adjustment(4_999)] }), refunded(refund(5_000)));
    const { plan } = company.evening();
    expect(company.find('invoice')[0]?.lines.at(-1)).toMatchObject({ amountCents: -4_999, item: { role: 'refund' } });
    expect(plan.holds).toMatchObject([{ reason: { code: 'refund_adjustment_without_refund' } }]);
  });

  it('asks a person about a negative fee as large as a refund: it may be the refund under another name', () => {
    const company = openCompany();
    const fee = line({ id: '812-9', kind: 'fee', name: 'Refund', unitAmountCents: -5_000 });
    company.hear(inspectionEvent('updated', { lines: [line(), fee] }), refunded(refund(5_000)));
    const { plan } = company.evening();
    expect(plan.holds).toMatchObject([{ subject: 'inspection/812', reason: { code: 'refund_or_fee_unclear', amountCents: -5_000 } }]);
    expect(company.find('invoice')[0]?.totalCents).toBe(35_000);
  });

  it('waits with its payment', () => {
    const company = openCompany();
    company.hear(inspectionEvent('scheduled', { status: 'unconfirmed' }), refunded(refund(5_000)));
    const { plan } = company.evening();
    expect(plan.holds.map(({ reason }) => reason.code)).toEqual(['unconfirmed', 'inspection_unconfirmed', 'refund_waits_for_payment']);
    expect(plan.holds.at(-1)).toMatchObject({ key: 'refund/9812/r1', reason: { amountCents: 5_000 } });
  });

  it('posts although the inspection is canceled, once its payment is posted', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent());
    company.evening();
    company.hear(inspectionEvent('canceled', { revision: 2, status: 'canceled' }), refunded(refund(5_000)));
    const { plan, operations } = company.evening();
    expect(operations).toMatchObject([{ kind: 'create', key: 'refund/9812/r1' }]);
    expect(plan.holds).toMatchObject([{ reason: { code: 'canceled_but_paid', amountCents: 35_000 } }]);
  });

  it('asks a person about the refund of a payment that was itself taken back', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent());
    company.evening();
    company.hear(refunded(refund(5_000)), paymentEvent('returned', { revision: 3 }));
    expect(company.evening().plan.holds).toMatchObject([{ reason: { code: 'refund_of_reversed_payment' } }]);
  });

  it('says nothing of refunds of payments the company does not post', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent('refunded', { processor: 'external', refunds: [refund(5_000)] }));
    expect(company.evening().plan.holds).toEqual([]);
  });
});

it('gathers a refund receipt into the deposit of the payout that took it, before or after the one that paid', () => {
  const company = openCompany();
  company.hear(inspectionEvent(), refunded(refund(5_000)));
  company.hear(
    payoutEvent([
      { kind: 'payment', paymentId: '9812', amountCents: 40_000 },
      { kind: 'refund', paymentId: '9812', amountCents: -5_000 },
      { kind: 'fee', paymentId: '9812', amountCents: 160 },
      { kind: 'refund_fee', paymentId: '9812', amountCents: -45 },
    ]),
  );
  company.evening();
  expect(company.find('deposit')[0]).toMatchObject({
    totalCents: 35_115,
    lines: [
      { kind: 'document', documentKey: 'payment/9812', amountCents: 40_000 },
      { kind: 'document', documentKey: 'refund/9812/r1', amountCents: -5_000 },
      { account: { role: 'processing_fees' }, amountCents: 160 },
      { account: { role: 'refund_fees' }, amountCents: -45 },
    ],
  });
});
