import { formatDollars } from '@vesper/core/money';
import { html } from 'hono/html';
import type { Company } from '../../company.ts';
import type { WaitingRow } from '../../waiting-rows.ts';
import { companyPath } from '../company-names.ts';
import type { Visitor } from '../visitor.ts';
import { DOCUMENT_STATES, nameOfKey, sentence } from '../words.ts';
import { badge } from './badge.ts';
import type { Html } from './html.ts';
import { table } from './table.ts';

/** What waits or failed, those a person must look at first. */
export function waitingTable(visitor: Visitor, { id }: Company, rows: readonly WaitingRow[]): Html {
  return table({
    caption: 'What waits',
    rows,
    empty: 'Nothing waits.',
    columns: [
      {
        name: 'Document',
        show: ({ key, inspectionId }) =>
          inspectionId === undefined
            ? nameOfKey(key)
            : html`<a href="${companyPath(id, `/inspections/${encodeURIComponent(inspectionId)}`)}">${nameOfKey(key)}</a>`,
      },
      { name: 'State', show: ({ state }) => badge(DOCUMENT_STATES[state]) },
      { name: 'Amount', number: true, show: ({ amountCents }) => amountCents !== undefined && formatDollars(amountCents) },
      { name: 'Days', number: true, show: ({ daysWaited }) => daysWaited },
      {
        name: 'Why',
        show: ({ message, remedy, code }) => (visitor.seesNames ? html`${message} <span class="aside">${remedy}</span>` : sentence(code)),
      },
    ],
  });
}
