import { createHmac, randomUUID } from 'node:crypto';

/** One change as a webhook tells it. `deletedId` goes with Merge only (Intuit webhooks page). */
export type Notice = {
  readonly realmId: string;
  readonly name: string;
  readonly id: string;
  readonly operation: 'Create' | 'Update' | 'Delete' | 'Merge' | 'Void' | 'Emailed';
  readonly at: number;
  readonly deletedId?: string;
};

/** Intuit webhooks page: the entities that are told about; Preferences has Update only. */
const covered = new Set([
  'Account',
  'Class',
  'CreditMemo',
  'Customer',
  'Department',
  'Deposit',
  'Employee',
  'Invoice',
  'Item',
  'Payment',
  'PaymentMethod',
  'Preferences',
  'RefundReceipt',
  'SalesReceipt',
  'Term',
  'Vendor',
]);

export function isCovered(name: string): boolean {
  return covered.has(name);
}

/** The old shape: one object for any number of changes of a company; `lastUpdated` has no colon in its offset. */
export function legacyBody(notices: readonly Notice[]): string {
  const realmId = notices[0]?.realmId;
  const entities = notices.map(({ name, id, operation, at, deletedId }) => ({
    name,
    id,
    operation,
    lastUpdated: `${new Date(at).toISOString().slice(0, 19)}+0000`,
    ...(deletedId === undefined ? {} : { deletedId }),
  }));
  return JSON.stringify({ eventNotifications: [{ realmId, dataChangeEvent: { entities } }] });
}

const verbs: Readonly<Record<Notice['operation'], string>> = {
  Create: 'created',
  Update: 'updated',
  Delete: 'deleted',
  Merge: 'merged',
  Void: 'voided',
  Emailed: 'emailed',
};

/** The new shape, a list of CloudEvents (Intuit blog, November 2025). Merge and void are inferred from third-party code. */
export function cloudEventsBody(notices: readonly Notice[]): string {
  return JSON.stringify(
    notices.map(({ realmId, name, id, operation, at, deletedId }) => ({
      specversion: '1.0',
      id: randomUUID(),
      source: 'intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=',
      type: `qbo.${name.toLowerCase()}.${verbs[operation]}.v1`,
      datacontenttype: 'application/json',
      time: `${new Date(at).toISOString().slice(0, 19)}Z`,
      intuitentityid: id,
      intuitaccountid: realmId,
      data: deletedId === undefined ? {} : { deletedid: deletedId },
    })),
  );
}

/** base64(HMAC-SHA256(raw body, verifier token)) (Intuit webhooks page). */
export function signature(body: string, verifierToken: string): string {
  return createHmac('sha256', verifierToken).update(body).digest('base64');
}
