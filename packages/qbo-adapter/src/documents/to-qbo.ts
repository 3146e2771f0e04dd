import type { AccountingDocument } from '@vesper/core/document';
import type { Json } from '../wire.ts';
import { compareCustomer, toQboCustomer } from './customer.ts';
import { compareDeposit, toQboDeposit } from './deposit.ts';
import { compareInvoice, toQboInvoice } from './invoice.ts';
import { ENTITY_OF, type Mapped, type MappingRoom } from './mapping.ts';
import { comparePayment, toQboPayment } from './payment.ts';
import { compareRefund, refundEntity, toQboRefund } from './refund.ts';
import { compareSalesReceipt, toQboSalesReceipt } from './sales-receipt.ts';

/** Any document as QuickBooks' JSON. A customer needs its free display name, a payment what its invoice has open, when known. */
export function toQbo(document: AccountingDocument, room: MappingRoom, known: { displayName?: string; openCents?: number } = {}): Mapped {
  switch (document.type) {
    case 'customer':
      return toQboCustomer(document, { companyId: room.companyId, displayName: known.displayName ?? document.displayName });
    case 'invoice':
      return toQboInvoice(document, room);
    case 'payment':
      return toQboPayment(document, room, known.openCents);
    case 'sales_receipt':
      return toQboSalesReceipt(document, room);
    case 'refund':
      return toQboRefund(document, room);
    case 'deposit':
      return toQboDeposit(document, room);
  }
}

export function entityOf(document: AccountingDocument): string {
  return document.type === 'refund' ? refundEntity(document) : ENTITY_OF[document.type];
}

/** Differences, in words, between QuickBooks' record and what was sent for a document of this type. */
export function compareRecord(type: AccountingDocument['type'], answer: Json, sent: Json): string[] {
  switch (type) {
    case 'customer':
      return compareCustomer(answer, sent);
    case 'invoice':
      return compareInvoice(answer, sent);
    case 'payment':
      return comparePayment(answer, sent);
    case 'sales_receipt':
      return compareSalesReceipt(answer, sent);
    case 'refund':
      return compareRefund(answer, sent);
    case 'deposit':
      return compareDeposit(answer, sent);
  }
}
