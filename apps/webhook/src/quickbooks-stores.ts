import type { DocumentKey } from '@vesper/core/document';
import type { Store } from '@vesper/outbox/store';
import type { CustomerClaims } from '@vesper/qbo-adapter/customer-match';
import type { CustomerIndexData, CustomerIndexStore } from '@vesper/qbo-adapter/customers';
import type { LimiterState, LimiterStore } from '@vesper/qbo-adapter/limiter';
import type { KeptTokens, TokenStore } from '@vesper/qbo-adapter/token-keeper';

/** The ports of the adapter, kept in Vesper's store. */
export const TOKENS = 'quickbooks_tokens';

export function tokenStore(store: Store, companyId: string): TokenStore {
  return {
    async load() {
      const secret = await store.getSecret(companyId, TOKENS);
      return secret && { kept: JSON.parse(secret.value) as KeptTokens, version: secret.version };
    },
    save: (kept, expectedVersion) => store.putSecret(companyId, TOKENS, JSON.stringify(kept), expectedVersion),
  };
}

export function limiterStore(store: Store): LimiterStore {
  return {
    async load(realmId) {
      const found = await store.getRecord<LimiterState>('limiter', realmId);
      return found && { state: found.value, version: found.version };
    },
    save: async (realmId, state, expectedVersion) =>
      (await store.putRecord('limiter', realmId, state, { expectedVersion })).outcome === 'saved',
  };
}

export const CUSTOMER_INDEX = 'customer_index';

/** The customer index of one realm, kept between runs. */
export function customerIndexStore(store: Store, realmId: string): CustomerIndexStore {
  return {
    load: async () => (await store.getRecord<CustomerIndexData>(CUSTOMER_INDEX, realmId))?.value,
    save: async (data) => {
      await store.putRecord(CUSTOMER_INDEX, realmId, data, { expectedVersion: 'any' });
    },
  };
}

/** Which QuickBooks customers are some client's already: one QuickBooks customer is never two clients'. */
export function claimsOf(store: Store, companyId: string): CustomerClaims {
  return {
    async claimedBy(ids) {
      const records = await store.ledgerByQuickbooks(
        companyId,
        ids.map((id) => ({ entity: 'Customer', id })),
      );
      return new Map<string, DocumentKey>(records.flatMap(({ key, quickbooks }) => (quickbooks ? [[quickbooks.id, key] as const] : [])));
    },
  };
}
