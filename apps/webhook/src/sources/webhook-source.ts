/** How one source signs. Verification is over the raw bytes and never parses them; a refusal carries no detail to the caller. */
export interface WebhookSource {
  /** The request headers it must see, in lower case; no others are handed in. */
  readonly headerNames: readonly string[];
  /** Companies it may tell of; all when left out. */
  readonly companies?: ReadonlySet<string>;
  verify(delivery: {
    headers: Readonly<Record<string, string | undefined>>;
    /** What follows the source's name in the address, for sources that cannot sign. */
    token?: string | undefined;
    body: Uint8Array;
    receivedAtMs: number;
  }): { outcome: 'verified'; webhookId: string } | { outcome: 'refused'; why: string };
}
