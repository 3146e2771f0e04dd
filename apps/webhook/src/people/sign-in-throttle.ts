import { createHash } from 'node:crypto';
import type { Store } from '@vesper/outbox/store';

/** Counts tries by account and by address. A try is counted before it is checked, so that trying at the same moment gains nothing. */
export interface SignInThrottle {
  /** Counts one try, or says how long to wait. */
  take(what: { account: string; address: string }): Promise<{ outcome: 'go' } | { outcome: 'wait'; waitMs: number }>;
  /** It was right: the account's count begins again. The address keeps its own. */
  forgive(account: string): Promise<void>;
}

interface Tries {
  count: number;
  /** Epoch ms before which no further try counts. */
  notBeforeMs: number;
}

/** Free tries, then a wait that doubles from `firstWaitMs` to `longestWaitMs`. Counts vanish `forgetMs` after the last try. */
interface Patience {
  free: number;
  firstWaitMs: number;
  longestWaitMs: number;
  forgetMs: number;
}

const ACCOUNT: Patience = { free: 5, firstWaitMs: 5_000, longestWaitMs: 15 * 60_000, forgetMs: 24 * 60 * 60_000 };
/** An office shares one address, and so does everybody behind a proxy. */
const ADDRESS: Patience = { free: 50, firstWaitMs: 2_000, longestWaitMs: 60_000, forgetMs: 15 * 60_000 };
const KIND = 'sign_in_tries';

export function createSignInThrottle({ store, clock }: { store: Store; clock: { now(): number } }): SignInThrottle {
  const count = async (id: string, patience: Patience): Promise<number> => {
    for (;;) {
      const found = await store.getRecord<Tries>(KIND, id);
      const { count: before, notBeforeMs } = found?.value ?? { count: 0, notBeforeMs: 0 };
      const nowMs = clock.now();
      if (nowMs < notBeforeMs) return notBeforeMs - nowMs;
      const tries = before + 1;
      const over = tries - patience.free;
      const waitMs = over < 0 ? 0 : Math.min(patience.firstWaitMs * 2 ** Math.min(over, 30), patience.longestWaitMs);
      const saved = await store.putRecord(
        KIND,
        id,
        { count: tries, notBeforeMs: nowMs + waitMs },
        { expectedVersion: found?.version ?? 'new', expiresAt: new Date(nowMs + patience.forgetMs).toISOString() },
      );
      if (saved.outcome === 'saved') return 0;
    }
  };

  return {
    async take({ account, address }) {
      const waitMs = Math.max(await count(`address/${digest(address)}`, ADDRESS), await count(accountId(account), ACCOUNT));
      return waitMs > 0 ? { outcome: 'wait', waitMs } : { outcome: 'go' };
    },

    async forgive(account) {
      await store.takeRecord(KIND, accountId(account));
    },
  };
}

const accountId = (account: string): string => `account/${digest(account.trim().toLowerCase())}`;

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
