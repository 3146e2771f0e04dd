import type { Entry } from '@vesper/outbox/entry';
import { html } from 'hono/html';
import { entryPath, type ListedCompany } from '../company-names.ts';
import { entryLabel } from '../entry-label.ts';
import type { Visitor } from '../visitor.ts';
import { nameOfKey } from '../words.ts';
import { badge } from './badge.ts';
import type { Html } from './html.ts';
import { moment } from './moments.ts';
import { reasonLine } from './reason-box.ts';
import { table } from './table.ts';

type Listed = Omit<Entry, 'body'>;

export function entriesTable(
  entries: readonly Listed[],
  { visitor, companies, empty }: { visitor: Visitor; companies: ReadonlyMap<string, ListedCompany>; empty: string },
): Html {
  const isOneCompany = companies.size === 1 && entries.every(({ companyId }) => companies.has(companyId));
  return table({
    caption: 'Entries',
    rows: entries,
    empty,
    columns: [
      {
        name: 'About',
        show: (entry) =>
          html`<a href="${entryPath(entry.id)}"><strong>${nameOfKey(entry.subject)}</strong></a> ${visitor.seesNames && knownBy(entry)}`,
      },
      {
        name: 'Event',
        show: ({ type, companyId }) =>
          html`<code class="whole">${type}</code>
            ${!isOneCompany && html`<span class="aside words">${companies.get(companyId)?.settings.name ?? companyId}</span>`}`,
      },
      {
        name: 'State',
        show: (entry) =>
          html`${badge(entryLabel(entry))} ${entry.reason && html`<span class="why aside">${reasonLine(entry.reason, visitor)}</span>`}`,
      },
      { name: 'Received', show: ({ receivedAt, companyId }) => moment(receivedAt, companies.get(companyId)?.settings.timezone) },
    ],
  });
}

/** The words it is searched by that are no ids, numbers or telephones: whose it is. */
function knownBy({ words }: Listed): Html {
  const names = words.filter((word) => !/[\d@]/.test(word)).slice(0, 4);
  return html`<span class="aside words name">${names.join(' ')}</span
    ><span class="aside words">${words.find((word) => word.includes('@'))}</span>`;
}
