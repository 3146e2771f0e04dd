import { documentKey, type DocumentKey } from '@vesper/core/document';
import { z } from 'zod';

const quickbooksId = z.string().min(1).max(40);
const name = z.string().min(1).max(200);
const key = z.string().regex(/^(customer|invoice|payment|sales_receipt|refund|deposit)\/./, 'is no document key, such as invoice/812');
const keys = z.array(key).min(1).max(1_000);

/**
 * What a person decided, once, for all alike. It is kept beside the events, never in them, and acts when documents are planned:
 * `map_*` lay over the settings, `customer_link` names the QuickBooks customer of a client, `skip` leaves documents out, `hold` lets a
 * subject wait, `post_on` dates documents, `take_back` voids or deletes what is posted and keeps it out.
 */
export const fix = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('map_item'), by: z.enum(['service', 'name']), of: name, itemId: quickbooksId }),
  z.strictObject({
    kind: z.literal('map_role'),
    role: z.enum(['default', 'discount', 'technologyFee', 'refund', 'tax']),
    itemId: quickbooksId,
  }),
  z.strictObject({
    kind: z.literal('map_account'),
    role: z.enum(['bank', 'processingFees', 'refundFees', 'returns', 'disputes']),
    accountId: quickbooksId,
  }),
  z.strictObject({
    kind: z.literal('map_class'),
    by: z.enum(['inspectors', 'services', 'locations']),
    of: name,
    classId: quickbooksId,
  }),
  z.strictObject({ kind: z.literal('customer_link'), clientId: name, quickbooksId }),
  z.strictObject({ kind: z.literal('skip'), keys }),
  z.strictObject({
    kind: z.literal('hold'),
    subjects: z
      .array(z.string().regex(/^(inspection|payment|payout)\/./))
      .min(1)
      .max(1_000),
  }),
  z.strictObject({ kind: z.literal('post_on'), keys, date: z.iso.date() }),
  z.strictObject({
    kind: z.literal('take_back'),
    documents: z
      .array(z.strictObject({ key, how: z.enum(['void', 'delete']) }))
      .min(1)
      .max(10_000),
  }),
]);

export type Fix = z.infer<typeof fix>;

/** A fix as it is kept: attributed, and reversible as long as it is not `revertedAt`. */
export interface Correction {
  id: string;
  companyId: string;
  fix: Fix;
  madeBy: string;
  madeAt: string;
  why: string;
  /** What it replaced, so that reverting can put it back: the customer's former QuickBooks record. */
  before?: unknown;
  revertedBy?: string;
  revertedAt?: string;
  revertedWhy?: string;
}

/** One sentence for people. */
export function describeFix(value: Fix): string {
  switch (value.kind) {
    case 'map_item':
      return `Lines of ${value.by} ${value.of} go to QuickBooks item ${value.itemId}.`;
    case 'map_role':
      return `${ROLES[value.role]} go to QuickBooks item ${value.itemId}.`;
    case 'map_account':
      return `${ACCOUNTS[value.role]} go to QuickBooks account ${value.accountId}.`;
    case 'map_class':
      return `${value.by} ${value.of} get QuickBooks class or location ${value.classId}.`;
    case 'customer_link':
      return `${documentKey.customer(value.clientId)} is QuickBooks customer ${value.quickbooksId}.`;
    case 'skip':
      return `Left out: ${listed(value.keys)}.`;
    case 'hold':
      return `Waits until released: ${listed(value.subjects)}.`;
    case 'post_on':
      return `Dated ${value.date}: ${listed(value.keys)}.`;
    case 'take_back':
      return `Taken back and kept out: ${listed(value.documents.map((document) => document.key))}.`;
  }
}

const ROLES: Record<Extract<Fix, { kind: 'map_role' }>['role'], string> = {
  default: 'Services without an item of their own',
  discount: 'Discounts',
  technologyFee: 'Technology fees',
  refund: 'Refunds',
  tax: 'Sales tax',
};
const ACCOUNTS: Record<Extract<Fix, { kind: 'map_account' }>['role'], string> = {
  bank: 'Deposits',
  processingFees: 'Processing fees',
  refundFees: 'Refund fees',
  returns: 'Returned payments',
  disputes: 'Disputed payments',
};

function listed(keys: readonly DocumentKey[]): string {
  return keys.length <= 5 ? keys.join(', ') : `${keys.slice(0, 5).join(', ')} and ${keys.length - 5} more`;
}
