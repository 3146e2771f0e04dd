import type { PaymentDocument } from '@vesper/core/document';
import { toNote } from '../marker.ts';
import { type Json, centsAt, listAt, textAt, toAmount, toRef } from '../wire.ts';
import { type Mapped, type MappingRoom, mapped, missing } from './mapping.ts';
import { paymentMethodIdOf } from './payment-method.ts';
import { compareCents, compareHeader } from './sales-lines.ts';

/**
 * A payment, applied to its invoice. `openCents` is what the invoice has open in QuickBooks, when known: a line above that is undefined
 * behaviour there, so the rest stays the customer's credit. The money goes to Undeposited Funds, from where the payout's deposit takes it.
 */
export function toQboPayment(document: PaymentDocument, { companyId, chart, recordOf }: MappingRoom, openCents?: number): Mapped {
  const customer = recordOf(document.customerKey);
  if (!customer) return missing.document(document.customerKey);
  const invoice = recordOf(document.invoiceKey);
  if (!invoice) return missing.document(document.invoiceKey);
  const undeposited = chart.accounts.undeposited_funds;
  if (!undeposited) return missing.account('undeposited_funds');
  const applyCents = Math.max(0, Math.min(document.applyCents, document.totalCents, openCents ?? document.applyCents));
  const methodId = paymentMethodIdOf(chart, document.method);
  return mapped('Payment', {
    CustomerRef: toRef(customer.id),
    TotalAmt: toAmount(document.totalCents),
    TxnDate: document.date,
    PaymentRefNum: document.referenceNumber.length <= 21 ? document.referenceNumber : undefined,
    PrivateNote: toNote({
      companyId,
      key: document.key,
      words: `payment ${document.paymentId} for inspection ${document.inspectionId}`,
      more: document.referenceNumber.length <= 21 ? [] : [`Reference: ${document.referenceNumber}`],
    }),
    PaymentMethodRef: methodId === undefined ? undefined : toRef(methodId),
    DepositToAccountRef: toRef(undeposited.id),
    Line: applyCents === 0 ? [] : [{ Amount: toAmount(applyCents), LinkedTxn: [{ TxnId: invoice.id, TxnType: 'Invoice' }] }],
    CurrencyRef: chart.multicurrency ? toRef(chart.homeCurrency) : undefined,
  });
}

/** Total, customer, date, reference, and what it is applied to. */
export function comparePayment(answer: Json, sent: Json): string[] {
  const differences = [...compareHeader(answer, sent), ...compareCents('total', centsAt(answer, 'TotalAmt'), centsAt(sent, 'TotalAmt'))];
  const [wanted, found] = [appliedTo(sent), appliedTo(answer)];
  for (const [id, cents] of wanted) differences.push(...compareCents(`applied to invoice ${id}`, found.get(id) ?? 0, cents));
  for (const [id, cents] of found) if (!wanted.has(id)) differences.push(...compareCents(`applied to invoice ${id}`, cents, 0));
  return differences;
}

/** What a payment gives to which invoice, in cents by invoice id. */
export function appliedTo(payment: Json): Map<string, number> {
  const byInvoice = new Map<string, number>();
  for (const line of listAt(payment, 'Line')) {
    for (const link of listAt(line, 'LinkedTxn')) {
      const id = textAt(link, 'TxnId');
      if (textAt(link, 'TxnType') === 'Invoice' && id !== undefined)
        byInvoice.set(id, (byInvoice.get(id) ?? 0) + (centsAt(line, 'Amount') ?? 0));
    }
  }
  return byInvoice;
}
