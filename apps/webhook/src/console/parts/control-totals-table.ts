import { formatDollars } from '@vesper/core/money';
import { html } from 'hono/html';
import { agreement } from '../../reconciliation/agreement.ts';
import type { Visitor } from '../visitor.ts';
import { plural } from '../words.ts';
import type { Html } from './html.ts';
import { differencesIn } from './run-words.ts';
import { table } from './table.ts';

type Side = Readonly<Record<string, unknown>> | null | undefined;

const SIDES = [
  { name: 'Platform', of: 'platform' },
  { name: 'Webhooks', of: 'outbox' },
  { name: 'Vesper’s ledger', of: 'ledger' },
  { name: 'QuickBooks', of: 'quickbooks' },
] as const;
const FIGURES = [
  { name: 'Payments', of: 'paymentsCents' },
  { name: 'Refunds', of: 'refundsCents' },
  { name: 'Payouts', of: 'payoutsCents' },
] as const;

/** A day from four sides, and every difference in words. Read from the run's own JSON, whatever its age. */
export function controlTotalsTable(controlTotals: unknown, { seesNames }: Visitor): Html {
  const differences = differencesIn(controlTotals);
  if (!differences) return html`<p class="empty">Not compared: the run did not come to its end, or is older than the comparison.</p>`;
  const sides = controlTotals as Record<string, Side>;
  const { isWhole, words } = agreement({
    days: 1,
    daysWithStatement: sides.platform ? 1 : 0,
    isQuickbooksRead: Boolean(sides.quickbooks),
  });
  return html`${table({
    caption: 'Control totals',
    rows: FIGURES,
    empty: '',
    columns: [
      { name: 'Money of the day', show: ({ name }) => name },
      ...SIDES.map((side) => ({
        name: side.name,
        number: true,
        show: (figure: (typeof FIGURES)[number]) => amountIn(sides[side.of], figure.of),
      })),
    ],
  })}
  ${
    differences.length === 0
      ? html`<p class="told ${isWhole ? 'good' : ''}">${words}</p>`
      : html`<p class="told careful">${plural(differences.length, 'difference')}. Shown, never adjusted.</p>
          ${
            seesNames &&
            html`<ul class="differences">
              ${differences.map((difference) => html`<li>${difference}</li>`)}
            </ul>`
          }`
  }`;
}

function amountIn(side: Side, figure: string): string | undefined {
  const cents = side?.[figure];
  return typeof cents === 'number' ? formatDollars(cents) : undefined;
}
