import type { KeptTokens, TokenStore } from './token-keeper.ts';

/** One connection's tokens in memory, for tests and for tools that run alone. A service keeps them encrypted. */
export function createMemoryTokenStore(): TokenStore {
  let kept: { kept: KeptTokens; version: number } | undefined;
  return {
    load: () => Promise.resolve(kept && structuredClone(kept)),
    save(next, expectedVersion) {
      if (expectedVersion !== 'any' && (kept?.version ?? 'new') !== expectedVersion) return Promise.resolve(false);
      kept = { kept: structuredClone(next), version: (kept?.version ?? 0) + 1 };
      return Promise.resolve(true);
    },
  };
}
