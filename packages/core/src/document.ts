import type { Address } from './event.ts';

/**
 * Documents: the accounting records that should exist, in the field's words, without QuickBooks' ids or JSON.
 * Amounts are integer cents, dates the company's local day as `YYYY-MM-DD`. Two equal documents are one and the same wish:
 * `diff` compares them as JSON, so a document holds nothing that changes by itself (no clock, no random id).
 */
export type DocumentKey = string & { readonly brand?: 'DocumentKey' };
export type LocalDate = string;
export type DocumentType = 'customer' | 'invoice' | 'payment' | 'sales_receipt' | 'refund' | 'deposit';

export const documentKey = {
  customer: (clientId: string): DocumentKey => `customer/${clientId}`,
  invoice: (inspectionId: string): DocumentKey => `invoice/${inspectionId}`,
  payment: (paymentId: string): DocumentKey => `payment/${paymentId}`,
  salesReceipt: (paymentId: string): DocumentKey => `sales_receipt/${paymentId}`,
  refund: (paymentId: string, refundId: string): DocumentKey => `refund/${paymentId}/${refundId}`,
  deposit: (payoutId: string): DocumentKey => `deposit/${payoutId}`,
};

/** Which QuickBooks item a line goes to: an id the company chose, else the item that plays this role. */
export type ItemRole = 'service' | 'discount' | 'technology_fee' | 'refund' | 'tax';
export interface ItemChoice {
  id?: string;
  role: ItemRole;
}

/** Which account a deposit line goes to. `returns` and `disputes` are clearing accounts. */
export type AccountRole = 'processing_fees' | 'returns' | 'disputes' | 'refund_fees';
export interface AccountChoice {
  id?: string;
  role: AccountRole;
}

export interface DocumentLine {
  /** The platform's line id. */
  lineId: string;
  description: string;
  quantity: number;
  unitAmountCents: number;
  /** quantity × unitAmountCents in whole cents, halves away from zero. */
  amountCents: number;
  taxable: boolean;
  item: ItemChoice;
  classId?: string;
}

export interface CustomerDocument {
  type: 'customer';
  key: DocumentKey;
  clientId: string;
  /** As a person writes it; QuickBooks' name rules and a suffix on a clash are the adapter's. */
  displayName: string;
  givenName?: string;
  familyName?: string;
  companyName?: string;
  email?: string;
  phone?: string;
  address?: Address;
  /** Timestamp of the event the data is from; not compared, an older snapshot never overwrites a newer one. */
  asOf: string;
}

interface MoneyDocument {
  key: DocumentKey;
  inspectionId: string;
  customerKey: DocumentKey;
  date: LocalDate;
  totalCents: number;
  locationId?: string;
}

export interface InvoiceDocument extends MoneyDocument {
  type: 'invoice';
  docNumber: string;
  lines: DocumentLine[];
  /** Sales tax as the platform charged it; not among the lines. */
  taxCents: number;
  shipTo?: Address;
}

export interface PaymentDocument extends MoneyDocument {
  type: 'payment';
  paymentId: string;
  referenceNumber: string;
  invoiceKey: DocumentKey;
  /** How much of it the invoice takes after this run; the rest stays the customer's credit. It follows the invoice up and down. */
  applyCents: number;
  method: string;
}

export interface SalesReceiptDocument extends MoneyDocument {
  type: 'sales_receipt';
  paymentId: string;
  docNumber: string;
  referenceNumber: string;
  method: string;
  lines: DocumentLine[];
  taxCents: number;
}

export interface RefundDocument extends MoneyDocument {
  type: 'refund';
  refundId: string;
  paymentId: string;
  as: 'refund_receipt' | 'credit_memo';
  docNumber: string;
  reason?: string;
  lines: DocumentLine[];
  /** The payment or sales receipt whose money goes back: it must be posted first. */
  paymentKey: DocumentKey;
}

/** One line of a payout: a posted document moved out of Undeposited Funds, or money booked straight to an account. */
export type DepositLine =
  | { kind: 'document'; documentKey: DocumentKey; amountCents: number }
  | { kind: 'account'; account: AccountChoice; description: string; amountCents: number };

export interface DepositDocument {
  type: 'deposit';
  key: DocumentKey;
  payoutId: string;
  date: LocalDate;
  totalCents: number;
  lines: DepositLine[];
}

export type AccountingDocument =
  | CustomerDocument
  | InvoiceDocument
  | PaymentDocument
  | SalesReceiptDocument
  | RefundDocument
  | DepositDocument;

/** Documents that must be posted before this one can be. */
export function dependenciesOf(document: AccountingDocument): DocumentKey[] {
  switch (document.type) {
    case 'customer':
      return [];
    case 'invoice':
    case 'sales_receipt':
      return [document.customerKey];
    case 'payment':
      return [document.customerKey, document.invoiceKey];
    case 'refund':
      return [document.customerKey, document.paymentKey];
    case 'deposit':
      return document.lines.flatMap((line) => (line.kind === 'document' ? [line.documentKey] : []));
  }
}
