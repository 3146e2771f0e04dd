import { expect, it } from 'vitest';
import { agreement } from './agreement.ts';

// Without it a side that said nothing would pass for one that agrees, and books nobody compared would look right.
it.each([
  [{ days: 3, daysWithStatement: 3, isQuickbooksRead: true }, true, 'Platform, webhooks, ledger and QuickBooks agree.'],
  [
    { days: 3, daysWithStatement: 1, isQuickbooksRead: true },
    false,
    'Platform, webhooks, ledger and QuickBooks agree. The platform sent no totals for 2 of 3 days: nothing says that all of it came.',
  ],
  [
    { days: 1, daysWithStatement: 0, isQuickbooksRead: true },
    false,
    'Webhooks, ledger and QuickBooks agree. The platform sent no totals for this day: nothing says that all of it came.',
  ],
  [{ days: 1, daysWithStatement: 1, isQuickbooksRead: false }, false, 'Platform, webhooks and ledger agree. QuickBooks could not be read.'],
])('says of %o what was compared and what was not', (heard, isWhole, words) => {
  expect(agreement(heard)).toEqual({ isWhole, words });
});
