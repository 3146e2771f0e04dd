import type { RunRecord } from '@vesper/outbox/run';
import { html } from 'hono/html';
import type { ListedCompany } from '../company-names.ts';
import { TRIGGERS } from '../words.ts';
import type { Html } from './html.ts';
import { day, moment } from './moments.ts';
import { runBadge, runDifferences, runPath } from './run-words.ts';
import { table } from './table.ts';

export function runsTable(runs: readonly RunRecord[], companies: ReadonlyMap<string, ListedCompany>): Html {
  const nameOf = ({ companyId }: RunRecord) => companies.get(companyId)?.settings.name ?? companyId;
  return table({
    caption: 'Runs',
    rows: runs,
    empty: 'No run yet.',
    columns: [
      {
        name: 'Day',
        show: (run) => html`<a href="${runPath(run)}">${day(run.localDate)}</a> <span class="aside">${TRIGGERS[run.trigger]}</span>`,
      },
      ...(companies.size === 1 ? [] : [{ name: 'Company', show: nameOf }]),
      { name: 'State', show: runBadge },
      { name: 'Posted', number: true, show: ({ counts }) => counts.posted },
      { name: 'Updated', number: true, show: ({ counts }) => counts.updated + counts.voided },
      { name: 'Held', number: true, show: ({ counts }) => counts.held },
      { name: 'Failed', number: true, show: ({ counts }) => counts.failed + counts.unknown },
      { name: 'Control totals', show: runDifferences },
      { name: 'Began', show: (run) => moment(run.startedAt, companies.get(run.companyId)?.settings.timezone) },
    ],
  });
}
