import type { RefundDocument } from '@vesper/core/document';
import { toNote } from '../marker.ts';
import { cut } from '../names.ts';
import { toRef } from '../wire.ts';
import { type Mapped, type MappingRoom, mapped, missing } from './mapping.ts';
import { compareSalesForm, toSalesLines } from './sales-lines.ts';

const DOC_NUMBER = 21;

/**
 * A refund receipt, whose money leaves Undeposited Funds so that the payout's deposit can contain it; or a credit memo, which moves no money.
 */
export function toQboRefund(document: RefundDocument, { companyId, chart, recordOf }: MappingRoom): Mapped {
  const customer = recordOf(document.customerKey);
  if (!customer) return missing.document(document.customerKey);
  const undeposited = chart.accounts.undeposited_funds;
  if (!undeposited) return missing.account('undeposited_funds');
  const lines = toSalesLines(document.lines, 0, chart);
  if (lines.outcome === 'hold') return lines;
  const more = [
    ...(document.docNumber.length > DOC_NUMBER ? [`Number: ${document.docNumber}`] : []),
    ...(document.reason ? [`Reason: ${document.reason}`] : []),
  ];
  return mapped(refundEntity(document), {
    CustomerRef: toRef(customer.id),
    DocNumber: cut(document.docNumber, DOC_NUMBER),
    TxnDate: document.date,
    PrivateNote: toNote({ companyId, key: document.key, words: `refund ${document.refundId} of payment ${document.paymentId}`, more }),
    ...lines.parts,
    DepositToAccountRef: document.as === 'refund_receipt' ? toRef(undeposited.id) : undefined,
    DepartmentRef: chart.locations && document.locationId !== undefined ? toRef(document.locationId) : undefined,
    CurrencyRef: chart.multicurrency ? toRef(chart.homeCurrency) : undefined,
  });
}

export function refundEntity({ as }: Pick<RefundDocument, 'as'>): 'RefundReceipt' | 'CreditMemo' {
  return as === 'refund_receipt' ? 'RefundReceipt' : 'CreditMemo';
}

export const compareRefund = compareSalesForm;
