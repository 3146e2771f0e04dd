import { describe, expect, it } from 'vitest';
import { openCompany } from '../test/company-books.ts';
import { inspectionEvent, line, paymentEvent } from '../test/events.ts';
import type { Plan } from './plan.ts';

const codes = ({ holds, skips }: Plan) => [...holds, ...skips].map(({ subject, reason }) => `${subject} ${reason.code}`);

describe('rule 1: "Booking an inspection makes a QBO Customer for the client named on it"', () => {
  it('creates the customer as a person writes the name', () => {
    const company = openCompany();
    company.hear(
      inspectionEvent('confirmed', { client: { id: '77', firstName: 'Dee  Dee', lastName: 'Mc\tAllaster: Jr.', company: 'Blue Ladle' } }),
    );
    company.evening();
    expect(company.find('customer')).toEqual([
      {
        type: 'customer',
        key: 'customer/77',
        clientId: '77',
        displayName: 'Dee  Dee Mc\tAllaster: Jr.',
        givenName: 'Dee  Dee',
        familyName: 'Mc\tAllaster: Jr.',
        companyName: 'Blue Ladle',
        asOf: '2026-06-01T14:00:00.000Z',
      },
    ]);
  });

  it.each([
    [{ id: '77', firstName: '', lastName: '', company: 'Fernhill LLC' }, 'Fernhill LLC'],
    [{ id: '77', firstName: '', lastName: '', email: 'a@example.com' }, 'a@example.com'],
    [{ id: '77', firstName: '', lastName: '' }, 'Client 77'],
    [{ id: '77', firstName: 'Ng', lastName: '' }, 'Ng'],
  ])('names a client without a full name: %o', (client, displayName) => {
    const company = openCompany();
    company.hear(inspectionEvent('confirmed', { client }));
    company.evening();
    expect(company.find('customer')[0]?.displayName).toBe(displayName);
  });

  it('"unconfirmed inspections are left out until they are confirmed"', () => {
    const company = openCompany();
    company.hear(inspectionEvent('scheduled', { status: 'unconfirmed' }));
    expect(codes(company.evening().plan)).toEqual(['inspection/812 unconfirmed']);
    expect(company.books().size).toBe(0);
    company.hear(inspectionEvent('confirmed', { revision: 2 }));
    company.evening();
    expect([...company.books().keys()]).toEqual(['customer/77', 'invoice/812']);
  });

  it('makes two customers of two client ids with one name, and one of one id with a new e-mail address', () => {
    const company = openCompany();
    const jolene = { firstName: 'Jolene', lastName: 'Chaudry' };
    company.hear(
      inspectionEvent('confirmed', { id: '1', client: { id: '77', ...jolene, email: 'old@example.com' } }, '2026-06-01T14:00:00.000Z'),
      inspectionEvent('confirmed', { id: '2', client: { id: '77', ...jolene, email: 'new@example.com' } }, '2026-06-01T15:00:00.000Z'),
      inspectionEvent('confirmed', { id: '3', client: { id: '78', ...jolene } }),
    );
    company.evening();
    expect(company.find('customer').map(({ key, email }) => [key, email])).toEqual([
      ['customer/77', 'new@example.com'],
      ['customer/78', undefined],
    ]);
  });
});

