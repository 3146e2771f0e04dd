import type { InvoiceDocument } from '@vesper/core/document';
import { toNote } from '../marker.ts';
import { toAddress, toRef } from '../wire.ts';
import { type Mapped, type MappingRoom, mapped, missing } from './mapping.ts';
import { compareSalesForm, toSalesLines } from './sales-lines.ts';

/** An invoice as QuickBooks takes it. The due date is left to the customer's terms in QuickBooks. */
export function toQboInvoice(document: InvoiceDocument, { companyId, chart, recordOf }: MappingRoom): Mapped {
  const customer = recordOf(document.customerKey);
  if (!customer) return missing.document(document.customerKey);
  const lines = toSalesLines(document.lines, document.taxCents, chart);
  if (lines.outcome === 'hold') return lines;
  return mapped('Invoice', {
    CustomerRef: toRef(customer.id),
    DocNumber: document.docNumber,
    TxnDate: document.date,
    PrivateNote: toNote({ companyId, key: document.key, words: `inspection ${document.inspectionId}` }),
    ...lines.parts,
    ShipAddr: toAddress(document.shipTo),
    DepartmentRef: chart.locations && document.locationId !== undefined ? toRef(document.locationId) : undefined,
    CurrencyRef: chart.multicurrency ? toRef(chart.homeCurrency) : undefined,
  });
}

export const compareInvoice = compareSalesForm;
