import { describe, expect, it } from 'vitest';
import { openCompany } from '../test/company-books.ts';
import { inspectionEvent, line, paymentEvent, payoutEvent } from '../test/events.ts';
import type { Plan } from './plan.ts';

const codes = ({ holds, skips }: Plan) => [...holds, ...skips].map(({ subject, reason }) => `${subject} ${reason.code}`);
const addon = line({ id: '812-2', kind: 'addon', unitAmountCents: 15_000 });

describe('rule 3: "When the client\'s payment is received, a QBO Payment is made"', () => {
  it.each(['card', 'bnpl', 'cash', 'check', 'other'] as const)('posts %s when received, before it is settled', (method) => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent('initiated', { method, receivedAt: '2026-06-02T04:59:00.000Z' }));
    company.evening();
    expect(company.find('payment')).toEqual([
      {
        type: 'payment',
        key: 'payment/9812',
        inspectionId: '812',
        customerKey: 'customer/77',
        date: '2026-06-01',
        totalCents: 40_000,
        paymentId: '9812',
        referenceNumber: 'spp9812',
        invoiceKey: 'invoice/812',
        applyCents: 40_000,
        method,
      },
    ]);
  });

  it('"ACH is not posted until fully processed": until then a visible hold with the amount and the days in flight', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent('initiated', { method: 'ach' }));
    const { plan } = company.evening('2026-06-04');
    expect(plan.holds).toEqual([
      {
        subject: 'payment/9812',
        key: 'payment/9812',
        reason: {
          code: 'ach_in_flight',
          message:
            'Payment 9812 of $400.00 by bank transfer (ACH) is on its way for 3 days and not settled yet. A bank transfer posts once it has settled, so that one that fails never reaches the books.',
          remedy: 'It posts by itself in the evening after it settles, usually within about 4 business days.',
          amountCents: 40_000,
          since: '2026-06-01T15:00:00.000Z',
          daysWaited: 3,
        },
      },
    ]);
    expect(company.evening('2026-06-09').plan.holds[0]?.reason.remedy).toContain('longer than 7 days');
    expect(company.find('payment')).toEqual([]);
  });

  it('posts ACH on the day it settled, whether or not it was ever heard to be initiated', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent('settled', { method: 'ach', settledAt: '2026-06-05T15:00:00.000Z' }));
    company.evening();
    expect(company.find('payment')[0]?.date).toBe('2026-06-05');
  });

  it('"ACH payments that later failed had already been posted": a failed one never reaches QuickBooks', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent('initiated', { method: 'ach' }), paymentEvent('failed', { method: 'ach', revision: 2 }));
    expect(codes(company.evening().plan)).toEqual(['payment/9812 payment_failed']);
    expect(company.find('payment')).toEqual([]);
  });

  it('reverses an ACH that is returned after posting: the payment is void, the invoice open again', () => {
    const company = openCompany();
    const settledAt = '2026-06-01T15:00:00.000Z';
    company.hear(inspectionEvent(), paymentEvent('settled', { method: 'ach', settledAt }));
    company.evening();
    company.hear(paymentEvent('returned', { method: 'ach', settledAt, revision: 2 }));
    expect(company.evening().operations).toMatchObject([{ kind: 'void', key: 'payment/9812' }]);
    const { plan, operations } = company.evening();
    expect(operations).toEqual([]);
    expect(plan.skips[0]?.reason.message).toContain('taken back in QuickBooks, and its invoice is open again');
  });

  it('counts pay at close when a payout contains it, dated by the payout', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent('settled', { method: 'pay_at_close', settledAt: '2026-06-02T15:00:00.000Z' }));
    expect(codes(company.evening().plan)).toEqual(['payment/9812 pay_at_close_not_paid_out']);
    company.hear(
      payoutEvent([
        { kind: 'payment', paymentId: '9812', amountCents: 40_000 },
        { kind: 'fee', paymentId: '9812', amountCents: -5_000 },
      ]),
    );
    company.evening();
    expect(company.find('payment')[0]?.date).toBe('2026-06-02');
    expect(company.find('deposit')[0]).toMatchObject({
      totalCents: 35_000,
      lines: [{ kind: 'document' }, { account: { role: 'processing_fees' }, amountCents: -5_000 }],
    });
  });

  it('"An add-on bought days after booking and then paid: the evening run picks up that new payment"', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent());
    company.evening();
    company.hear(
      inspectionEvent('updated', { revision: 2, lines: [line(), addon] }),
      paymentEvent('settled', { id: '9813', amountCents: 15_000, receivedAt: '2026-06-03T15:00:00.000Z' }),
    );
    expect(company.evening().operations).toMatchObject([
      { kind: 'update', key: 'invoice/812' },
      { kind: 'create', key: 'payment/9813', document: { applyCents: 15_000 }, after: ['invoice/812'] },
    ]);
  });

  it('waits for an inspection nobody has told of, and for one that is not confirmed', () => {
    const company = openCompany();
    company.hear(paymentEvent());
    expect(codes(company.evening().plan)).toEqual(['payment/9812 inspection_unknown']);
    company.hear(inspectionEvent('scheduled', { status: 'unconfirmed' }));
    expect(codes(company.evening().plan)).toEqual(['inspection/812 unconfirmed', 'payment/9812 inspection_unconfirmed']);
  });

  it('follows a corrected amount, unless the payment is deposited: then a person is told', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent());
    company.evening();
    company.hear(paymentEvent('settled', { revision: 2, amountCents: 39_000 }));
    company.evening();
    expect(company.find('payment')[0]?.totalCents).toBe(39_000);
    company.hear(payoutEvent([{ kind: 'payment', paymentId: '9812', amountCents: 39_000 }]));
    company.evening();
    company.hear(paymentEvent('settled', { revision: 3, amountCents: 38_000 }));
    const { plan, operations } = company.evening();
    expect(operations).toEqual([]);
    expect(codes(plan)).toContain('payment/9812 payment_changed_after_deposit');
  });
});

