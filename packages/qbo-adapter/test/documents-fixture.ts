import {
  documentKey,
  type CustomerDocument,
  type DepositDocument,
  type DocumentLine,
  type InvoiceDocument,
  type PaymentDocument,
  type RefundDocument,
  type SalesReceiptDocument,
} from '@vesper/core/document';

/** Valid documents to change one thing of. Jane Smith's inspection 812, paid by card 900, refunded in part, paid out with payout 9. */
export const line = (amountCents: number, more: Partial<DocumentLine> = {}): DocumentLine => ({
  lineId: 'l1',
  description: 'General Home Inspection',
  quantity: 1,
  unitAmountCents: amountCents,
  amountCents,
  taxable: false,
  item: { role: 'service' },
  ...more,
});

export const customer = (more: Partial<CustomerDocument> = {}): CustomerDocument => {
  const clientId = more.clientId ?? '77';
  return {
    type: 'customer',
    key: documentKey.customer(clientId),
    clientId,
    displayName: 'Jane Smith',
    givenName: 'Jane',
    familyName: 'Smith',
    email: 'jane@example.com',
    phone: '(415) 555-0100',
    address: { line1: '1 Example Drive', city: 'Exampleville', state: 'CA', zip: '94326' },
    asOf: '2026-06-01T12:00:00.000Z',
    ...more,
  };
};

export const invoice = (more: Partial<InvoiceDocument> = {}): InvoiceDocument => {
  const inspectionId = more.inspectionId ?? '812';
  const lines = more.lines ?? [line(50_495), line(-5_000, { lineId: 'l2', description: 'Returning client', item: { role: 'discount' } })];
  return {
    type: 'invoice',
    key: documentKey.invoice(inspectionId),
    inspectionId,
    customerKey: documentKey.customer('77'),
    date: '2026-06-01',
    docNumber: `sp${inspectionId}`,
    taxCents: 0,
    totalCents: lines.reduce((sum, { amountCents }) => sum + amountCents, more.taxCents ?? 0),
    ...more,
    lines,
  };
};

export const payment = (more: Partial<PaymentDocument> = {}): PaymentDocument => {
  const paymentId = more.paymentId ?? '900';
  const totalCents = more.totalCents ?? 45_495;
  return {
    type: 'payment',
    key: documentKey.payment(paymentId),
    inspectionId: '812',
    paymentId,
    customerKey: documentKey.customer('77'),
    invoiceKey: documentKey.invoice('812'),
    date: '2026-06-02',
    referenceNumber: `spp${paymentId}`,
    totalCents,
    applyCents: totalCents,
    method: 'card',
    ...more,
  };
};

export const salesReceipt = (more: Partial<SalesReceiptDocument> = {}): SalesReceiptDocument => {
  const paymentId = more.paymentId ?? '901';
  const lines = more.lines ?? [line(40_000)];
  return {
    type: 'sales_receipt',
    key: documentKey.salesReceipt(paymentId),
    inspectionId: '813',
    paymentId,
    customerKey: documentKey.customer('77'),
    date: '2026-06-02',
    docNumber: `sp${paymentId}`,
    referenceNumber: `spp${paymentId}`,
    method: 'card',
    taxCents: 0,
    totalCents: lines.reduce((sum, { amountCents }) => sum + amountCents, 0),
    ...more,
    lines,
  };
};

export const refund = (more: Partial<RefundDocument> = {}): RefundDocument => ({
  type: 'refund',
  key: documentKey.refund('900', 'r900-1'),
  inspectionId: '812',
  refundId: 'r900-1',
  paymentId: '900',
  customerKey: documentKey.customer('77'),
  paymentKey: documentKey.payment('900'),
  as: 'refund_receipt',
  docNumber: 'sprr900-1',
  date: '2026-06-03',
  totalCents: 5_000,
  lines: [line(5_000, { description: 'Refund', item: { role: 'refund' } })],
  ...more,
});

export const deposit = (more: Partial<DepositDocument> = {}): DepositDocument => ({
  type: 'deposit',
  key: documentKey.deposit('9'),
  payoutId: '9',
  date: '2026-06-04',
  totalCents: 38_976,
  lines: [
    { kind: 'document', documentKey: documentKey.payment('900'), amountCents: 45_495 },
    { kind: 'document', documentKey: documentKey.refund('900', 'r900-1'), amountCents: -5_000 },
    { kind: 'account', account: { role: 'processing_fees' }, description: 'Processing fee', amountCents: -1_519 },
  ],
  ...more,
});
