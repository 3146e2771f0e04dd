import { formatDollars } from '@vesper/core/money';
import { html } from 'hono/html';
import type { Verdict } from '../../preview.ts';
import type { Visitor } from '../visitor.ts';
import { nameOfKey, VERDICTS } from '../words.ts';
import { badge } from './badge.ts';
import type { Html } from './html.ts';
import { reasonLine } from './reason-box.ts';
import { table } from './table.ts';

/** What would be done, document by document, and why. */
export function verdictTable(verdicts: readonly Verdict[], visitor: Visitor): Html {
  return table({
    caption: 'What would be done with each document',
    rows: verdicts,
    empty: 'No document follows from it.',
    columns: [
      { name: 'Document', show: ({ key }) => nameOfKey(key) },
      { name: 'Number', show: ({ docNumber }) => docNumber },
      { name: 'Amount', number: true, show: ({ totalCents }) => totalCents !== undefined && formatDollars(totalCents) },
      { name: 'Verdict', show: ({ verdict }) => badge(VERDICTS[verdict]) },
      { name: 'Why', show: (verdict) => why(verdict, visitor) },
    ],
  });
}

function why({ message, reason, differences, quickbooksId }: Verdict, visitor: Visitor): Html {
  const text = reason ? reasonLine(reason, visitor) : message;
  return html`${text} ${quickbooksId !== undefined && html` <span class="aside">QuickBooks id ${quickbooksId}</span>`}
  ${
    visitor.seesNames &&
    differences &&
    html`<ul class="differences">
      ${differences.map((difference) => html`<li>${difference}</li>`)}
    </ul>`
  }
  ${visitor.seesNames && reason && html`<p class="aside">${reason.remedy}</p>`}`;
}
