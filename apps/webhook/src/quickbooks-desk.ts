import { createBooks } from '@vesper/qbo-adapter/books';
import type { Chart } from '@vesper/qbo-adapter/chart';
import type { Clock } from '@vesper/qbo-adapter/clock';
import { checkCompany } from '@vesper/qbo-adapter/connect-checks';

import { readTotals } from '@vesper/qbo-adapter/control-totals';
import { createCustomerIndex } from '@vesper/qbo-adapter/customers';
import { createHttpClient, type HttpClient } from '@vesper/qbo-adapter/http-client';
import { createLimiter, QUICKBOOKS_LIMITS } from '@vesper/qbo-adapter/limiter';
import { createOAuth, type OAuth } from '@vesper/qbo-adapter/oauth';
import { createQboClient, type QboClient } from '@vesper/qbo-adapter/qbo-client';
import { createTokenKeeper, type TokenKeeper } from '@vesper/qbo-adapter/token-keeper';
import type { Reason } from '@vesper/core/reason';
import type { FlushClock } from '@vesper/outbox/flusher';
import type { Store } from '@vesper/outbox/store';
import type { BooksDesk } from './company-run.ts';
import type { Company } from './company.ts';
import type { Config } from './config.ts';
import type { ConnectDesk } from './connect.ts';
import { withHangUp } from './hang-up.ts';
import type { Logger } from './logger.ts';
import { claimsOf, customerIndexStore, limiterStore, TOKENS, tokenStore } from './quickbooks-stores.ts';

/** All that is made of the adapter for one service: shared limits, a token keeper and a customer index for each company. */
export interface QuickbooksDesk extends ConnectDesk {
  readonly openBooks: BooksDesk;
  /** A client for a connected company, for what is read outside runs: pickers, checks, reconciliation. */
  readonly clientOf: (company: Company) => { outcome: 'open'; client: QboClient } | { outcome: 'closed'; reason: Reason };
  /** What is to be said of a connection before it breaks: that it ends soon, or has ended. */
  readonly connectionNotice: (company: Company) => Promise<Reason | undefined>;
}

