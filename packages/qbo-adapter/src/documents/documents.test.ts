import { documentKey, type DocumentLine, type InvoiceDocument, type PaymentDocument } from '@vesper/core/document';
import { expect, test } from 'vitest';
import type { Chart } from '../chart.ts';
import type { MappingRoom } from './mapping.ts';
import { compareInvoice, toQboInvoice } from './invoice.ts';
import { comparePayment, toQboPayment } from './payment.ts';

const chart: Chart = {
  realmId: '1',
  companyName: 'Tern',
  homeCurrency: 'USD',
  multicurrency: false,
  customTxnNumbers: true,
  tax: { mode: 'off' },
  classes: 'off',
  locations: false,
  items: { service: { id: '20', name: 'Service' }, discount: { id: '21', name: 'Discount' }, tax: { id: '22', name: 'Tax' } },
  accounts: { undeposited_funds: { id: '4', name: 'Undeposited Funds' } },
  paymentMethods: { 'credit card': '3' },
  checkedAt: '2026-06-01T00:00:00.000Z',
};
const records: Record<string, string> = { 'customer/77': '70', 'invoice/812': '266' };
const room = (more: Partial<Chart> = {}): MappingRoom => ({
  companyId: 'co-1',
  chart: { ...chart, ...more },
  recordOf: (key) => (records[key] === undefined ? undefined : { entity: 'Customer', id: records[key], syncToken: '0' }),
});
const line = (more: Partial<DocumentLine> = {}): DocumentLine => ({
  lineId: 'l1',
  description: 'General Home Inspection',
  quantity: 1,
  unitAmountCents: 50_495,
  amountCents: 50_495,
  taxable: false,
  item: { role: 'service' },
  ...more,
});
const invoice = (more: Partial<InvoiceDocument> = {}): InvoiceDocument => ({
  type: 'invoice',
  key: documentKey.invoice('812'),
  inspectionId: '812',
  customerKey: documentKey.customer('77'),
  date: '2026-06-01',
  docNumber: 'sp812',
  taxCents: 0,
  totalCents: 50_495,
  lines: [line()],
  ...more,
});
const recordOf = (document: InvoiceDocument, more: Partial<Chart> = {}) => {
  const result = toQboInvoice(document, room(more));
  if (result.outcome !== 'mapped') throw new Error(result.reason.message);
  return result.record;
};

test('writes an invoice as QuickBooks takes it', () => {
  expect(recordOf(invoice({ shipTo: { line1: '1 Example Drive', zip: '94326' } }))).toEqual({
    CustomerRef: { value: '70' },
    DocNumber: 'sp812',
    TxnDate: '2026-06-01',
    PrivateNote: 'Vesper inspection 812 [vesper:co-1/invoice/812]',
    Line: [
      {
        Amount: 504.95,
        Description: 'General Home Inspection',
        DetailType: 'SalesItemLineDetail',
        SalesItemLineDetail: { ItemRef: { value: '20' }, Qty: 1, UnitPrice: 504.95, TaxCodeRef: { value: 'NON' } },
      },
    ],
    ShipAddr: { Line1: '1 Example Drive', PostalCode: '94326' },
  });
});

// QuickBooks refuses a line whose Amount is not Qty × UnitPrice, and with it the invoice.
test('sends a rounded line as an amount and tells the quantity in words', () => {
  const [first] = recordOf(invoice({ lines: [line({ quantity: 1.333, unitAmountCents: 4_500, amountCents: 5_999 })] }))['Line'] as Record<
    string,
    unknown
  >[];
  expect(first).toEqual({
    Amount: 59.99,
    Description: 'General Home Inspection (1.333 × $45.00)',
    DetailType: 'SalesItemLineDetail',
    SalesItemLineDetail: { ItemRef: { value: '20' }, TaxCodeRef: { value: 'NON' } },
  });
});

test('takes the item the company chose before the default of the role', () => {
  const lines = recordOf(
    invoice({
      lines: [
        line({ item: { id: '99', role: 'service' } }),
        line({ item: { role: 'discount' }, amountCents: -500, unitAmountCents: -500 }),
      ],
    }),
  );
  expect(JSON.stringify(lines)).toContain('"ItemRef":{"value":"99"}');
  expect(JSON.stringify(lines)).toContain('"ItemRef":{"value":"21"}');
});

test.each([
  ['off', { mode: 'off' } as const, undefined, ['NON', 'NON']],
  ['not set up', { mode: 'automated_not_set_up' } as const, undefined, ['NON', 'NON']],
  ['automated', { mode: 'automated' } as const, { TotalTax: 41.66 }, ['TAX']],
  ['rates', { mode: 'rates', taxCodeId: '2' } as const, { TxnTaxCodeRef: { value: '2' }, TotalTax: 41.66 }, ['TAX']],
  ['rates without a code', { mode: 'rates' } as const, undefined, ['NON', 'NON']],
])('places tax where sales tax is %s', (_, tax, detail, codes) => {
  const record = recordOf(invoice({ lines: [line({ taxable: true })], taxCents: 4_166 }), { tax });
  expect(record['TxnTaxDetail']).toEqual(detail);
  const lines = record['Line'] as { SalesItemLineDetail: { TaxCodeRef: { value: string } } }[];
  expect(lines.map(({ SalesItemLineDetail }) => SalesItemLineDetail.TaxCodeRef.value)).toEqual(codes);
});

