import type { CustomerDocument, DepositDocument, InvoiceDocument } from '@vesper/core/document';
import { describe, expect, it } from 'vitest';
import { documentDifferences } from './document-differences.ts';

const line = {
  lineId: 'l1',
  description: 'Home Inspection',
  quantity: 1,
  unitAmountCents: 45_000,
  amountCents: 45_000,
  taxable: false,
  item: { role: 'service' as const },
};
const invoice: InvoiceDocument = {
  type: 'invoice',
  key: 'invoice/812',
  inspectionId: '812',
  customerKey: 'customer/c1',
  date: '2026-06-03',
  totalCents: 45_000,
  docNumber: 'sp812',
  lines: [line],
  taxCents: 0,
};

describe('documentDifferences', () => {
  it('tells a new date, a new line and the total they make', () => {
    const radon = {
      ...line,
      lineId: 'l2',
      description: 'Radon Test',
      quantity: 2,
      unitAmountCents: 7_500,
      amountCents: 15_000,
      item: { role: 'service' as const, id: '42' },
    };
    expect(documentDifferences(invoice, { ...invoice, date: '2026-06-04', totalCents: 60_000, lines: [line, radon] })).toEqual([
      'Date: 2026-06-03 → 2026-06-04',
      'Total: $450.00 → $600.00',
      'Line added: Radon Test, $150.00 (2 × $75.00), item 42',
    ]);
  });

  it('tells a changed line by its id, wherever it stands now', () => {
    const other = { ...line, lineId: 'l2', description: 'Sewer Scope' };
    const before = { ...invoice, lines: [line, other] };
    const after = { ...invoice, lines: [other, { ...line, unitAmountCents: 40_000, amountCents: 40_000 }] };
    expect(documentDifferences(before, after)).toEqual(['Line changed: Home Inspection, $450.00 → Home Inspection, $400.00']);
  });

  it('tells a customer’s new address in one line, and what went away', () => {
    const customer: CustomerDocument = {
      type: 'customer',
      key: 'customer/c1',
      clientId: 'c1',
      displayName: 'Ada Moreno',
      phone: '515 555 0100',
      asOf: '2026-06-01T00:00:00Z',
    };
    const { phone: _, ...moved } = { ...customer, address: { line1: '12 Alder Road', city: 'Des Moines', state: 'IA', zip: '50309' } };
    expect(documentDifferences(customer, moved)).toEqual([
      'Phone: 515 555 0100 → nothing',
      'Address: nothing → 12 Alder Road, Des Moines, IA 50309',
    ]);
  });

  it('tells a payment that left its deposit', () => {
    const deposit: DepositDocument = {
      type: 'deposit',
      key: 'deposit/3',
      payoutId: '3',
      date: '2026-06-05',
      totalCents: 45_000,
      lines: [{ kind: 'document', documentKey: 'payment/9', amountCents: 45_000 }],
    };
    expect(documentDifferences(deposit, { ...deposit, lines: [] })).toEqual(['Line removed: payment/9, $450.00']);
  });

  it('says nothing of equal documents, and never nothing of different ones', () => {
    expect(documentDifferences(invoice, structuredClone(invoice))).toEqual([]);
    expect(documentDifferences(invoice, { ...invoice, inspectionId: '813' })).toEqual(['Something else about it has changed.']);
  });
});
