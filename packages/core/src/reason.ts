/**
 * Why something waits, is skipped or went wrong, for programs (`code`) and for people.
 * `message` says what happened and to which document; `remedy` what to do next, or what will release it by itself.
 */
export interface Reason {
  code: string;
  message: string;
  remedy: string;
  amountCents?: number;
  /** Instant from which it waits. */
  since?: string;
  daysWaited?: number;
  /** QuickBooks' own words and ids, for support. */
  quickbooks?: { code?: string; detail?: string; intuitTid?: string };
}
