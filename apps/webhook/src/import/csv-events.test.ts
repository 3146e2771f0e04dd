import { describe, expect, it } from 'vitest';
import { parseEvent, type InspectionEvent, type PaymentEvent } from '@vesper/core/event';
import { csvEvents } from './csv-events.ts';

const CHICAGO = 'America/Chicago';
const inspection = {
  inspectionId: '812',
  status: 'confirmed',
  createdAt: '2026-05-30',
  scheduledAt: '2026-06-01 15:30',
  clientId: '31',
  firstName: 'Ada',
  lastName: 'Moreno',
  service: 'General Home Inspection',
  unitAmount: '$1,450.00',
};
const payment = { paymentId: '9001', inspectionId: '812', amount: '450.5', method: 'card', receivedAt: '2026-06-01T20:00:00Z' };

const made = (...rows: Record<string, string>[]) =>
  csvEvents(
    rows.map((cells, index) => ({ line: index + 2, cells })),
    CHICAGO,
  );
const eventOf = <Event>(row: ReturnType<typeof made>[number] | undefined): Event => {
  if (!row || 'issues' in row) throw new Error(JSON.stringify(row));
  const { data, ...rest } = row.event as { data: object };
  const parsed = parseEvent({ ...rest, data: { companyId: 'tern', ...data } });
  if (parsed.outcome !== 'known') throw new Error(JSON.stringify(parsed));
  return parsed.event as Event;
};

describe('inspections and payments from CSV', () => {
  it('become the events the platform would have sent', () => {
    const { type, data } = eventOf<InspectionEvent>(made(inspection)[0]);
    expect(type).toBe('inspection.confirmed');
    expect(data.inspection).toMatchObject({
      id: '812',
      revision: 0,
      client: { id: '31' },
      lines: [{ unitAmountCents: 145_000, quantity: 1 }],
    });
  });

  it('gather the lines of one inspection from several rows', () => {
    const radon = { inspectionId: '812', service: 'Radon', kind: 'addon', unitAmount: '150' };
    const rows = made(inspection, radon);
    expect(rows).toHaveLength(1);
    expect(eventOf<InspectionEvent>(rows[0]).data.inspection.lines.map(({ kind, unitAmountCents }) => [kind, unitAmountCents])).toEqual([
      ['service', 145_000],
      ['addon', 15_000],
    ]);
  });

  it('read times on the company’s clock, and a day alone as its noon', () => {
    const { createdAt, scheduledAt } = eventOf<InspectionEvent>(made(inspection)[0]).data.inspection;
    expect([createdAt, scheduledAt]).toEqual(['2026-05-30T17:00:00.000Z', '2026-06-01T20:30:00.000Z']);
  });

  it.each([
    ['450', 45_000],
    ['450.5', 45_050],
    ['0.29', 29],
    ['1,234.56', 123_456],
    ['$19.99', 1_999],
  ])('read the amount %s to the cent', (amount, cents) => {
    expect(eventOf<PaymentEvent>(made({ ...payment, amount })[0]).data.payment.amountCents).toBe(cents);
  });

  it('read a discount as a negative amount, in both spellings', () => {
    for (const unitAmount of ['-20.00', '(20.00)']) {
      const row = made({ ...inspection, unitAmount, kind: 'discount' })[0];
      expect(eventOf<InspectionEvent>(row).data.inspection.lines[0]?.unitAmountCents).toBe(-2_000);
    }
  });

  it('leave ACH without a settlement on its way', () => {
    expect(eventOf<PaymentEvent>(made({ ...payment, method: 'ach' })[0]).type).toBe('payment.initiated');
    expect(eventOf<PaymentEvent>(made({ ...payment, method: 'ach', settledAt: '2026-06-04' })[0]).type).toBe('payment.settled');
  });

  it('carry refunds', () => {
    const { type, data } = eventOf<PaymentEvent>(made({ ...payment, refundAmount: '50', refundedAt: '2026-06-05' })[0]);
    expect(type).toBe('payment.refunded');
    expect(data.payment.refunds).toEqual([{ id: '9001-r1', amountCents: 5_000, refundedAt: '2026-06-05T17:00:00.000Z' }]);
  });

  it.each([
    [{ ...payment, amount: '12.345' }, 'amount'],
    [{ ...payment, amount: 'free' }, 'amount'],
    [{ ...payment, receivedAt: 'yesterday' }, 'receivedAt'],
    [{ ...inspection, clientId: '' }, 'clientId'],
    [{ ...inspection, status: 'done' }, 'status'],
  ])('name the line and column that cannot be read: %j', (row, column) => {
    expect(made(row)).toEqual([{ line: 2, issues: [{ path: column, message: expect.any(String) as unknown }] }]);
  });
});
