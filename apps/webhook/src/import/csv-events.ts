import type { EventIssue } from '@vesper/core/event';
import { localInstant } from '../local-instant.ts';

/** One line of a CSV file, by column. */
export interface CsvRow {
  line: number;
  cells: Readonly<Record<string, string>>;
}

export type MadeEvent = { line: number; event: unknown } | { line: number; issues: EventIssue[] };

/** Columns of the two kinds of file, as the command's help lists them. */
export const INSPECTION_COLUMNS =
  'inspectionId, number, status, createdAt, scheduledAt, confirmedAt, publishedAt, clientId, firstName, lastName, clientCompany, email, phone, address, city, state, zip, service, serviceId, kind, quantity, unitAmount, taxable (one row a line; the first row of an inspection tells the rest)';
export const PAYMENT_COLUMNS =
  'paymentId, inspectionId, amount, method, processor, receivedAt, settledAt, fee, outcome, refundId, refundAmount, refundedAt, refundReason';

const STATUS_EVENT: Record<string, string> = {
  unconfirmed: 'inspection.scheduled',
  confirmed: 'inspection.confirmed',
  published: 'inspection.published',
  canceled: 'inspection.canceled',
  deleted: 'inspection.deleted',
};

/**
 * Makes the events the platform would have sent. They carry revision 0, so that whatever it sends itself, before or after, is newer.
 * Amounts are in dollars, times either instants or the company's own clock (`2026-06-01`, `2026-06-01 15:30`).
 */
export function csvEvents(rows: readonly CsvRow[], timezone: string): MadeEvent[] {
  const inspections = Map.groupBy(
    rows.filter(({ cells }) => !cells.paymentId),
    ({ cells, line }) => cells.inspectionId ?? `line ${line}`,
  );
  const payments = Map.groupBy(
    rows.filter(({ cells }) => cells.paymentId),
    ({ cells }) => cells.paymentId ?? '',
  );
  return [
    ...[...inspections.values()].map((lines) => guarded(lines, () => inspectionEvent(lines, timezone))),
    ...[...payments.values()].map((lines) => guarded(lines, () => paymentEvent(lines, timezone))),
  ].toSorted((a, b) => a.line - b.line);
}

/** A cell that cannot be read as what its column says. */
class CellError extends Error {
  readonly column: string;

  constructor(column: string, message: string) {
    super(message);
    this.name = 'CellError';
    this.column = column;
  }
}

function guarded(lines: readonly CsvRow[], make: () => unknown): MadeEvent {
  const line = lines[0]?.line ?? 0;
  try {
    return { line, event: make() };
  } catch (error) {
    if (!(error instanceof CellError)) throw error;
    return { line, issues: [{ path: error.column, message: error.message }] };
  }
}

function inspectionEvent(rows: readonly CsvRow[], timezone: string): unknown {
  const cells = rows[0]?.cells ?? {};
  const id = needed(cells, 'inspectionId');
  const status = cells.status || 'confirmed';
  const at = (column: string) => instant(cells, column, timezone);
  const createdAt = at('createdAt') ?? at('scheduledAt');
  const scheduledAt = at('scheduledAt') ?? createdAt;
  const type = STATUS_EVENT[status];
  if (type === undefined) throw new CellError('status', `is none of ${Object.keys(STATUS_EVENT).join(', ')}`);
  const inspection = given({
    id,
    number: cells.number,
    revision: 0,
    status,
    createdAt,
    scheduledAt,
    confirmedAt: at('confirmedAt'),
    publishedAt: at('publishedAt'),
    address: cells.address ? given({ line1: cells.address, city: cells.city, state: cells.state, zip: cells.zip }) : undefined,
    client: given({
      id: needed(cells, 'clientId'),
      firstName: cells.firstName,
      lastName: cells.lastName,
      company: cells.clientCompany,
      email: cells.email,
      phone: cells.phone,
    }),
    lines: rows.flatMap(({ cells: line }, index) => {
      if (!line.service && !line.unitAmount) return [];
      return [
        given({
          id: `${id}-${index + 1}`,
          kind: line.kind || 'service',
          serviceId: line.serviceId,
          name: line.service || 'Inspection',
          quantity: line.quantity ? Number(line.quantity) : 1,
          unitAmountCents: cents(line, 'unitAmount'),
          taxable: /^(true|yes|1)$/i.test(line.taxable ?? ''),
        }),
      ];
    }),
  });
  return { type, timestamp: at('publishedAt') ?? at('confirmedAt') ?? createdAt, data: { inspection } };
}

function paymentEvent(rows: readonly CsvRow[], timezone: string): unknown {
  const cells = rows[0]?.cells ?? {};
  const id = needed(cells, 'paymentId');
  const method = cells.method || 'card';
  const settledAt = instant(cells, 'settledAt', timezone);
  const receivedAt = instant(cells, 'receivedAt', timezone) ?? settledAt;
  const refunds = rows.flatMap(({ cells: row }, index) =>
    row.refundAmount
      ? [
          given({
            id: row.refundId || `${id}-r${index + 1}`,
            amountCents: cents(row, 'refundAmount'),
            refundedAt: instant(row, 'refundedAt', timezone),
            reason: row.refundReason,
          }),
        ]
      : [],
  );
  const payment = given({
    id,
    inspectionId: needed(cells, 'inspectionId'),
    revision: 0,
    amountCents: cents(cells, 'amount'),
    method,
    processor: cells.processor || 'platform',
    receivedAt,
    settledAt,
    feeCents: cells.fee ? cents(cells, 'fee') : undefined,
    refunds: refunds.length > 0 ? refunds : undefined,
  });
  const outcome =
    cells.outcome || (method === 'ach' && settledAt === undefined ? 'initiated' : refunds.length > 0 ? 'refunded' : 'settled');
  const last = refunds.map(({ refundedAt }) => refundedAt).findLast((at) => at !== undefined);
  return { type: `payment.${outcome}`, timestamp: last ?? settledAt ?? receivedAt, data: { payment } };
}

function needed(cells: CsvRow['cells'], column: string): string {
  const value = cells[column];
  if (!value) throw new CellError(column, 'is missing');
  return value;
}

/** `1,234.50`, `$450`, `-20.00`, `(20.00)` → cents, exactly. */
function cents(cells: CsvRow['cells'], column: string): number {
  const text = needed(cells, column).replaceAll(/[$,\s]/g, '');
  const [, open, sign, whole = '0', fraction = ''] = /^(\()?(-)?(\d+)(?:\.(\d{1,2}))?\)?$/.exec(text) ?? [];
  if (!/^\(?-?\d+(\.\d{1,2})?\)?$/.test(text)) throw new CellError(column, `is no amount in dollars: ${text}`);
  const amount = Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
  return open !== undefined || sign !== undefined ? -amount : amount;
}

/** A day alone is noon of it, so that no zone moves it. */
function instant(cells: CsvRow['cells'], column: string, timezone: string): string | undefined {
  const text = cells[column];
  if (!text) return undefined;
  const [, date, hour = '12', minute = '00'] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d):(\d\d)(?::\d\d)?)?$/.exec(text) ?? [];
  const atMs = date === undefined ? Date.parse(text) : localInstant({ date, time: `${hour}:${minute}` }, timezone);
  if (Number.isNaN(atMs)) throw new CellError(column, `is no time: ${text}`);
  return new Date(atMs).toISOString();
}

/** Without what is not known. */
function given<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined && one !== '')) as Value;
}
