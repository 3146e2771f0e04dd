import { describe, expect, it } from 'vitest';
import { openCompany } from '../test/company-books.ts';
import { inspectionEvent, paymentEvent, payoutEvent } from '../test/events.ts';
import type { CompanySettingsInput } from './settings.ts';

const paid = { kind: 'payment', paymentId: '9812', amountCents: 40_000 } as const;
const fee = { kind: 'fee', paymentId: '9812', amountCents: -1_340 } as const;
const accounts = { processingFees: '61', refundFees: '62', returns: '63', disputes: '64' };

const clearingCents = (company: ReturnType<typeof openCompany>) =>
  company
    .find('deposit')
    .flatMap(({ lines }) => lines)
    .reduce((sum, line) => sum + (line.kind === 'account' && line.account.role === 'returns' ? line.amountCents : 0), 0);
const refund = (id: string, at: string) => ({ id, amountCents: 5_000, refundedAt: at });
const more = (id: string) => ({ kind: 'payment', paymentId: id, amountCents: 10_000 }) as const;

function paidCompany(input: Partial<CompanySettingsInput> = {}) {
  const company = openCompany({ accounts, ...input });
  company.hear(inspectionEvent(), paymentEvent());
  company.evening();
  return company;
}

describe('rule 11: "a QBO deposit per payout, equal to the bank amount; refuse to post if not"', () => {
  it('gathers the posted payments and books the fees', () => {
    const company = paidCompany();
    company.hear(payoutEvent([paid, fee], { arrivedAt: '2026-06-03T04:59:59.000Z' }));
    company.evening();
    expect(company.find('deposit')).toEqual([
      {
        type: 'deposit',
        key: 'deposit/31',
        payoutId: '31',
        date: '2026-06-02',
        totalCents: 38_660,
        lines: [
          { kind: 'document', documentKey: 'payment/9812', amountCents: 40_000 },
          { kind: 'account', account: { role: 'processing_fees', id: '61' }, description: 'Processing fees', amountCents: -1_340 },
        ],
      },
    ]);
  });

  it('posts in the same evening as its payments, after them', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent(), payoutEvent([paid, fee]));
    expect(company.evening().operations.at(-1)).toMatchObject({ kind: 'create', key: 'deposit/31', after: ['payment/9812'] });
  });

  it('gathers sales receipts just so', () => {
    const company = paidCompany({ mode: 'sales_receipt' });
    company.hear(payoutEvent([paid, fee]));
    company.evening();
    expect(company.find('deposit')[0]?.lines[0]).toEqual({ kind: 'document', documentKey: 'sales_receipt/9812', amountCents: 40_000 });
  });

  it('holds one that does not add up, with the difference', () => {
    const company = paidCompany();
    company.hear(payoutEvent([paid, fee], { netCents: 38_700 }));
    const { plan, operations } = company.evening();
    expect(operations).toEqual([]);
    expect(plan.holds).toMatchObject([
      {
        subject: 'payout/31',
        key: 'deposit/31',
        reason: {
          code: 'payout_does_not_add_up',
          amountCents: 40,
          message: 'Payout 31 of $387.00 is $0.40 more than its items add up to.',
        },
      },
    ]);
  });

  it('holds one that brings no money to the bank', () => {
    const company = paidCompany();
    company.hear(payoutEvent([{ kind: 'fee', amountCents: -1_500 }]));
    expect(company.evening().plan.holds).toMatchObject([{ reason: { code: 'payout_not_positive', amountCents: -1_500 } }]);
  });

  it.each([
    ['a payment nobody told of', { ...paid, paymentId: '1' }],
    ['a payment of another amount', { ...paid, amountCents: 39_999 }],
    ['a refund nobody told of', { kind: 'refund' as const, paymentId: '9812', amountCents: -100 }],
    ['a dispute about a payment nobody told of', { kind: 'dispute' as const, paymentId: '1', amountCents: -100 }],
    ['the return of a payment nobody told of', { kind: 'ach_return' as const, paymentId: '1', amountCents: -100 }],
    ['a payment without id', { kind: 'payment' as const, amountCents: 100 }],
  ])('waits for %s, and names it', (_, item) => {
    const company = paidCompany();
    company.hear(paymentEvent('settled', { id: '9813', amountCents: 50_000 }));
    company.evening();
    company.hear(payoutEvent([{ kind: 'payment', paymentId: '9813', amountCents: 50_000 }, item]));
    const { plan, operations } = company.evening();
    expect(operations).toEqual([]);
    expect(plan.holds).toMatchObject([{ reason: { code: 'payout_waits_for_documents', amountCents: item.amountCents } }]);
    expect(plan.holds[0]?.reason.message).toContain(`payment ${'paymentId' in item ? item.paymentId : 'without id'}`);
  });

  it('lets fees stand alone, and leaves out items of nothing', () => {
    const company = paidCompany();
    company.hear(payoutEvent([paid, { kind: 'fee', amountCents: 0 }, { kind: 'dispute', paymentId: '1', amountCents: 0 }]));
    company.evening();
    expect(company.find('deposit')[0]?.lines).toHaveLength(1);
  });

  it('takes the later statement of a payout that is already deposited', () => {
    const company = paidCompany();
    company.hear(payoutEvent([paid, fee]));
    company.evening();
    company.hear(payoutEvent([paid, { ...fee, amountCents: -1_300 }], {}, '2026-06-02T20:00:00.000Z'));
    expect(company.evening().operations).toMatchObject([{ kind: 'update', document: { totalCents: 38_700 } }]);
  });
});

