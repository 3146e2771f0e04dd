import type { RunRecord } from '@vesper/outbox/run';
import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Company } from '../../company.ts';
import { companiesOf, companyFor, companyPath } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { showPage } from '../layout.ts';
import { companyChoice } from '../parts/company-choice.ts';
import { controlTotalsTable } from '../parts/control-totals-table.ts';
import { figures } from '../parts/counts.ts';
import type { Html } from '../parts/html.ts';
import { day, moment, span } from '../parts/moments.ts';
import { reasonBox } from '../parts/reason-box.ts';
import { runsTable } from '../parts/runs-table.ts';
import { runBadge, runPath } from '../parts/run-words.ts';
import { notFound } from '../refusal.ts';
import { needs, type ConsoleEnv, type Visitor } from '../visitor.ts';
import { DOCUMENT_TYPES, plural, sentence, TRIGGERS } from '../words.ts';
import { dayWords } from '../../day-words.ts';
import { download } from '../../routes/reconciliation.ts';
import { loadRunReport, runReportCsv, type RunReport } from '../../run-report.ts';
import { completenessList } from '../parts/completeness-list.ts';
import { waitingTable } from '../parts/waiting-table.ts';
import { table } from '../parts/table.ts';
import { formatDollars } from '@vesper/core/money';

const SHOWN = 60;
const WAITING_SHOWN = 100;

/** Runs of all companies or one, and the report of each. */
export function runsPages(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  const { store } = room;

  route.get('/console/runs', async (context) => {
    const { visitor } = context.var;
    const companies = await companiesOf(room, visitor);
    const asked = context.req.query('company') || undefined;
    const only = asked === undefined ? undefined : await companyFor(room, visitor, asked);
    const runs = await runsFor(room, only ? [only.id] : visitor.person.companies);
    const named = new Map((only ? [only] : companies).map((company) => [company.id, company]));
    const isRunning = runs.some(({ state }) => state === 'running');
    const place = asked === undefined ? '/console/runs' : `/console/runs?company=${encodeURIComponent(asked)}`;
    return showPage(context, {
      title: 'Runs',
      at: 'runs',
      ...(isRunning && { refreshSeconds: 4 }),
      body: html`${companyChoice({ action: '/console/runs', companies, value: only?.id ?? '', everything: 'All companies' })}
        <div id="runs" ${isRunning ? html`hx-get="${place}" hx-trigger="every 3s" hx-select="#runs" hx-swap="outerHTML"` : ''}>
          ${runsTable(runs, named)}
        </div>`,
    });
  });

  route.get('/console/companies/:id/runs/:run', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const run = await store.run(company.id, context.req.param('run'));
    const report = run && (await loadRunReport(store, company.id, run.id, room.clock.now()));
    if (!run || !report) throw notFound('run');
    return showPage(context, {
      title: `${run.trigger === 'evening' ? 'Evening' : 'Run'} of ${dayWords(run.localDate)}`,
      at: 'runs',
      trail: [
        { href: '/console/runs', name: 'Runs' },
        { href: companyPath(company.id), name: company.settings.name },
      ],
      ...(run.state === 'running' && { refreshSeconds: 4 }),
      body: runBody(visitor, { run, report, company }),
    });
  });

  // Names of clients are in the reasons of what waits, and so in the file.
  route.get('/console/companies/:id/runs/:run/report.csv', needs('support'), async (context) => {
    const company = await companyFor(room, context.var.visitor, context.req.param('id'));
    const report = await loadRunReport(store, company.id, context.req.param('run'), room.clock.now());
    if (!report) throw notFound('run');
    return context.body(runReportCsv(report), 200, download(`${company.id}-${report.localDate}-run.csv`));
  });

  return route;
}

async function runsFor({ store }: ConsoleRoom, companyIds: readonly string[] | undefined): Promise<RunRecord[]> {
  if (!companyIds) return store.runs({ limit: SHOWN });
  const each = await Promise.all(companyIds.map((companyId) => store.runs({ companyId, limit: SHOWN })));
  return each
    .flat()
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
    .slice(0, SHOWN);
}

