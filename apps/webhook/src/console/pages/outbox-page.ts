import { Hono } from 'hono';
import { html } from 'hono/html';
import { loadCompany } from '../../company.ts';
import { searchEntries, type EntrySearchResult } from '../../support/search-entries.ts';
import { companiesOf, companyPath, type ListedCompany } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { showPage } from '../layout.ts';
import { outboxPath, readOutboxFilter, toEntrySearch, type OutboxFilter } from '../outbox-filter.ts';
import { badge } from '../parts/badge.ts';
import { entriesTable } from '../parts/entries-table.ts';
import { choiceField, formToken, textField } from '../parts/fields.ts';
import type { Html } from '../parts/html.ts';
import type { ConsoleEnv, Visitor } from '../visitor.ts';
import { DOCUMENT_STATES, ENTRY_STATES, nameOfKey } from '../words.ts';

const PAGE = 50;
const TYPES = [
  'inspection.scheduled',
  'inspection.confirmed',
  'inspection.updated',
  'inspection.rescheduled',
  'inspection.published',
  'inspection.canceled',
  'inspection.deleted',
  'payment.initiated',
  'payment.settled',
  'payment.failed',
  'payment.returned',
  'payment.refunded',
  'payment.disputed',
  'payment.removed',
  'payout.paid',
  'day.closed',
];

/** Finds entries by what a caller on the phone knows: a name, an address, an inspection, a number from QuickBooks. */
export function outboxPage(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  route.get('/console/outbox', async (context) => {
    const { visitor } = context.var;
    const filter = readOutboxFilter((name) => context.req.query(name));
    const cursor = context.req.query('cursor');
    const [found, companies] = await Promise.all([
      searchEntries(room, {
        who: visitor.agent,
        filter: { ...toEntrySearch(filter), limit: PAGE, ...(cursor !== undefined && { cursor }) },
      }),
      companiesOf(room, visitor),
    ]);
    const named = await namesFor(room, found, companies);
    return showPage(context, {
      title: 'Outbox',
      at: 'outbox',
      body: outboxBody(visitor, { filter, found, companies, named, isFirst: cursor === undefined }),
    });
  });
  return route;
}

/** With those of companies beyond the listed ones. */
async function namesFor(
  room: ConsoleRoom,
  { entries }: EntrySearchResult,
  companies: readonly ListedCompany[],
): Promise<Map<string, ListedCompany>> {
  const named = new Map(companies.map((company) => [company.id, company]));
  for (const { companyId } of entries) {
    const company = named.has(companyId) ? undefined : await loadCompany(room.store, companyId);
    if (company) named.set(companyId, company);
  }
  return named;
}

function outboxBody(
  visitor: Visitor,
  {
    filter,
    found,
    companies,
    named,
    isFirst,
  }: { filter: OutboxFilter; found: EntrySearchResult; companies: ListedCompany[]; named: Map<string, ListedCompany>; isFirst: boolean },
): Html {
  return html`<form
      class="card filter"
      action="/console/outbox"
      role="search"
      hx-get="/console/outbox"
      hx-trigger="input delay:300ms, change"
      hx-target="#found"
      hx-select="#found"
      hx-swap="outerHTML"
      hx-push-url="true"
    >
      <div class="find">
        ${textField({ name: 'q', label: 'Find', type: 'search', value: filter.q, placeholder: 'Name, e-mail, inspection, document number, QuickBooks id, intuit_tid', autocomplete: 'off' })}
        <button class="first">Search</button>
      </div>
      <div class="fields">
        ${choiceField({ name: 'state', label: 'State', value: filter.state, choices: [{ value: '', name: 'Any state' }, ...Object.entries(ENTRY_STATES).map(([value, { word }]) => ({ value, name: word }))] })}
        ${choiceField({ name: 'company', label: 'Company', value: filter.company, choices: [{ value: '', name: 'All companies' }, ...companies.map(({ id, settings }) => ({ value: id, name: settings.name }))] })}
      </div>
      <details ${filter.type !== undefined || filter.from !== undefined || filter.to !== undefined ? html`open` : ''}>
        <summary>Event and dates</summary>
        <div class="fields">
          ${choiceField({ name: 'type', label: 'Event', value: filter.type, choices: [{ value: '', name: 'Any event' }, ...TYPES.map((type) => ({ value: type, name: type }))] })}
          ${textField({ name: 'from', label: 'Received from', type: 'date', value: filter.from })}
          ${textField({ name: 'to', label: 'Received until', type: 'date', value: filter.to })}
        </div>
      </details>
    </form>
    <div id="found" aria-live="polite">
      ${found.documents.length > 0 && documentsFound(found, named)}
      ${entriesTable(found.entries, { visitor, companies: named, empty: 'Nothing matches. Names match by their beginnings, ids and numbers as a whole.' })}
      <div class="buttons">
        ${!isFirst && html`<a class="button" href="${outboxPath(filter)}">Newest</a>`}
        ${found.next !== undefined && html`<a class="button" href="${outboxPath(filter, found.next)}">Older</a>`}
        ${visitor.can('support') && found.entries.length > 0 && bulkForm(visitor, filter)}
      </div>
    </div>`;
}

function documentsFound({ documents }: EntrySearchResult, named: Map<string, ListedCompany>): Html {
  const words = { document_number: 'document number', quickbooks_id: 'QuickBooks id', intuit_tid: 'intuit_tid' } as const;
  return html`<ul class="troubles">
    ${documents.map(({ companyId, key, state, by, subject }) => {
      const inspection = subject?.startsWith('inspection/') ? subject.slice('inspection/'.length) : undefined;
      const name = html`<strong>${nameOfKey(key)}</strong>`;
      return html`<li>
        ${badge(DOCUMENT_STATES[state])}
        <div>
          ${inspection === undefined ? name : html`<a href="${companyPath(companyId, `/inspections/${encodeURIComponent(inspection)}`)}">${name}</a>`}
          <span class="aside">${named.get(companyId)?.settings.name ?? companyId}, found by its ${words[by]}</span>
        </div>
      </li>`;
    })}
  </ul>`;
}

function bulkForm(visitor: Visitor, filter: OutboxFilter): Html {
  return html`<form method="post" action="/console/replays/plan">
    ${formToken(visitor)} ${Object.entries(filter).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <button>Replay all that match…</button>
  </form>`;
}