export function createQuickbooksDesk({
  intuit,
  store,
  clock,
  logger,
  publicUrl,
  hangUp,
  wire,
}: {
  intuit: Config['intuit'];
  store: Store;
  clock: FlushClock;
  logger: Logger;
  publicUrl: () => string;
  /** Aborted when the process must end now: nobody waits for QuickBooks any longer. */
  hangUp: AbortSignal;
  /** Carries requests instead of the network. */
  wire?: { http: HttpClient; oauth: OAuth };
}): QuickbooksDesk {
  const { environment, clientId, clientSecret, emulatorUrl } = intuit;
  const where = { environment, ...(emulatorUrl !== undefined && { emulatorUrl }) };
  const realClock: Clock = {
    now: () => clock.now(),
    sleep: (ms, signal) => clock.sleep(ms, signal ? AbortSignal.any([signal, hangUp]) : hangUp),
  };
  const http = withHangUp(wire?.http ?? createHttpClient(where), hangUp);
  const limiter = createLimiter({
    store: limiterStore(store),
    clock: realClock,
    newId: () => clock.newId(),
    limits: intuit.limits === 'off' ? WITHOUT_LIMITS : QUICKBOOKS_LIMITS,
  });
  const keepers = new Map<string, TokenKeeper>();
  let oauth = wire?.oauth;
  // The address is known only once the service listens.
  const oauthNow = (): OAuth => (oauth ??= createOAuth({ clientId, clientSecret, ...where, redirectUri: `${publicUrl()}/oauth/callback` }));

  const keeperOf = (companyId: string): TokenKeeper => {
    const known = keepers.get(companyId);
    if (known) return known;
    const keeper = createTokenKeeper({
      oauth: oauthNow(),
      store: tokenStore(store, companyId),
      clock: realClock,
      newId: () => clock.newId(),
    });
    keepers.set(companyId, keeper);
    return keeper;
  };
  const clientFor = (companyId: string, realmId: string): QboClient =>
    createQboClient({
      realmId,
      http,
      tokens: keeperOf(companyId),
      limiter,
      clock: realClock,
      onRequest: ({ kind, path, status, ms, intuitTid, requestId }) =>
        logger.debug(
          // A batch is sealed under the id it is sent with.
          { companyId, kind, path, status, ms, intuitTid, ...(kind === 'batch' ? { batchId: requestId } : { writeId: requestId }) },
          'QuickBooks request',
        ),
    });

  const clientOf: QuickbooksDesk['clientOf'] = ({ id, connection }) => {
    const { state, realmId, problems } = connection;
    if (state !== 'connected' || realmId === undefined) return { outcome: 'closed', reason: problems[0] ?? NOT_CONNECTED };
    return { outcome: 'open', client: clientFor(id, realmId) };
  };

  return {
    authorizeUrl: (state) => oauthNow().authorizeUrl(state),

    async exchange(companyId, { code, realmId }, { moves }) {
      const answer = await oauthNow().exchange(new URLSearchParams({ code, realmId }));
      if (answer.outcome !== 'tokens') return { outcome: 'refused', reason: answer.reason };
      const before = moves ? await tokenStore(store, companyId).load() : undefined;
      const kept = await keeperOf(companyId).connect(answer.tokens, { allowOtherRealm: moves });
      if (kept.outcome === 'other_realm') return { outcome: 'refused', reason: kept.reason };
      if (before && before.kept.tokens.realmId !== realmId) await oauthNow().revoke(before.kept.tokens.refreshToken);
      return kept;
    },

    async check({ id, settings }, realmId) {
      const checked = await checkCompany(clientFor(id, realmId), settings, { now: () => clock.now(), newId: () => clock.newId() });
      switch (checked.outcome) {
        case 'checked':
          return { problems: checked.problems, chart: checked.chart, choices: checked.preview };
        case 'refused':
          return { problems: [], refused: checked.reason };
        case 'unavailable':
          // Connected all the same; without its chart nothing is posted, and the pre-flight checks again.
          return { problems: [checked.reason] };
      }
    },

    async revoke(companyId) {
      const kept = await tokenStore(store, companyId).load();
      if (kept) await oauthNow().revoke(kept.kept.tokens.refreshToken);
      await store.deleteSecret(companyId, TOKENS);
      keepers.delete(companyId);
    },

    clientOf,

    async connectionNotice({ id }) {
      const kept = await keeperOf(id).state();
      switch (kept.state) {
        case 'none':
          return undefined;
        case 'connected':
          return kept.notice;
        case 'reconnect':
          return kept.reason;
      }
    },

    async openBooks(company, runClock, { lookBeforeCreate = false } = {}) {
      const opened = clientOf(company);
      if (opened.outcome === 'closed') return opened;
      const { client } = opened;
      const chart = company.connection.chart as Chart | undefined;
      if (!chart) return { outcome: 'closed', reason: NOT_CHECKED };
      const index = createCustomerIndex({ client, clock: realClock, store: customerIndexStore(store, client.realmId) });
      const books = createBooks({
        companyId: company.id,
        client,
        chart,
        settings: company.settings,
        index,
        claims: claimsOf(store, company.id),
        clock: { ...realClock, now: () => runClock.now() },
        lookBeforeCreate,
      });
      return {
        outcome: 'open',
        open: { books, requests: () => client.counts().requests, totals: (days) => readTotals(client, company.id, days) },
      };
    },
  };
}

const WITHOUT_LIMITS = { inFlight: 100, perSecond: 1_000_000, perMinute: 1_000_000, batchesPerMinute: 1_000_000 };

const NOT_CONNECTED: Reason = {
  code: 'not_connected',
  message: 'This company is not connected to QuickBooks; what arrives is stored and waits.',
  remedy: 'Connect it: POST /v1/companies/{id}/connect answers the address to open.',
};

const NOT_CHECKED: Reason = {
  code: 'not_checked',
  message: 'The QuickBooks company has not been checked since it was connected, so Vesper does not know which accounts to post to.',
  remedy: 'Connect it again; the check runs at the end of connecting.',
};
