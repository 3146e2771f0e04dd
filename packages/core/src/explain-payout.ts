import type { Payout } from './event.ts';
import type { Explanation } from './explain.ts';
import { formatDollars } from './money.ts';

/** Reasons about a payout. */
export const explainPayout = {
  doesNotAddUp: (payout: Payout, differenceCents: number): Explanation => ({
    code: 'payout_does_not_add_up',
    message: `${namePayout(payout)} is ${formatDollars(Math.abs(differenceCents))} ${differenceCents > 0 ? 'more' : 'less'} than its items add up to.`,
    remedy:
      'Compare it with the bank line and the platform, and ask the platform for a corrected statement; nothing is adjusted to make it fit.',
    amountCents: differenceCents,
    since: payout.arrivedAt,
  }),
  notPositive: (payout: Payout): Explanation => ({
    code: 'payout_not_positive',
    message: `${namePayout(payout)} brings no money to the bank, so it cannot be a deposit.`,
    remedy: 'Enter it in QuickBooks by hand, as the bank shows it.',
    amountCents: payout.netCents,
    since: payout.arrivedAt,
  }),
  waitsForDocuments: (payout: Payout, missing: { what: string; amountCents: number }[], amountCents: number): Explanation => ({
    code: 'payout_waits_for_documents',
    message: `${namePayout(payout)} contains ${missing.map(({ what, amountCents: cents }) => `${what} (${formatDollars(cents)})`).join(', ')}, not in the books. A deposit without it would not equal the bank line.`,
    remedy:
      'The deposit is made in the evening after these are posted. If one is left out on purpose (before the synchronization start, say), enter this deposit in QuickBooks by hand.',
    amountCents,
    since: payout.arrivedAt,
  }),
};

export function namePayout({ id, netCents }: Payout): string {
  return `Payout ${id} of ${formatDollars(netCents)}`;
}
