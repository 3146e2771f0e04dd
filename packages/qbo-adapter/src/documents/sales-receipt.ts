import type { SalesReceiptDocument } from '@vesper/core/document';
import { toNote } from '../marker.ts';
import { toRef } from '../wire.ts';
import { type Mapped, type MappingRoom, mapped, missing } from './mapping.ts';
import { paymentMethodIdOf } from './payment-method.ts';
import { compareSalesForm, toSalesLines } from './sales-lines.ts';

/** A sales receipt. Its money goes to Undeposited Funds, from where the payout's deposit takes it. */
export function toQboSalesReceipt(document: SalesReceiptDocument, { companyId, chart, recordOf }: MappingRoom): Mapped {
  const customer = recordOf(document.customerKey);
  if (!customer) return missing.document(document.customerKey);
  const undeposited = chart.accounts.undeposited_funds;
  if (!undeposited) return missing.account('undeposited_funds');
  const lines = toSalesLines(document.lines, document.taxCents, chart);
  if (lines.outcome === 'hold') return lines;
  const methodId = paymentMethodIdOf(chart, document.method);
  return mapped('SalesReceipt', {
    CustomerRef: toRef(customer.id),
    DocNumber: document.docNumber,
    TxnDate: document.date,
    PaymentRefNum: document.referenceNumber.length <= 21 ? document.referenceNumber : undefined,
    PrivateNote: toNote({
      companyId,
      key: document.key,
      words: `payment ${document.paymentId} for inspection ${document.inspectionId}`,
      more: document.referenceNumber.length <= 21 ? [] : [`Reference: ${document.referenceNumber}`],
    }),
    ...lines.parts,
    PaymentMethodRef: methodId === undefined ? undefined : toRef(methodId),
    DepositToAccountRef: toRef(undeposited.id),
    DepartmentRef: chart.locations && document.locationId !== undefined ? toRef(document.locationId) : undefined,
    CurrencyRef: chart.multicurrency ? toRef(chart.homeCurrency) : undefined,
  });
}

export const compareSalesReceipt = compareSalesForm;
