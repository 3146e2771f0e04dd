/**
 * Until when a holder may trust a lease, on the clock the call's start was read from: start of the call + TTL − a tenth of it.
 * Counted from the start, so an answer that took long does not stretch the lease.
 */
export const leaseTrustedUntilMs = ({ startedMs, ttlMs }: { startedMs: number; ttlMs: number }): number => startedMs + ttlMs - ttlMs / 10;
