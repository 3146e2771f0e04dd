/** How one source signs. Verification is over the raw bytes and never parses them; a refusal carries no detail to the caller. */
export interface WebhookSource {
  verify(delivery: {
    headers: Readonly<Record<string, string | undefined>>;
    body: Uint8Array;
    receivedAtMs: number;
  }): { outcome: 'verified'; webhookId: string } | { outcome: 'refused'; why: string };
}
