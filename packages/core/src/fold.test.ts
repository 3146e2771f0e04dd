import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMPANY, inspectionEvent, line, paymentEvent, payoutEvent } from '../test/events.ts';
import { CoreError } from './core-error.ts';
import type { DayClosedEvent } from './event.ts';
import { foldDays, foldInspection, foldPayments, foldPayout } from './fold.ts';

const refund = (id: string, amountCents: number, refundedAt = '2026-06-02T15:00:00.000Z') => ({ id, amountCents, refundedAt });

/** A history with everything in it: part payments, a failed and a returned ACH, refunds over two snapshots, a dispute, payouts. */
const HISTORY = [
  inspectionEvent('scheduled', { revision: 1, status: 'unconfirmed' }, '2026-06-01T14:00:00.000Z'),
  inspectionEvent('confirmed', { revision: 2 }, '2026-06-01T16:00:00.000Z'),
  inspectionEvent('updated', { revision: 3, lines: [line(), line({ id: '812-2' })] }, '2026-06-01T17:00:00.000Z'),
  inspectionEvent('published', { revision: 4, status: 'published' }, '2026-06-03T17:00:00.000Z'),
  paymentEvent('initiated', { id: '1', method: 'ach', revision: 1 }, '2026-06-01T15:00:00.000Z'),
  paymentEvent('failed', { id: '1', method: 'ach', revision: 2 }, '2026-06-02T15:00:00.000Z'),
  paymentEvent('settled', { id: '2', revision: 1 }, '2026-06-01T15:10:00.000Z'),
  paymentEvent('refunded', { id: '2', revision: 2, refunds: [refund('r1', 500)] }, '2026-06-02T15:00:00.000Z'),
  paymentEvent('refunded', { id: '2', revision: 3, refunds: [refund('r2', 700)] }, '2026-06-03T15:00:00.000Z'),
  paymentEvent('disputed', { id: '2', revision: 4 }, '2026-06-04T15:00:00.000Z'),
  payoutEvent([{ kind: 'payment', paymentId: '2', amountCents: 40_000 }]),
  payoutEvent([{ kind: 'refund', paymentId: '2', amountCents: -500 }], { id: '32' }, '2026-06-03T15:15:00.000Z'),
];

const fateOf = (...verbs: Parameters<typeof paymentEvent>[0][]) =>
  foldPayments(verbs.map((verb, place) => paymentEvent(verb, { revision: place + 1 }))).get('9812')?.fate;

const day = (timestamp: string, paymentsCents: number): DayClosedEvent => ({
  type: 'day.closed',
  timestamp,
  data: { companyId: COMPANY, date: '2026-06-01', counts: {}, totals: { paymentsCents, refundsCents: 0, payoutsCents: 0 } },
});

describe('foldInspection', () => {
  it('says the same whatever the order and however often events are heard', () => {
    const expected = foldInspection(HISTORY);
    const heard = fc
      .tuple(fc.shuffledSubarray(HISTORY, { minLength: HISTORY.length }), fc.array(fc.constantFrom(...HISTORY)))
      .chain(([all, again]) => fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length }));
    fc.assert(
      fc.property(heard, (events) => {
        expect(foldInspection(events)).toEqual(expected);
      }),
    );
  });

  it('takes the highest revision, not the last arrival', () => {
    const newer = inspectionEvent('updated', { revision: 9, status: 'canceled' });
    expect(foldInspection([newer, inspectionEvent('confirmed', { revision: 8 })]).inspection?.status).toBe('canceled');
  });

  it('takes the later of two snapshots with one revision', () => {
    const earlier = inspectionEvent('updated', { number: 'a' }, '2026-06-01T14:00:00.000Z');
    const later = inspectionEvent('updated', { number: 'b' }, '2026-06-01T14:00:00Z'.replace('00Z', '01Z'));
    expect(foldInspection([later, earlier]).inspection?.number).toBe('b');
  });

  it('knows when it was confirmed: from the lowest revision known to be, unless the snapshot says so itself', () => {
    expect(foldInspection(HISTORY).confirmedAt).toBe('2026-06-01T16:00:00.000Z');
    const own = inspectionEvent('published', { revision: 5, confirmedAt: '2026-06-01T15:59:00.000Z' });
    expect(foldInspection([...HISTORY, own]).confirmedAt).toBe('2026-06-01T15:59:00.000Z');
    expect(foldInspection([inspectionEvent('scheduled', { status: 'unconfirmed' })]).confirmedAt).toBeUndefined();
  });

  it('lists payments in the order they were received', () => {
    const { payments } = foldInspection([
      paymentEvent('settled', { id: 'c', receivedAt: '2026-06-02T00:00:00Z' }),
      paymentEvent('settled', { id: 'b', receivedAt: '2026-06-01T20:00:00-05:00' }),
      paymentEvent('settled', { id: 'a', receivedAt: '2026-06-02T00:00:00.000Z' }),
    ]);
    expect(payments.map(({ paymentId }) => paymentId)).toEqual(['a', 'c', 'b']);
  });

  it('holds a payment whose inspection is not known yet', () => {
    expect(foldInspection([paymentEvent()])).toMatchObject({ inspectionId: '812', payments: [{ paymentId: '9812' }] });
    expect(foldInspection([paymentEvent()]).inspection).toBeUndefined();
  });

  it('leaves out a payment that has since been moved to another inspection', () => {
    const moved = paymentEvent('settled', { revision: 2, inspectionId: '813' });
    expect(foldInspection([inspectionEvent(), paymentEvent(), moved]).payments).toEqual([]);
  });

  it('refuses to fold nothing', () => {
    expect(() => foldInspection([])).toThrow(CoreError);
  });
});

describe('foldPayments', () => {
  const [of2] = [foldPayments(HISTORY).get('2')];

  it('gathers refunds by id over all snapshots', () => {
    expect(of2?.refunds.map(({ id }) => id)).toEqual(['r1', 'r2']);
  });

  it('takes the last failure, return or removal by revision for its fate, whatever follows', () => {
    expect(fateOf('initiated', 'settled')).toBe('good');
    expect(fateOf('initiated', 'failed')).toBe('failed');
    expect(fateOf('settled', 'returned', 'refunded')).toBe('returned');
    expect(fateOf('settled', 'removed')).toBe('removed');
  });

  it('knows how a dispute stands', () => {
    expect(of2?.dispute).toBe('disputed');
    const won = paymentEvent('dispute_won', { id: '2', revision: 5 });
    expect(foldPayments([won, ...HISTORY]).get('2')?.dispute).toBe('dispute_won');
  });

  it('knows what payouts hold of it, in the order they arrived', () => {
    expect(of2?.payouts.map(({ payoutId, items }) => [payoutId, items.length])).toEqual([
      ['31', 1],
      ['32', 1],
    ]);
  });
});

it('takes the later statement of a payout', () => {
  const first = payoutEvent([{ kind: 'fee', amountCents: 100 }], {}, '2026-06-02T15:15:00.000Z');
  const corrected = payoutEvent([{ kind: 'fee', amountCents: 200 }], {}, '2026-06-02T18:15:00.000Z');
  expect(foldPayout([corrected, first]).payout.netCents).toBe(200);
  expect(() => foldPayout([])).toThrow(CoreError);
});

it('takes the latest statement of a day', () => {
  const days = foldDays([day('2026-06-02T05:05:00.000Z', 2), day('2026-06-02T00:50:00.000Z', 1)]);
  expect(days.get('2026-06-01')?.totals.paymentsCents).toBe(2);
});