function runBody(visitor: Visitor, { run, report, company }: { run: RunRecord; report: RunReport; company: Company }): Html {
  const { id, settings } = company;
  const { counts, requests, startedAt, finishedAt, reason, controlTotals } = run;
  const search = (state: string) => `/console/outbox?company=${encodeURIComponent(id)}&state=${state}`;
  return html`<section class="card head">
      <dl class="facts">
        <div>
          <dt>State</dt>
          <dd>
            ${runBadge(run)}
            ${run.state === 'running' && run.progress && html`<progress max="${Math.max(1, run.progress.total)}" value="${run.progress.done}" aria-label="Inspections looked at"></progress>`}
          </dd>
        </div>
        <div>
          <dt>Day</dt>
          <dd>${day(run.localDate)}</dd>
        </div>
        <div>
          <dt>Kind</dt>
          <dd>${TRIGGERS[run.trigger]}</dd>
        </div>
        <div>
          <dt>Began</dt>
          <dd>${moment(startedAt, settings.timezone)}</dd>
        </div>
        <div>
          <dt>Took</dt>
          <dd>${finishedAt === undefined ? '–' : span(Date.parse(finishedAt) - Date.parse(startedAt))}</dd>
        </div>
        <div>
          <dt>Requests to QuickBooks</dt>
          <dd>${requests}</dd>
        </div>
      </dl>
      ${reason && reasonBox(reason, visitor, settings.timezone)}
    </section>
    ${figures([
      { name: 'Posted', value: counts.posted, tone: 'good' },
      { name: 'Updated', value: counts.updated, tone: 'good' },
      { name: 'Voided', value: counts.voided, tone: 'quiet' },
      { name: 'Held', value: counts.held, tone: 'waits', href: search('held') },
      { name: 'Failed', value: counts.failed, tone: counts.failed > 0 ? 'bad' : 'quiet', href: search('failed') },
      { name: 'Outcome unknown', value: counts.unknown, tone: counts.unknown > 0 ? 'unsure' : 'quiet' },
      { name: 'Left out', value: counts.skipped, tone: 'quiet' },
    ])}
    <section aria-labelledby="totals">
      <h2 id="totals">Control totals</h2>
      ${controlTotalsTable(controlTotals, visitor)}
    </section>
    ${amountsTable(report)}
    <section aria-labelledby="complete">
      <h2 id="complete">Is anything missing?</h2>
      ${completenessList(report.completeness)}
    </section>
    <section aria-labelledby="waiting">
      <h2 id="waiting">What waits after it</h2>
      ${waitingTable(visitor, company, report.waiting.slice(0, WAITING_SHOWN))}
      ${report.waitingTotal > WAITING_SHOWN && html`<p class="hint">${plural(report.waitingTotal, 'row')} in all; the outbox finds every one.</p>`}
      ${visitor.can('support') && html`<p><a href="${runPath(run)}/report.csv">Download the report as CSV</a></p>`}
    </section>
    ${visitor.can('support') && run.state !== 'running' && html`<p class="buttons"><a class="button" href="${companyPath(id, `/undo?run=${encodeURIComponent(run.id)}`)}">Undo this run…</a></p>`}`;
}

/** What changed in QuickBooks, by kind of document, with its money. */
function amountsTable({ amounts }: RunReport): Html | string {
  const rows = Object.entries(amounts).flatMap(([type, of]) =>
    Object.entries(of).flatMap(([what, { count, cents }]) => (count > 0 ? [{ type, what, count, cents }] : [])),
  );
  if (rows.length === 0) return '';
  return html`<section aria-labelledby="amounts">
    <h2 id="amounts">What changed in QuickBooks</h2>
    ${table({
      caption: 'What changed in QuickBooks',
      rows,
      empty: '',
      columns: [
        { name: 'Documents', show: ({ type }) => DOCUMENT_TYPES[type] ?? sentence(type) },
        { name: 'What', show: ({ what }) => sentence(what) },
        { name: 'Count', number: true, show: ({ count }) => count },
        { name: 'Amount', number: true, show: ({ cents }) => formatDollars(cents) },
      ],
    })}
    <p class="hint">The figures above count new and changed customers too.</p>
  </section>`;
}
