import { formatDollars } from '@vesper/core/money';
import { html } from 'hono/html';
import type { Visitor } from '../visitor.ts';
import { plural, sentence } from '../words.ts';
import type { Html } from './html.ts';
import { differencesIn } from './run-words.ts';
import { table } from './table.ts';

interface Sum {
  count: number;
  cents: number;
}

interface Row {
  kind: string;
  platform: number | undefined;
  outbox: Sum | undefined;
  quickbooks: Sum | undefined;
}

const PLATFORM: Readonly<Record<string, string>> = {
  payments: 'paymentsCents',
  salesReceipts: 'paymentsCents',
  refunds: 'refundsCents',
  deposits: 'payoutsCents',
};

/** Platform, outbox and QuickBooks side by side, and every difference in words. Read from the run's own JSON, whatever its age. */
export function controlTotalsTable(controlTotals: unknown, { seesNames }: Visitor): Html {
  const differences = differencesIn(controlTotals);
  if (!differences) return html`<p class="empty">Not compared: the run did not come to its end, or is older than the comparison.</p>`;
  const { platform, outbox, quickbooks } = controlTotals as Record<string, Record<string, unknown> | undefined>;
  const rows = Object.keys(outbox ?? {}).flatMap((kind): Row[] => {
    const row = {
      kind,
      platform: centsOf(platform?.[PLATFORM[kind] ?? '']),
      outbox: sumOf(outbox?.[kind]),
      quickbooks: sumOf(quickbooks?.[kind]),
    };
    return row.outbox || row.quickbooks ? [row] : [];
  });
  return html`${table({
    caption: 'Control totals',
    rows,
    empty: 'Nothing was booked for the day.',
    columns: [
      { name: 'Kind', show: ({ kind }) => sentence(kind.replace(/[A-Z]/, (letter) => ` ${letter.toLowerCase()}`)) },
      { name: 'Platform', number: true, show: ({ platform: cents }) => (cents === undefined ? '–' : formatDollars(cents)) },
      { name: 'Vesper', number: true, show: ({ outbox: sum }) => shown(sum) },
      { name: 'QuickBooks', number: true, show: ({ quickbooks: sum }) => shown(sum) },
    ],
  })}
  ${
    differences.length === 0
      ? html`<p class="told good">They agree.</p>`
      : html`<p class="told bad">${plural(differences.length, 'difference')}. Shown, never adjusted.</p>
          ${
            seesNames &&
            html`<ul class="differences">
              ${differences.map((difference) => html`<li>${difference}</li>`)}
            </ul>`
          }`
  }`;
}

function centsOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function sumOf(value: unknown): Sum | undefined {
  const { count, cents } = (value ?? {}) as Partial<Sum>;
  return typeof count === 'number' && typeof cents === 'number' ? { count, cents } : undefined;
}

function shown(sum: Sum | undefined): Html | string {
  return sum ? html`${formatDollars(sum.cents)} <span class="aside">${sum.count}</span>` : '–';
}