describe('part payments and overpayment', () => {
  it('applies part payments of two payers up to the invoice', () => {
    const company = openCompany();
    company.hear(
      inspectionEvent(),
      paymentEvent('settled', { id: '1', amountCents: 25_000 }),
      paymentEvent('settled', { id: '2', amountCents: 15_000, receivedAt: '2026-06-01T16:00:00.000Z' }),
    );
    company.evening();
    expect(company.find('payment').map(({ applyCents }) => applyCents)).toEqual([25_000, 15_000]);
  });

  it('posts a payment for more than its invoice in full, and says how much stays the credit of the client', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent('settled', { amountCents: 42_501 }));
    const { plan } = company.evening();
    expect(company.find('payment')[0]).toMatchObject({ totalCents: 42_501, applyCents: 40_000 });
    expect(plan.skips).toMatchObject([{ reason: { code: 'unapplied_credit', amountCents: 2_501 } }]);
  });

  it('uses an earlier credit when the invoice grows, before a new payment takes the room', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent('settled', { id: '1', amountCents: 45_000 }));
    company.evening();
    company.hear(
      inspectionEvent('updated', { revision: 2, lines: [line(), addon] }),
      paymentEvent('settled', { id: '2', amountCents: 10_000, receivedAt: '2026-06-03T15:00:00.000Z' }),
    );
    expect(company.evening().operations).toMatchObject([
      { kind: 'update', key: 'invoice/812' },
      { kind: 'update', key: 'payment/1', document: { applyCents: 45_000 } },
      { kind: 'create', key: 'payment/2', document: { applyCents: 10_000 } },
    ]);
  });

  it('lets go of the latest payment first when the invoice is lowered, and takes it back when it is raised', () => {
    const company = openCompany();
    const applied = () => company.find('payment').map(({ applyCents }) => applyCents);
    company.hear(
      inspectionEvent(),
      paymentEvent('settled', { id: '1', amountCents: 25_000 }),
      paymentEvent('settled', { id: '2', amountCents: 15_000, receivedAt: '2026-06-01T16:00:00.000Z' }),
    );
    company.evening();
    company.hear(inspectionEvent('updated', { revision: 2, lines: [line({ unitAmountCents: 27_000 })] }));
    company.evening();
    expect(applied()).toEqual([25_000, 2_000]);
    company.hear(inspectionEvent('updated', { revision: 3 }));
    company.evening();
    expect(applied()).toEqual([25_000, 15_000]);
  });

  it('gives the room of a returned payment to the next one', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent('settled', { id: '1' }));
    company.evening();
    company.hear(
      paymentEvent('returned', { id: '1', revision: 2 }),
      paymentEvent('settled', { id: '2', receivedAt: '2026-06-03T15:00:00.000Z' }),
    );
    company.evening();
    expect(company.find('payment')).toMatchObject([{ key: 'payment/2', applyCents: 40_000 }]);
  });
});

