import type { Store } from '@vesper/outbox/store';
import { allCompanies } from './company.ts';
import { CUSTOMER_INDEX } from './quickbooks-stores.ts';

const KIND = 'restored';

/**
 * A store brought back from a backup does not know what was posted after the backup was made. Until a company has had a whole run since, its
 * runs look in QuickBooks for each document before they create it, and take over what is there.
 */
export async function markRestored(store: Store, at: string): Promise<{ companies: number }> {
  let companies = 0;
  for await (const { id, connection } of allCompanies(store)) {
    // It would be believed for half an hour, and does not know who was added since.
    if (connection.realmId !== undefined) await store.takeRecord(CUSTOMER_INDEX, connection.realmId);
    await store.putRecord(KIND, id, { at }, { expectedVersion: 'any' });
    companies += 1;
  }
  return { companies };
}

export async function wasRestored(store: Pick<Store, 'getRecord'>, companyId: string): Promise<boolean> {
  return (await store.getRecord(KIND, companyId)) !== undefined;
}

export async function forgetRestored(store: Pick<Store, 'takeRecord'>, companyId: string): Promise<void> {
  await store.takeRecord(KIND, companyId);
}