describe('rule 2: "Once the booked inspection has services and fees, a QBO Invoice is made for that inspection"', () => {
  it('has one line per service, add-on, fee and discount, and tax apart', () => {
    const company = openCompany();
    company.hear(
      inspectionEvent('confirmed', {
        lines: [
          line({ id: 'a' }),
          line({ id: 'b', kind: 'addon', unitAmountCents: 15_000 }),
          line({ id: 'c', kind: 'fee', quantity: 12.5, unitAmountCents: 67 }),
          line({ id: 'd', kind: 'discount', unitAmountCents: -50_000 }),
          line({ id: 'e', kind: 'tax', unitAmountCents: 401 }),
        ],
      }),
    );
    company.evening();
    const [invoice] = company.find('invoice');
    expect(invoice?.lines.map(({ lineId, amountCents }) => [lineId, amountCents])).toEqual([
      ['a', 40_000],
      ['b', 15_000],
      ['c', 838],
      ['d', -50_000],
    ]);
    expect(invoice).toMatchObject({ docNumber: 'sp812', taxCents: 401, totalCents: 6_239, customerKey: 'customer/77' });
  });

  it('makes the customer and waits with the invoice while there are no lines', () => {
    const company = openCompany();
    company.hear(inspectionEvent('confirmed', { lines: [] }));
    expect(codes(company.evening().plan)).toEqual(['inspection/812 no_lines']);
    expect([...company.books().keys()]).toEqual(['customer/77']);
  });

  it('updates that invoice the same evening when the inspection changes', () => {
    const company = openCompany();
    company.hear(inspectionEvent());
    company.evening();
    company.hear(
      inspectionEvent('updated', { revision: 2, lines: [line(), line({ id: '812-2', kind: 'addon', unitAmountCents: 9_000 })] }),
    );
    expect(company.evening().operations.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['update invoice/812']);
    expect(company.find('invoice')[0]?.totalCents).toBe(49_000);
  });

  it('has nothing to post for a total of zero, and says so', () => {
    const company = openCompany();
    company.hear(inspectionEvent('confirmed', { lines: [line(), line({ id: '2', kind: 'discount', unitAmountCents: -40_000 })] }));
    const { plan } = company.evening();
    expect(codes(plan)).toEqual(['inspection/812 zero_total']);
    expect(plan.skips[0]?.reason.message).toBe('Inspection 2026-00812 (Jolene Chaudry) comes to $0.00: there is nothing to post.');
    expect(company.find('invoice')).toEqual([]);
  });

  it('keeps an invoice that came to zero after it was posted', () => {
    const company = openCompany();
    company.hear(inspectionEvent());
    company.evening();
    company.hear(inspectionEvent('updated', { revision: 2, lines: [line({ unitAmountCents: 0 })] }));
    company.evening();
    expect(company.find('invoice')[0]).toMatchObject({ totalCents: 0, lines: [{ amountCents: 0 }] });
  });

  it('waits for a person with a total below zero, and leaves what is posted', () => {
    const company = openCompany();
    company.hear(inspectionEvent());
    company.evening();
    company.hear(inspectionEvent('updated', { revision: 2, lines: [line({ unitAmountCents: -500 })] }));
    expect(codes(company.evening().plan)).toEqual(['inspection/812 negative_total']);
    expect(company.find('invoice')[0]?.totalCents).toBe(40_000);
  });
});

describe('rule 6: "The doc number is sp followed by the internal number"', () => {
  it('waits for a person when QuickBooks would not take it, and posts once the template is shorter', () => {
    const id = '1234567890123456';
    const company = openCompany({ docNumbers: { invoice: 'INSPECTION{inspectionId}' } });
    company.hear(inspectionEvent('confirmed', { id }));
    expect(codes(company.evening().plan)).toEqual([`inspection/${id} doc_number_too_long`]);
    const shorter = openCompany();
    shorter.hear(inspectionEvent('confirmed', { id }));
    shorter.evening();
    expect(shorter.find('invoice')[0]?.docNumber).toBe(`sp${id}`);
  });
});

describe('rule 8: canceled or deleted', () => {
  it.each([
    ['void', 'canceled'],
    ['delete', 'deleted'],
  ] as const)('takes the invoice back by %s when it is %s unpaid', (onCancel, status) => {
    const company = openCompany({ onCancel });
    company.hear(inspectionEvent());
    company.evening();
    company.hear(inspectionEvent(status, { revision: 2, status }));
    expect(company.evening().operations).toMatchObject([{ kind: onCancel, key: 'invoice/812' }]);
    expect(company.evening().operations).toEqual([]);
  });

  it('leaves nothing behind when it is canceled before the first evening', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), inspectionEvent('canceled', { revision: 2, status: 'canceled' }));
    expect(company.evening().operations).toEqual([]);
  });

  it('keeps a paid one as posted and waits for a person', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent());
    company.evening();
    company.hear(inspectionEvent('canceled', { revision: 2, status: 'canceled' }));
    const { plan, operations } = company.evening();
    expect(operations).toEqual([]);
    expect(plan.holds).toMatchObject([{ subject: 'inspection/812', reason: { code: 'canceled_but_paid', amountCents: 40_000 } }]);
  });

  it('holds a payment that comes for a canceled inspection', () => {
    const company = openCompany();
    company.hear(inspectionEvent());
    company.evening();
    company.hear(inspectionEvent('canceled', { revision: 2, status: 'canceled' }), paymentEvent());
    expect(codes(company.evening().plan)).toEqual(['inspection/812 canceled_but_paid', 'payment/9812 payment_on_canceled']);
    expect(company.find('payment')).toEqual([]);
  });

  it('does not count money that has not come, that was taken back, or that the company does not post', () => {
    const company = openCompany();
    company.hear(
      inspectionEvent(),
      paymentEvent('initiated', { id: '1', method: 'ach' }),
      paymentEvent('failed', { id: '2' }),
      paymentEvent('settled', { id: '3', processor: 'external', method: 'cash' }),
    );
    company.evening();
    company.hear(inspectionEvent('canceled', { revision: 2, status: 'canceled' }));
    expect(company.evening().operations).toMatchObject([{ kind: 'void', key: 'invoice/812' }]);
  });

  it('gives a restored inspection a live invoice under its old number', () => {
    const company = openCompany();
    company.hear(inspectionEvent());
    company.evening();
    company.hear(inspectionEvent('canceled', { revision: 2, status: 'canceled' }));
    company.evening();
    company.hear(inspectionEvent('updated', { revision: 3 }));
    expect(company.evening().operations).toMatchObject([{ kind: 'create', key: 'invoice/812', document: { docNumber: 'sp812' } }]);
  });

  it('needs nobody when the money of a canceled inspection all went back', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent());
    company.evening();
    const refunds = [{ id: 'r1', amountCents: 40_000, refundedAt: '2026-06-02T15:00:00.000Z' }];
    company.hear(inspectionEvent('canceled', { revision: 2, status: 'canceled' }), paymentEvent('refunded', { revision: 2, refunds }));
    const { plan, operations } = company.evening();
    expect(plan.holds).toEqual([]);
    expect(codes(plan)).toEqual(['inspection/812 canceled_and_refunded']);
    expect(operations.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['create refund/9812/r1']);
  });
});

