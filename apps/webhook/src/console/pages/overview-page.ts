import type { RunRecord } from '@vesper/outbox/run';
import { Hono } from 'hono';
import { html } from 'hono/html';
import { nextEvening } from '../../evening-times.ts';
import { companyPath, entryPath, type ListedCompany } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { createEveningSums } from '../evening-sums.ts';
import { showPage } from '../layout.ts';
import { overviewFigures, type OverviewFigures, type Trouble } from '../overview-figures.ts';
import { badge } from '../parts/badge.ts';
import { figures } from '../parts/counts.ts';
import { eveningsChart } from '../parts/evenings-chart.ts';
import type { Html } from '../parts/html.ts';
import { fromNow, moment } from '../parts/moments.ts';
import { reasonLine } from '../parts/reason-box.ts';
import { runBadge, runDifferences, runPath } from '../parts/run-words.ts';
import { table } from '../parts/table.ts';
import type { ConsoleEnv, Visitor } from '../visitor.ts';
import { CONNECTIONS, plural, sentence } from '../words.ts';

/** What there is to know in the morning: did last night go well, what needs a person, what comes tonight. */
export function overviewPage(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  const sums = createEveningSums(room);
  route.get('/console', async (context) => {
    const { visitor } = context.var;
    const overview = await overviewFigures(room, visitor, sums);
    const body = overview.companies.length === 0 ? noCompanies(visitor) : overviewBody(visitor, overview, room.clock.now());
    return showPage(context, { title: 'Overview', at: 'overview', refreshSeconds: 120, body });
  });
  return route;
}

function overviewBody(visitor: Visitor, overview: OverviewFigures, nowMs: number): Html {
  const { counts, troubles, unconnected, evenings, forPerson } = overview;
  return html`<div id="overview" hx-get="/console" hx-trigger="every 60s" hx-select="#overview" hx-swap="outerHTML">
    ${figures([
      {
        name: 'Waiting for a person',
        value: forPerson,
        tone: forPerson > 0 ? 'bad' : 'good',
        href: '#needs',
      },
      { name: 'Held', value: counts.held, tone: 'waits', href: '/console/outbox?state=held', note: 'for a fact that is still to come' },
      { name: 'Tonight', value: counts.pending, tone: 'busy', href: '/console/outbox?state=pending', note: 'entries to look at' },
      { name: 'Posted', value: counts.posted, tone: 'good', href: '/console/outbox?state=posted' },
    ])}
    <section aria-labelledby="needs">
      <h2 id="needs">Needs a person</h2>
      ${troubles.length === 0 && unconnected.length === 0 ? html`<p class="empty">Nothing. Everything that could be posted is.</p>` : ''}
      <ul class="troubles">
        ${unconnected.map((company) => connectionTrouble(company, visitor))} ${troubles.map((trouble) => entryTrouble(trouble, visitor))}
      </ul>
      ${overview.moreTroubles && html`<p class="hint">Counted among the newest; see all <a href="/console/outbox?state=failed">failed</a> and <a href="/console/outbox?state=held">held</a> entries.</p>`}
    </section>
    <section aria-labelledby="last-night">
      <h2 id="last-night">Last night</h2>
      ${lastNight(overview)}
    </section>
    <section aria-labelledby="evenings">
      <h2 id="evenings">The last 30 evenings</h2>
      ${eveningsChart(evenings)}
    </section>
    <section aria-labelledby="tonight">
      <h2 id="tonight">Tonight</h2>
      ${tonight(overview, nowMs)}
    </section>
  </div>`;
}

function connectionTrouble({ id, settings, connection }: ListedCompany, visitor: Visitor): Html {
  const [problem] = connection.problems;
  return html`<li>
    ${badge(CONNECTIONS[connection.state])}
    <div>
      <a href="${companyPath(id, '/setup')}"><strong>${settings.name}</strong></a>
      <p>${problem ? reasonLine(problem, visitor) : 'Events are stored and wait until it is connected to QuickBooks.'}</p>
    </div>
  </li>`;
}

function entryTrouble({ company, companyId, code, count, example }: Trouble, visitor: Visitor): Html {
  const place = count === 1 ? entryPath(example.id) : `/console/outbox?state=${example.state}&company=${encodeURIComponent(companyId)}`;
  return html`<li>
    ${badge({ word: plural(count, 'entry', 'entries'), tone: 'bad' })}
    <div>
      <a href="${place}"><strong>${sentence(code)}</strong></a> <span class="aside">${company?.settings.name ?? companyId}</span>
      <p>${reasonLine(example.reason, visitor)}</p>
    </div>
  </li>`;
}

function lastNight({ lastNight: runs, companies }: OverviewFigures): Html {
  const byId = new Map(companies.map((company) => [company.id, company]));
  const zone = (run: RunRecord) => byId.get(run.companyId)?.settings.timezone;
  return table({
    caption: 'Last night’s runs',
    rows: runs.slice(0, 100),
    empty: 'No evening was run since yesterday.',
    columns: [
      { name: 'Company', show: (run) => html`<a href="${runPath(run)}">${byId.get(run.companyId)?.settings.name ?? run.companyId}</a>` },
      { name: 'State', show: runBadge },
      { name: 'Posted', number: true, show: ({ counts }) => counts.posted },
      { name: 'Updated', number: true, show: ({ counts }) => counts.updated + counts.voided },
      { name: 'Held', number: true, show: ({ counts }) => counts.held },
      { name: 'Failed', number: true, show: ({ counts }) => counts.failed + counts.unknown },
      { name: 'Control totals', show: runDifferences },
      { name: 'Ended', show: (run) => moment(run.finishedAt, zone(run)) },
    ],
  });
}

function tonight({ postable }: OverviewFigures, nowMs: number): Html {
  const evenings = new Map<string, ReturnType<typeof nextEvening>>();
  const evening = ({ timezone, eveningAt }: ListedCompany['settings']) => {
    const name = `${timezone} ${eveningAt}`;
    if (!evenings.has(name)) evenings.set(name, nextEvening({ timezone, eveningAt }, nowMs));
    return evenings.get(name);
  };
  const upcoming = postable
    .flatMap((company) => {
      const next = evening(company.settings);
      return next ? [{ company, atMs: next.atMs }] : [];
    })
    .sort((a, b) => a.atMs - b.atMs);
  return table({
    caption: 'Tonight’s runs',
    rows: upcoming.slice(0, 50),
    empty: 'No company is connected and unpaused.',
    columns: [
      { name: 'Company', show: ({ company }) => html`<a href="${companyPath(company.id)}">${company.settings.name}</a>` },
      {
        name: 'Begins',
        show: ({ company, atMs }) =>
          html`${moment(new Date(atMs).toISOString(), company.settings.timezone)}
            <span class="aside">${fromNow(new Date(atMs).toISOString(), nowMs)}</span>`,
      },
      {
        name: 'Connection',
        show: ({ company }) =>
          company.connection.problems.length > 0
            ? badge({ word: plural(company.connection.problems.length, 'problem'), tone: 'waits' })
            : badge(CONNECTIONS[company.connection.state]),
      },
      {
        name: 'What it would do',
        show: ({ company }) =>
          html`<a href="${companyPath(company.id, '/preview')}" aria-label="Preview of ${company.settings.name}">Preview</a>`,
      },
    ],
  });
}

function noCompanies(visitor: Visitor): Html {
  return html`<section class="card">
    <p>There is no company here yet.</p>
    ${visitor.can('admin') ? html`<p><a class="button first" href="/console/companies/new">Set up the first company</a></p>` : html`<p>An admin can set one up.</p>`}
  </section>`;
}