describe('a payment returned by the bank', () => {
  const ach = { method: 'ach', settledAt: '2026-06-01T15:00:00.000Z' } as const;
  const returned = paymentEvent('returned', { ...ach, revision: 2 });
  const backItem = { kind: 'ach_return', paymentId: '9812', amountCents: -40_000 } as const;
  const other = { kind: 'payment', paymentId: '9813', amountCents: 50_000 } as const;

  it('leaves its deposit before it is voided, the deposit still equals the bank line, and the clearing account nets to zero', () => {
    const company = openCompany({ accounts });
    company.hear(inspectionEvent(), paymentEvent('settled', ach));
    company.hear(
      inspectionEvent('confirmed', { id: '813' }),
      paymentEvent('settled', { id: '9813', inspectionId: '813', amountCents: 50_000 }),
    );
    company.hear(payoutEvent([paid, fee]));
    company.evening();
    company.hear(returned, payoutEvent([other, backItem, { kind: 'fee', paymentId: '9812', amountCents: -400 }], { id: '32' }));
    const { operations } = company.evening();
    expect(operations.map(({ kind, key, after }) => ({ kind, key, after }))).toEqual([
      { kind: 'void', key: 'payment/9812', after: ['deposit/31'] },
      { kind: 'update', key: 'deposit/31', after: [] },
      { kind: 'create', key: 'deposit/32', after: [] },
    ]);
    expect(company.find('deposit', 'deposit/31')[0]).toMatchObject({
      totalCents: 38_660,
      lines: [{ kind: 'account', account: { role: 'returns', id: '63' }, amountCents: 40_000 }, { account: { role: 'processing_fees' } }],
    });
    expect(clearingCents(company)).toBe(0);
    expect(company.evening().operations).toEqual([]);
  });

  it('nets to zero too when the payout tells of the return before the payment does', () => {
    const company = openCompany({ accounts });
    company.hear(inspectionEvent(), paymentEvent('settled', ach), paymentEvent('settled', { id: '9813', amountCents: 50_000 }));
    company.hear(payoutEvent([paid, fee]), payoutEvent([other, backItem], { id: '32' }));
    company.evening();
    expect(clearingCents(company)).toBe(-40_000);
    company.hear(returned);
    company.evening();
    expect(clearingCents(company)).toBe(0);
  });

  it('goes through the clearing account when it was returned before it was ever posted', () => {
    const company = openCompany({ accounts });
    company.hear(inspectionEvent(), paymentEvent('settled', ach), returned);
    company.hear(payoutEvent([paid, fee]));
    company.evening();
    expect(company.find('payment')).toEqual([]);
    expect(company.find('deposit')[0]).toMatchObject({ totalCents: 38_660 });
  });
});

it('books disputed money to the disputes account: taken, and given back when won', () => {
  const company = paidCompany();
  company.hear(paymentEvent('settled', { id: '9813', amountCents: 90_000 }));
  company.evening();
  company.hear(
    payoutEvent([
      { kind: 'payment', paymentId: '9813', amountCents: 90_000 },
      { kind: 'dispute', paymentId: '9812', amountCents: -40_000 },
      { kind: 'fee', paymentId: '9812', amountCents: -1_500 },
    ]),
    payoutEvent(
      [
        { kind: 'dispute', paymentId: '9812', amountCents: 40_000 },
        { kind: 'fee', paymentId: '9812', amountCents: 1_500 },
      ],
      { id: '32' },
    ),
  );
  company.evening();
  const lines = company.find('deposit').map((deposit) => deposit.lines.filter((line) => line.kind === 'account'));
  expect(lines).toMatchObject([
    [
      { account: { role: 'disputes', id: '64' }, amountCents: -40_000 },
      { account: { role: 'processing_fees' }, amountCents: -1_500 },
    ],
    [
      { account: { role: 'disputes', id: '64' }, amountCents: 40_000 },
      { account: { role: 'processing_fees' }, amountCents: 1_500 },
    ],
  ]);
});