describe('rule 4: "The integration must take money through the built-in payments"', () => {
  it('skips external payments with a reason', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent('settled', { processor: 'external', method: 'check' }));
    expect(codes(company.evening().plan)).toEqual(['payment/9812 external_payment']);
    expect(company.find('payment')).toEqual([]);
  });

  it('posts them when the company turns them on, and voids one that is removed with the X', () => {
    const company = openCompany({ postExternalPayments: true });
    const cash = { processor: 'external', method: 'cash' } as const;
    company.hear(inspectionEvent(), paymentEvent('settled', cash));
    company.evening();
    expect(company.find('payment')[0]?.method).toBe('cash');
    company.hear(paymentEvent('removed', { ...cash, revision: 2 }));
    expect(company.evening().operations).toMatchObject([{ kind: 'void', key: 'payment/9812' }]);
  });
});

describe('rule 5: "sales receipt information is generated and sent to QBO once a day"', () => {
  it('makes nothing before money moves, customers included', () => {
    const company = openCompany({ mode: 'sales_receipt' });
    company.hear(inspectionEvent());
    expect(company.evening().operations).toEqual([]);
  });

  it('makes one receipt a payment, with the lines of the inspection when it pays them exactly', () => {
    const company = openCompany({ mode: 'sales_receipt' });
    company.hear(inspectionEvent(), paymentEvent());
    company.evening();
    expect(company.find('sales_receipt')).toMatchObject([
      { key: 'sales_receipt/9812', docNumber: 'sp9812', referenceNumber: 'spp9812', totalCents: 40_000, lines: [{ lineId: '812-1' }] },
    ]);
    expect(company.find('customer')).toHaveLength(1);
    expect(company.find('invoice')).toEqual([]);
  });

  it('shows the add-on alone on the receipt that pays for it, and leaves the first receipt as it is', () => {
    const company = openCompany({ mode: 'sales_receipt' });
    company.hear(inspectionEvent(), paymentEvent());
    company.evening();
    company.hear(
      inspectionEvent('updated', { revision: 2, lines: [line(), addon] }),
      paymentEvent('settled', { id: '9813', amountCents: 15_000, receivedAt: '2026-06-03T15:00:00.000Z' }),
    );
    expect(company.evening().operations).toMatchObject([
      { kind: 'create', key: 'sales_receipt/9813', document: { lines: [{ lineId: '812-2' }] } },
    ]);
  });

  it('books a part payment as one line', () => {
    const company = openCompany({ mode: 'sales_receipt' });
    company.hear(inspectionEvent(), paymentEvent('settled', { amountCents: 10_000 }));
    company.evening();
    expect(company.find('sales_receipt')[0]?.lines).toMatchObject([
      { lineId: 'payment-9812', description: 'Payment for inspection 2026-00812', amountCents: 10_000 },
    ]);
  });

  it('moves a receipt to the client that replaced the former one', () => {
    const company = openCompany({ mode: 'sales_receipt' });
    company.hear(inspectionEvent(), paymentEvent());
    company.evening();
    company.hear(inspectionEvent('updated', { revision: 2, client: { id: '78', firstName: 'Noor', lastName: 'Quist' } }));
    expect(company.evening().operations.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      'create customer/78',
      'update sales_receipt/9812',
    ]);
  });

  it('voids the receipt of a returned payment', () => {
    const company = openCompany({ mode: 'sales_receipt' });
    company.hear(inspectionEvent(), paymentEvent());
    company.evening();
    company.hear(paymentEvent('returned', { revision: 2 }));
    expect(company.evening().operations).toMatchObject([{ kind: 'void', key: 'sales_receipt/9812' }]);
  });

  it('keeps an inspection in the mode it began with when the setting changes, so that its income is booked once', () => {
    const heard = [inspectionEvent(), paymentEvent('settled', { amountCents: 10_000 })];
    const before = openCompany({ mode: 'sales_receipt' });
    before.hear(...heard);
    before.evening();
    before.settings.mode = 'invoice_and_payment';
    before.hear(paymentEvent('settled', { id: '9813', amountCents: 30_000 }));
    before.evening();
    expect([...before.books().keys()]).toEqual(['customer/77', 'sales_receipt/9812', 'sales_receipt/9813']);
  });
});

describe('rule 8: disputes hold, the payment stands', () => {
  it.each(['disputed', 'dispute_lost'] as const)('posts a payment that is %s, and tells a person', (verb) => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent('settled'), paymentEvent(verb, { revision: 2 }));
    expect(codes(company.evening().plan)).toEqual([`payment/9812 ${verb}`]);
    expect(company.find('payment')).toHaveLength(1);
  });

  it('has nothing to say of a dispute that is won', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent('disputed'), paymentEvent('dispute_won', { revision: 2 }));
    expect(codes(company.evening().plan)).toEqual([]);
  });
});
