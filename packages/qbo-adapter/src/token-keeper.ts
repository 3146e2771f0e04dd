import type { Reason } from '@vesper/core/reason';
import type { Clock } from './clock.ts';
import type { OAuth, Tokens } from './oauth.ts';
import type { AccessResult, AccessTokens } from './qbo-client.ts';

/** What rests in the store for one connection: the tokens, who is refreshing them, and why they no longer work. */
export interface KeptTokens {
  tokens: Tokens;
  /** A refresh under way, so that no other process starts a second. Forgotten after `until`. */
  refreshing?: { by: string; until: string };
  /** Set once QuickBooks has ended the connection. */
  ended?: Reason;
}

/** The connection's place in the store, encrypted at rest by it. `save` is a compare-and-set and tells whether it won. */
export interface TokenStore {
  load(): Promise<{ kept: KeptTokens; version: number } | undefined>;
  save(kept: KeptTokens, expectedVersion: number | 'new' | 'any'): Promise<boolean>;
}

export type ConnectionState =
  | { state: 'none' }
  | { state: 'connected'; realmId: string; notice?: Reason }
  | { state: 'reconnect'; realmId: string; reason: Reason };

export interface TokenKeeper extends AccessTokens {
  /** Keeps the tokens of a new connection. Another company than before is refused unless it is meant. */
  connect(
    tokens: Tokens,
    options?: { allowOtherRealm?: boolean },
  ): Promise<{ outcome: 'connected' } | { outcome: 'other_realm'; reason: Reason }>;
  state(): Promise<ConnectionState>;
}

/** A token is renewed this long before it ends, so that none ends on its way. */
const SLACK_MS = 120_000;
/** Longer than the slowest token call: after it a refresh is that of a dead process. */
const CLAIM_MS = 60_000;
const POLL_MS = 250;
const DAY_MS = 86_400_000;
/** How early the end of a connection is announced. */
export const NOTICE_DAYS = 14;

/**
 * Keeps one connection alive. Across processes one refresh at a time, by a claim that is compared and set; whatever token Intuit
 * issued last is the one that is kept; and before a connection is called ended, the store is read again, since another process may
 * have renewed it meanwhile.
 */
