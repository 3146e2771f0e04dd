import { describe, expect, it } from 'vitest';
import { inspectionEvent, paymentEvent, payoutEvent } from '../test/events.ts';
import { EVENT_SCHEMAS, INSPECTION_VERBS, PAYMENT_VERBS, parseEvent } from './event.ts';

describe('parseEvent', () => {
  it.each([
    ['an inspection', inspectionEvent(), 'inspection/812', ['inspection/812']],
    ['a payment', paymentEvent(), 'payment/9812', ['payment/9812', 'inspection/812']],
    [
      'a payout',
      payoutEvent([
        { kind: 'payment', paymentId: '1', amountCents: 5 },
        { kind: 'fee', paymentId: '1', amountCents: -1 },
        { kind: 'fee', amountCents: -1 },
      ]),
      'payout/31',
      ['payout/31', 'payment/1'],
    ],
  ])('tells what %s is about, and all it tells something of', (_, body, subject, refs) => {
    expect(parseEvent(body)).toMatchObject({ outcome: 'known', companyId: 'co-1', subject, refs });
  });

  it('reads a closed day', () => {
    const totals = { paymentsCents: 1, refundsCents: 0, payoutsCents: 0 };
    const body = {
      type: 'day.closed',
      timestamp: '2026-06-02T00:50:00Z',
      data: { companyId: 'co-1', date: '2026-06-01', counts: {}, totals },
    };
    expect(parseEvent(body)).toMatchObject({ outcome: 'known', subject: 'day/2026-06-01' });
  });

  it('keeps an event of unknown kind, whatever it holds', () => {
    const body = { type: 'report.viewed', timestamp: '2026-06-01T14:00:00Z', data: { companyId: 'co-1', note: 'nothing to book' } };
    expect(parseEvent(body)).toEqual({
      outcome: 'unknown_type',
      companyId: 'co-1',
      type: 'report.viewed',
      timestamp: '2026-06-01T14:00:00Z',
      subject: 'event/report.viewed',
    });
  });

  it('keeps fields a newer platform has added', () => {
    const newer = inspectionEvent('confirmed', { weather: 'hail' });
    const parsed = parseEvent({ ...newer, sentBy: 'v2' });
    expect(parsed).toMatchObject({ outcome: 'known', event: { sentBy: 'v2', data: { inspection: { weather: 'hail' } } } });
  });

  it('says the path of every fault of a wrong shape at once', () => {
    const body = {
      type: 'payment.settled',
      data: { companyId: 'co-1', payment: { id: '1', inspectionId: '2', revision: 0, amountCents: 1.5, method: 'gold' } },
    };
    const parsed = parseEvent(body);
    expect(parsed).toMatchObject({ outcome: 'invalid', companyId: 'co-1' });
    expect(parsed.outcome === 'invalid' && parsed.issues.map(({ path }) => path)).toEqual([
      'timestamp',
      'data.payment.amountCents',
      'data.payment.method',
      'data.payment.processor',
      'data.payment.receivedAt',
    ]);
  });

  it.each([[null], ['text'], [[]], [{}], [{ type: 'x.y' }], [{ type: 7 }]])('refuses %o without throwing', (body) => {
    expect(parseEvent(body).outcome).toBe('invalid');
  });

  it('refuses money that is no whole number of cents, and a refund that is not positive', () => {
    expect(parseEvent(paymentEvent('settled', { amountCents: 0 })).outcome).toBe('invalid');
    const refunds = [{ id: 'r', amountCents: -5, refundedAt: '2026-06-01T14:00:00Z' }];
    expect(parseEvent(paymentEvent('refunded', { refunds })).outcome).toBe('invalid');
  });
});

it('has a schema for every kind of event', () => {
  expect([...EVENT_SCHEMAS.keys()]).toEqual([
    ...INSPECTION_VERBS.map((verb) => `inspection.${verb}`),
    ...PAYMENT_VERBS.map((verb) => `payment.${verb}`),
    'payout.paid',
    'day.closed',
  ]);
});
