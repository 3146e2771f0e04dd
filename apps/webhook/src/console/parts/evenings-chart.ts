import type { Evening } from '../evening-sums.ts';
import { plural } from '../words.ts';
import { dayChart } from './day-chart.ts';
import type { Html } from './html.ts';

/** The last evenings: documents that changed in QuickBooks, that wait, that failed. */
export function eveningsChart(evenings: readonly Evening[]): Html {
  const sum = (of: (evening: Evening) => number) => evenings.reduce((total, evening) => total + of(evening), 0);
  const failed = sum((evening) => evening.failed);
  return dayChart({
    days: evenings.map(({ localDate, changed, held, failed: notPosted }) => ({ localDate, values: [changed, held, notPosted] })),
    series: [
      { name: 'Posted, updated, voided', look: 'first' },
      { name: 'Held', look: 'second' },
      { name: 'Failed or unknown', look: 'third' },
    ],
    shape: 'stacked',
    told: `${plural(
      sum(({ changed }) => changed),
      'document',
    )} changed in QuickBooks in ${plural(evenings.length, 'evening')}; ${failed === 0 ? 'none failed' : `${failed} failed`}.`,
  });
}
