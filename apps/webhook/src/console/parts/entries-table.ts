import type { Entry } from '@vesper/outbox/entry';
import { html } from 'hono/html';
import type { Company } from '../../company.ts';
import { entryPath } from '../company-names.ts';
import type { Visitor } from '../visitor.ts';
import { ENTRY_STATES, nameOfKey } from '../words.ts';
import { badge } from './badge.ts';
import type { Html } from './html.ts';
import { moment } from './moments.ts';
import { reasonLine } from './reason-box.ts';
import { table } from './table.ts';

export function entriesTable(
  entries: readonly Omit<Entry, 'body'>[],
  { visitor, companies, empty }: { visitor: Visitor; companies: ReadonlyMap<string, Company>; empty: string },
): Html {
  return table({
    caption: 'Entries',
    rows: entries,
    empty,
    columns: [
      {
        name: 'About',
        show: ({ id, subject, words }) =>
          html`<a href="${entryPath(id)}"><strong>${nameOfKey(subject)}</strong></a>
            ${visitor.seesNames && words.length > 0 && html`<span class="aside words">${words.slice(0, 6).join(' ')}</span>`}`,
      },
      { name: 'Event', show: ({ type }) => html`<code>${type}</code>` },
      { name: 'Company', show: ({ companyId }) => companies.get(companyId)?.settings.name ?? companyId },
      { name: 'State', show: ({ state }) => badge(ENTRY_STATES[state]) },
      { name: 'Why', show: ({ reason }) => html`<span class="why">${reasonLine(reason, visitor)}</span>` },
      { name: 'Received', show: ({ receivedAt, companyId }) => moment(receivedAt, companies.get(companyId)?.settings.timezone) },
    ],
  });
}
