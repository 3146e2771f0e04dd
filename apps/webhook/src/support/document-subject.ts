import type { DocumentKey } from '@vesper/core/document';

/** What a document is about, as events name it: `invoice/812` is about `inspection/812`; a subject is about itself. A customer is nobody's subject alone. */
export function subjectOfDocument(key: DocumentKey): string | undefined {
  const [kind = '', id = ''] = key.split(/\/(.*)/s);
  switch (kind) {
    case 'invoice':
      return `inspection/${id}`;
    case 'payment':
    case 'sales_receipt':
      return `payment/${id}`;
    case 'refund':
      return `payment/${id.slice(0, id.indexOf('/'))}`;
    case 'deposit':
      return `payout/${id}`;
    case 'inspection':
    case 'payout':
      return key;
    default:
      return undefined;
  }
}
