import type { DocumentKey, DocumentType } from '@vesper/core/document';
import type { QuickbooksRecord } from '@vesper/core/ledger';
import type { Reason } from '@vesper/core/reason';
import type { Chart } from '../chart.ts';
import type { Json } from '../wire.ts';

/** What a document's mapping may ask about the world: the company's chart, and QuickBooks' ids of documents posted before. */
export interface MappingRoom {
  companyId: string;
  chart: Chart;
  recordOf: (key: DocumentKey) => QuickbooksRecord | undefined;
}

/** A document as QuickBooks' JSON without `Id`, or what is missing to write it. */
export type Mapped = { outcome: 'mapped'; entity: string; record: Json } | { outcome: 'hold'; reason: Reason };

export function mapped(entity: string, record: Json): Mapped {
  return { outcome: 'mapped', entity, record: dropUndefined(record) };
}

export const missing = {
  document: (key: DocumentKey): Mapped =>
    hold('waits_for_document', `It needs ${key}, which is not in QuickBooks.`, `It posts by itself once ${key} is posted.`),
  item: (role: string): Mapped =>
    hold(
      'item_missing',
      `No QuickBooks product or service is chosen for ${role.replace('_', ' ')} lines.`,
      'Choose one in the settings (or run the connect check again, which makes one); it posts on the next evening.',
    ),
  account: (role: string): Mapped =>
    hold(
      'account_missing',
      `No QuickBooks account is chosen for ${role.replaceAll('_', ' ')}.`,
      'Choose one in the settings (or run the connect check again); it posts on the next evening.',
    ),
};

export function hold(code: string, message: string, remedy: string): Mapped {
  return { outcome: 'hold', reason: { code, message, remedy } };
}

/** Which QuickBooks entity a document becomes; a refund's depends on the company's setting. */
export const ENTITY_OF: Readonly<Record<Exclude<DocumentType, 'refund'>, string>> = {
  customer: 'Customer',
  invoice: 'Invoice',
  payment: 'Payment',
  sales_receipt: 'SalesReceipt',
  deposit: 'Deposit',
};

function dropUndefined(record: Json): Json {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