describe('rule 9: synchronization start and invoice date', () => {
  it('skips earlier inspections with a reason, payments included', () => {
    const company = openCompany({ syncFrom: '2026-06-02' });
    company.hear(inspectionEvent(), paymentEvent());
    expect(codes(company.evening().plan)).toEqual(['inspection/812 before_sync_start', 'payment/9812 before_sync_start']);
    expect(company.books().size).toBe(0);
  });

  it('keeps an inspection up that moves before the start after it was posted', () => {
    const company = openCompany({ syncFrom: { by: 'scheduledAt', from: '2026-06-03' } });
    company.hear(inspectionEvent());
    company.evening();
    company.hear(inspectionEvent('rescheduled', { revision: 2, scheduledAt: '2026-06-02T14:00:00.000Z' }), paymentEvent());
    company.evening();
    expect(company.find('invoice')[0]?.date).toBe('2026-06-02');
    expect(company.find('payment')).toHaveLength(1);
  });

  it.each([
    ['scheduled', '2026-06-03'],
    ['created', '2026-06-01'],
    ['published', '2026-06-05'],
    ['confirmed', '2026-06-02'],
  ] as const)('dates the invoice by the day it was %s, on the company-local calendar', (invoiceDate, date) => {
    const company = openCompany({ invoiceDate });
    company.hear(
      inspectionEvent('scheduled', { status: 'unconfirmed', createdAt: '2026-06-02T04:59:00.000Z' }),
      inspectionEvent('confirmed', { revision: 2, createdAt: '2026-06-02T04:59:00.000Z' }, '2026-06-03T04:59:59.000Z'),
      inspectionEvent('published', {
        revision: 3,
        status: 'published',
        createdAt: '2026-06-02T04:59:00.000Z',
        publishedAt: '2026-06-06T04:59:00.000Z',
      }),
    );
    company.evening();
    expect(company.find('invoice')[0]?.date).toBe(date);
  });

  it('waits while the day it is dated by is not known', () => {
    const company = openCompany({ invoiceDate: 'published' });
    company.hear(inspectionEvent(), paymentEvent());
    expect(codes(company.evening().plan)).toEqual(['inspection/812 invoice_date_unknown', 'payment/9812 no_invoice']);
  });
});

describe('a client corrected or replaced after the invoice', () => {
  it('corrects the customer where it stands', () => {
    const company = openCompany();
    company.hear(inspectionEvent());
    company.evening();
    company.hear(
      inspectionEvent(
        'updated',
        { revision: 2, client: { id: '77', firstName: 'Jolene', lastName: 'Chaudhry' } },
        '2026-06-02T14:00:00.000Z',
      ),
    );
    expect(company.evening().operations.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['update customer/77']);
  });

  it('moves an unpaid invoice to the new client, and lets the former customer be', () => {
    const company = openCompany();
    company.hear(inspectionEvent());
    company.evening();
    company.hear(inspectionEvent('updated', { revision: 2, client: { id: '78', firstName: 'Noor', lastName: 'Quist' } }), paymentEvent());
    expect(company.evening().operations.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      'create customer/78',
      'update invoice/812',
      'create payment/9812',
    ]);
    expect(company.find('customer')).toHaveLength(2);
  });

  it('holds it when money is posted in the name of the former one: what else changed still reaches the invoice', () => {
    const company = openCompany();
    company.hear(inspectionEvent(), paymentEvent('settled', { amountCents: 10_000 }));
    company.evening();
    company.hear(
      inspectionEvent('updated', {
        revision: 2,
        lines: [line({ unitAmountCents: 45_000 })],
        client: { id: '78', firstName: 'Noor', lastName: 'Quist' },
      }),
      paymentEvent('settled', { id: '9813', amountCents: 35_000 }),
    );
    const { plan, operations } = company.evening();
    expect(codes(plan)).toEqual(['inspection/812 client_replaced_after_payment']);
    expect(operations.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['update invoice/812', 'create payment/9813']);
    expect(company.find('invoice')[0]).toMatchObject({ customerKey: 'customer/77', totalCents: 45_000 });
  });
});
