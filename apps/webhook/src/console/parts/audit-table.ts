import type { AuditRow } from '@vesper/outbox/store';
import { html } from 'hono/html';
import type { Html } from './html.ts';
import { moment } from './moments.ts';
import { table } from './table.ts';

/** Who did what and why, newest first, with what was before and after. For roles that see personal data. */
export function auditTable(rows: readonly AuditRow[], { timezone, empty }: { timezone?: string | undefined; empty: string }): Html {
  return table({
    caption: 'Audit',
    rows,
    empty,
    columns: [
      { name: 'When', show: ({ at }) => moment(at, timezone) },
      { name: 'Who', show: ({ actor }) => actor },
      { name: 'What', show: ({ action }) => html`<code class="whole">${action}</code>` },
      {
        name: 'About',
        show: ({ subject, companyId }) => html`${subject}${companyId !== undefined && html` <span class="aside">${companyId}</span>`}`,
      },
      { name: 'Why', show: ({ reason }) => reason },
      { name: 'Before and after', show: change },
    ],
  });
}

function change({ before, after }: AuditRow): Html | string {
  if (before === undefined && after === undefined) return '–';
  return html`<details>
    <summary>Show</summary>
    ${
      before !== undefined &&
      html`<p class="aside">Before</p>
        <pre tabindex="0">${JSON.stringify(before, null, 2)}</pre>`
    }
    ${
      after !== undefined &&
      html`<p class="aside">After</p>
        <pre tabindex="0">${JSON.stringify(after, null, 2)}</pre>`
    }
  </details>`;
}
