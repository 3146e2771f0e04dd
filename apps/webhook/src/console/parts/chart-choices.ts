import type { ChartChoice } from '@vesper/qbo-adapter/chart-plan';
import { html } from 'hono/html';
import type { Html } from './html.ts';
import { table } from './table.ts';

const HOW: Readonly<Record<ChartChoice['how'], string>> = {
  chosen: 'chosen here',
  found: 'found in QuickBooks',
  made: 'made by Vesper when connecting',
  to_be_made: 'missing: it is made when you connect again or save a choice',
};

/** What is posted to in QuickBooks and how it came to be chosen, to be seen before the first evening. */
export function chartChoices(choices: unknown): Html {
  const rows = (choices ?? []) as ChartChoice[];
  if (rows.length === 0) return html``;
  return table({
    caption: 'Accounts and items Vesper posts to',
    hideCaption: false,
    columns: [
      { name: 'For', show: ({ role }: ChartChoice) => role.replaceAll('_', ' ') },
      { name: 'In QuickBooks', show: ({ kind, name }) => `${kind === 'item' ? 'Product or service' : 'Account'} “${name}”` },
      { name: 'How', show: ({ how }) => HOW[how] },
    ],
    rows,
    empty: '',
  });
}