describe('what several payouts claim', () => {
  const back = { kind: 'refund', paymentId: '9812', amountCents: -5_000 } as const;

  it('gives each of two equal refunds to one payout, in the order they arrived', () => {
    const company = paidCompany();
    const refunds = [refund('r1', '2026-06-02T15:00:00.000Z'), refund('r2', '2026-06-03T15:00:00.000Z')];
    company.hear(paymentEvent('refunded', { revision: 2, refunds }));
    for (const id of ['1', '2']) company.hear(paymentEvent('settled', { id, amountCents: 10_000 }));
    company.evening();
    company.hear(
      payoutEvent([more('2'), back], { id: '32', arrivedAt: '2026-06-04T15:00:00.000Z' }),
      payoutEvent([more('1'), back], { id: '31', arrivedAt: '2026-06-03T15:00:00.000Z' }),
    );
    company.evening();
    const refundOf = (key: string) => company.find('deposit', key)[0]?.lines[1];
    expect(refundOf('deposit/31')).toMatchObject({ documentKey: 'refund/9812/r1' });
    expect(refundOf('deposit/32')).toMatchObject({ documentKey: 'refund/9812/r2' });
  });

  it('leaves a deposit the refund it holds when an earlier payout is heard of later', () => {
    const company = paidCompany();
    company.hear(paymentEvent('refunded', { revision: 2, refunds: [refund('r1', '2026-06-02T15:00:00.000Z')] }));
    for (const id of ['1', '2']) company.hear(paymentEvent('settled', { id, amountCents: 10_000 }));
    company.hear(payoutEvent([more('2'), back], { id: '32', arrivedAt: '2026-06-04T15:00:00.000Z' }));
    company.evening();
    company.hear(
      paymentEvent('refunded', { revision: 3, refunds: [refund('r2', '2026-06-03T15:00:00.000Z')] }),
      payoutEvent([more('1'), back], { id: '31', arrivedAt: '2026-06-03T15:00:00.000Z' }),
    );
    expect(company.evening().operations.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['create refund/9812/r2', 'create deposit/31']);
  });

  it('deposits a payment once, although two payouts claim it', () => {
    const company = paidCompany();
    company.hear(payoutEvent([paid]), payoutEvent([paid], { id: '32', arrivedAt: '2026-06-05T15:00:00.000Z' }));
    const { plan } = company.evening();
    expect(company.find('deposit').map(({ key }) => key)).toEqual(['deposit/31']);
    expect(plan.holds).toMatchObject([{ subject: 'payout/32', reason: { code: 'payout_waits_for_documents' } }]);
  });
});

it('books the money of a credit memo to the clearing account, against the credit on the customer', () => {
  const company = paidCompany({ refunds: 'credit_memo' });
  company.hear(
    paymentEvent('refunded', { revision: 2, refunds: [{ id: 'r1', amountCents: 5_000, refundedAt: '2026-06-02T15:00:00.000Z' }] }),
  );
  company.hear(payoutEvent([paid, { kind: 'refund', paymentId: '9812', amountCents: -5_000 }]));
  company.evening();
  expect(company.find('deposit')[0]?.lines[1]).toEqual({
    kind: 'account',
    account: { role: 'returns', id: '63' },
    description: 'Refund r1, credit memo spr1',
    amountCents: -5_000,
  });
});

it('moves a payment to the payout that claims it when a later statement of the former one no longer does', () => {
  const company = paidCompany();
  company.hear(paymentEvent('settled', { id: '1', amountCents: 10_000 }), payoutEvent([paid, more('1')]));
  company.evening();
  company.hear(payoutEvent([more('1')], {}, '2026-06-03T15:15:00.000Z'), payoutEvent([paid], { id: '32' }, '2026-06-03T15:15:00.000Z'));
  expect(company.evening().operations.map(({ kind, key, after }) => `${kind} ${key} ${after.join()}`)).toEqual([
    'update deposit/31 ',
    'create deposit/32 deposit/31',
  ]);
});
