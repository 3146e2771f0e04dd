import { randomUUID } from 'node:crypto';
import type { Books } from '@vesper/core/books';
import type { Reason } from '@vesper/core/reason';
import { companySettings, type CompanySettingsInput } from '@vesper/core/settings';
import { createBooks } from './books.ts';
import type { Chart } from './chart.ts';
import { type Clock, systemClock } from './clock.ts';
import { checkCompany } from './connect-checks.ts';
import type { CustomerClaims } from './customer-match.ts';
import { createCustomerIndex } from './customers.ts';
import { createHttpClient, type QboEnvironment } from './http-client.ts';
import { createLimiter, type LimiterStore } from './limiter.ts';
import { createMemoryTokenStore } from './memory-token-store.ts';
import type { OAuth } from './oauth.ts';
import { createQboClient, type QboClient } from './qbo-client.ts';
import { createTokenKeeper, type TokenStore } from './token-keeper.ts';

export type ConnectedCompany =
  | { outcome: 'connected'; books: Books; client: QboClient; chart: Chart; problems: Reason[] }
  | { outcome: 'failed'; reason: Reason };

/**
 * All parts put together for one company, for scripts and for apps with one process: from the OAuth callback to its books. Without stores of its own
 * everything is kept in memory. A service with several processes composes the same parts over its own stores.
 */
export async function connectCompany({
  oauth,
  callback,
  companyId,
  settings,
  environment,
  emulatorUrl,
  tokenStore = createMemoryTokenStore(),
  limiterStore,
  claims = NO_CLAIMS,
  clock = systemClock,
  newId = randomUUID,
}: {
  oauth: OAuth;
  /** The address QuickBooks sent the person back to; its `state` has been checked. */
  callback: string;
  companyId: string;
  settings: CompanySettingsInput;
  environment: QboEnvironment;
  emulatorUrl?: string;
  tokenStore?: TokenStore;
  limiterStore?: LimiterStore;
  claims?: CustomerClaims;
  clock?: Clock;
  newId?: () => string;
}): Promise<ConnectedCompany> {
  const exchanged = await oauth.exchange(callback);
  if (exchanged.outcome !== 'tokens') return { outcome: 'failed', reason: exchanged.reason };
  const { tokens } = exchanged;
  const keeper = createTokenKeeper({ oauth, store: tokenStore, clock, newId });
  const kept = await keeper.connect(tokens);
  if (kept.outcome === 'other_realm') return { outcome: 'failed', reason: kept.reason };
  const client = createQboClient({
    realmId: tokens.realmId,
    http: createHttpClient({ environment, ...(emulatorUrl !== undefined && { emulatorUrl }) }),
    tokens: keeper,
    limiter: createLimiter({ clock, newId, ...(limiterStore && { store: limiterStore }) }),
    clock,
  });
  const parsed = companySettings.parse(settings);
  const checked = await checkCompany(client, parsed, { now: () => clock.now(), newId });
  if (checked.outcome !== 'checked') return { outcome: 'failed', reason: checked.reason };
  const { chart, problems } = checked;
  const books = createBooks({ companyId, client, chart, settings: parsed, index: createCustomerIndex({ client, clock }), claims, clock });
  return { outcome: 'connected', books, client, chart, problems };
}

const NO_CLAIMS: CustomerClaims = { claimedBy: () => Promise.resolve(new Map()) };