test('puts classes on lines or on the whole, as QuickBooks tracks them, and locations only where tracked', () => {
  const document = invoice({ lines: [line({ classId: 'c1' })], locationId: 'd1' });
  expect(JSON.stringify(recordOf(document))).not.toContain('c1');
  expect(recordOf(document, { classes: 'transaction', locations: true })).toMatchObject({
    ClassRef: { value: 'c1' },
    DepartmentRef: { value: 'd1' },
  });
  expect(recordOf(document, { classes: 'line' })).toMatchObject({ Line: [{ SalesItemLineDetail: { ClassRef: { value: 'c1' } } }] });
});

test('waits for the customer, and for an item nobody chose', () => {
  expect(toQboInvoice(invoice({ customerKey: 'customer/78' }), room())).toMatchObject({
    outcome: 'hold',
    reason: { code: 'waits_for_document' },
  });
  expect(toQboInvoice(invoice(), room({ items: {} }))).toMatchObject({ outcome: 'hold', reason: { code: 'item_missing' } });
});

test('compares an answer to the cent and line', () => {
  const sent = recordOf(invoice({ lines: [line(), line({ amountCents: -500, unitAmountCents: -500, item: { role: 'discount' } })] }));
  const lines = [...(sent['Line'] as object[]), { Amount: 499.95, DetailType: 'SubTotalLineDetail', SubTotalLineDetail: {} }];
  const answer = { ...sent, Id: '266', TotalAmt: 499.95, TxnTaxDetail: { TotalTax: 0 }, Line: lines };
  expect(compareInvoice(answer, sent)).toEqual([]);
  expect(compareInvoice({ ...answer, TotalAmt: 499.96 }, sent)).toEqual(['total: $499.96 instead of $499.95']);
  expect(compareInvoice({ ...answer, DocNumber: '1043' }, sent)).toEqual(['number: 1043 instead of sp812']);
  expect(compareInvoice({ ...answer, Line: lines.slice(1) }, sent)).toEqual([
    'lines: 1 instead of 2',
    'line 1: -$5.00 instead of $504.95',
    'line 1: item 21 instead of 20',
  ]);
});

const payment = (more: Partial<PaymentDocument> = {}): PaymentDocument => ({
  type: 'payment',
  key: documentKey.payment('900'),
  inspectionId: '812',
  paymentId: '900',
  customerKey: documentKey.customer('77'),
  invoiceKey: documentKey.invoice('812'),
  date: '2026-06-02',
  referenceNumber: 'spp900',
  totalCents: 65_00,
  applyCents: 55_00,
  method: 'card',
  ...more,
});

test.each([
  [undefined, [{ Amount: 55, LinkedTxn: [{ TxnId: '266', TxnType: 'Invoice' }] }]],
  [4_000, [{ Amount: 40, LinkedTxn: [{ TxnId: '266', TxnType: 'Invoice' }] }]],
  [0, []],
])('applies a payment to what the invoice has open (%s cents known)', (openCents, expected) => {
  const result = toQboPayment(payment(), room(), openCents);
  expect(result.outcome === 'mapped' && result.record).toMatchObject({
    TotalAmt: 65,
    Line: expected,
    PaymentMethodRef: { value: '3' },
    DepositToAccountRef: { value: '4' },
  });
});

test('keeps a reference number that is too long in the note', () => {
  const result = toQboPayment(payment({ referenceNumber: 'spp-0123456789-0123456789' }), room());
  expect(result.outcome === 'mapped' && [result.record['PaymentRefNum'], result.record['PrivateNote']]).toEqual([
    undefined,
    'Vesper payment 900 for inspection 812 [vesper:co-1/payment/900]\nReference: spp-0123456789-0123456789',
  ]);
});

test('sees where a payment was applied otherwise', () => {
  const sent = { CustomerRef: { value: '70' }, TotalAmt: 65, Line: [{ Amount: 55, LinkedTxn: [{ TxnId: '266', TxnType: 'Invoice' }] }] };
  expect(comparePayment({ ...sent }, sent)).toEqual([]);
  expect(comparePayment({ ...sent, Line: [{ Amount: 55, LinkedTxn: [{ TxnId: '9', TxnType: 'Invoice' }] }] }, sent)).toEqual([
    'applied to invoice 266: $0.00 instead of $55.00',
    'applied to invoice 9: $55.00 instead of $0.00',
  ]);
});