export function createTokenKeeper({
  oauth,
  store,
  clock,
  newId,
}: {
  oauth: OAuth;
  store: TokenStore;
  clock: Clock;
  newId: () => string;
}): TokenKeeper {
  const isoAfter = (ms: number) => new Date(clock.now() + ms).toISOString();
  const isPast = (instant: string, slackMs = 0) => Date.parse(instant) <= clock.now() + slackMs;
  const underWay = new Map<string, Promise<AccessResult>>();

  async function access(refused?: string): Promise<AccessResult> {
    for (;;) {
      const found = await store.load();
      if (!found) return { outcome: 'reconnect', reason: NOT_CONNECTED };
      const { kept, version } = found;
      if (kept.ended) return { outcome: 'reconnect', reason: kept.ended };
      const { accessToken, accessExpiresAt } = kept.tokens;
      if (accessToken !== refused && !isPast(accessExpiresAt, SLACK_MS)) return { outcome: 'token', token: accessToken };
      if (kept.refreshing && !isPast(kept.refreshing.until)) {
        await clock.sleep(POLL_MS);
        continue;
      }
      const by = newId();
      if (!(await store.save({ ...kept, refreshing: { by, until: isoAfter(CLAIM_MS) } }, version))) continue;
      const result = await refresh(kept.tokens, by);
      if (result) return result;
    }
  }

  /** Holds the claim. Undefined means: the store has newer tokens, look again. */
  async function refresh(tokens: Tokens, by: string): Promise<AccessResult | undefined> {
    const answer = await oauth.refresh(tokens);
    switch (answer.outcome) {
      case 'tokens':
        await keepNewest(answer.tokens);
        return { outcome: 'token', token: answer.tokens.accessToken };
      case 'unavailable':
        await settle(tokens, by, {});
        return { outcome: 'unavailable', reason: answer.reason };
      case 'declined':
      case 'invalid_grant':
      case 'user_not_in_realm': {
        const isLast = await settle(tokens, by, { ended: answer.reason });
        return isLast ? { outcome: 'reconnect', reason: answer.reason } : undefined;
      }
      case 'invalid_client':
        // The service's keys are wrong, not the connection: it works again once they are right.
        await settle(tokens, by, {});
        return { outcome: 'reconnect', reason: answer.reason };
    }
  }

  /** Saves tokens unless later ones are there already (a person connected again during the refresh). */
  async function keepNewest(tokens: Tokens): Promise<void> {
    for (;;) {
      const found = await store.load();
      if (found && Date.parse(found.kept.tokens.obtainedAt) > Date.parse(tokens.obtainedAt)) return;
      if (await store.save({ tokens }, found?.version ?? 'new')) return;
    }
  }

  /** Gives the claim back, with what was learned. False when the tokens are no longer those the refresh was about. */
  async function settle(tokens: Tokens, by: string, learned: { ended?: Reason }): Promise<boolean> {
    for (;;) {
      const found = await store.load();
      if (!found || found.kept.tokens.refreshToken !== tokens.refreshToken) return false;
      if (found.kept.refreshing !== undefined && found.kept.refreshing.by !== by) return !learned.ended;
      if (await store.save({ tokens: found.kept.tokens, ...learned }, found.version)) return true;
    }
  }

  /** Callers of one process that want the same share one look. */
  function shared(refused?: string): Promise<AccessResult> {
    const wish = refused ?? '';
    let look = underWay.get(wish);
    if (!look) {
      look = access(refused).finally(() => underWay.delete(wish));
      underWay.set(wish, look);
    }
    return look;
  }

  return {
    access: () => shared(),
    renew: (refused) => shared(refused),
    async connect(tokens, { allowOtherRealm = false } = {}) {
      const found = await store.load();
      const realmId = found?.kept.tokens.realmId;
      if (realmId !== undefined && realmId !== tokens.realmId && !allowOtherRealm) {
        return { outcome: 'other_realm', reason: otherRealm(realmId, tokens.realmId) };
      }
      await store.save({ tokens }, 'any');
      return { outcome: 'connected' };
    },
    async state() {
      const found = await store.load();
      if (!found) return { state: 'none' };
      const { tokens, ended } = found.kept;
      if (ended) return { state: 'reconnect', realmId: tokens.realmId, reason: ended };
      const notice = expiryNotice(tokens, clock.now());
      return { state: 'connected', realmId: tokens.realmId, ...(notice && { notice }) };
    },
  };
}

/** Announces 14 days ahead that a connection will end: by disuse after 100 days, or for good after five years. */
export function expiryNotice({ refreshExpiresAt, refreshHardExpiresAt }: Tokens, now: number): Reason | undefined {
  const ends = [
    { at: refreshExpiresAt, forGood: false },
    ...(refreshHardExpiresAt === undefined ? [] : [{ at: refreshHardExpiresAt, forGood: true }]),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const [first] = ends;
  if (!first) return undefined;
  const days = Math.floor((Date.parse(first.at) - now) / DAY_MS);
  if (days > NOTICE_DAYS) return undefined;
  const when = days < 0 ? 'has ended' : days === 0 ? 'ends today' : `ends in ${days} ${days === 1 ? 'day' : 'days'}`;
  return {
    code: first.forGood ? 'connection_ends_for_good' : 'connection_ends_by_disuse',
    message: first.forGood
      ? `The QuickBooks connection ${when} (${first.at.slice(0, 10)}): Intuit ends every connection five years after it was made.`
      : `The QuickBooks connection ${when} (${first.at.slice(0, 10)}) because it has not been used for almost 100 days.`,
    remedy: first.forGood
      ? 'An administrator of the QuickBooks company should connect again before that day; nothing has to be set up anew.'
      : 'Run the company once, which renews it; after that day an administrator of the QuickBooks company must connect again.',
    since: first.at,
  };
}

function otherRealm(before: string, after: string): Reason {
  return {
    code: 'other_realm',
    message: `This company was connected to QuickBooks company ${before}; the sign-in was for ${after}, where none of its documents are.`,
    remedy: 'Connect again and choose the same QuickBooks company, or say that the company has moved to another one.',
  };
}

const NOT_CONNECTED: Reason = {
  code: 'not_connected',
  message: 'The company is not connected to QuickBooks.',
  remedy: 'Connect it with "Connect to QuickBooks"; what waits is posted then.',
};
