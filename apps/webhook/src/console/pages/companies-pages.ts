import { companySettings } from '@vesper/core/settings';
import { Hono } from 'hono';
import { html } from 'hono/html';
import { loadCompany, saveSettings, type Company } from '../../company.ts';
import { isPostable } from '../../due-runs.ts';
import { nextEvening } from '../../evening-times.ts';
import { runCompany } from '../../company-run.ts';
import { setPaused } from '../../pause.ts';
import { previewCompany } from '../../preview.ts';
import { issueWords } from '../change-settings.ts';
import { companiesOf, companyFor, companyPath, type ListedCompany } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { readForm, whyOf } from '../form.ts';
import { showPage } from '../layout.ts';
import { noteInAudit } from '../note-in-audit.ts';
import { badge } from '../parts/badge.ts';
import { figures } from '../parts/counts.ts';
import { formToken, textField, whyField } from '../parts/fields.ts';
import type { Html } from '../parts/html.ts';
import { fromNow, moment } from '../parts/moments.ts';
import { reasonBox } from '../parts/reason-box.ts';
import { runsTable } from '../parts/runs-table.ts';
import { table } from '../parts/table.ts';
import { verdictTable } from '../parts/verdict-table.ts';
import { Refusal } from '../refusal.ts';
import { tellAndGo } from '../told.ts';
import { needs, needsEverywhere, type ConsoleEnv, type Visitor } from '../visitor.ts';
import { CONNECTIONS, ENTRY_STATES, plural } from '../words.ts';
import { summaryOf } from '../../support/entry-verdict.ts';

const PAGE = 50;

/** The companies, and each one's own page: connection, counts, runs, tonight. */
export function companiesPages(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  const { store, clock } = room;

  route.get('/console/companies', async (context) => {
    const { visitor } = context.var;
    const after = context.req.query('after');
    const found = await companiesOf(room, visitor, { limit: PAGE + 1, ...(after !== undefined && { after }) });
    const shown = found.slice(0, PAGE);
    const rows = await Promise.all(
      shown.map(async (company) => ({
        company,
        counts: await store.counts(company.id),
        last: (await store.runs({ companyId: company.id, limit: 1 }))[0],
      })),
    );
    return showPage(context, { title: 'Companies', at: 'companies', body: listBody(visitor, rows, found.length > PAGE, clock.now()) });
  });

  route.get('/console/companies/new', needs('admin'), needsEverywhere, (context) =>
    showPage(context, { title: 'Set up a company', at: 'companies', trail: TRAIL, body: newBody(context.var.visitor) }),
  );

  route.post('/console/companies', needs('admin'), needsEverywhere, async (context) => {
    const form = await readForm(context);
    const id = form.text('id');
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(id))
      throw new Refusal(
        400,
        'That is no company id',
        'Letters, digits, dot, dash and underscore, 100 at most: the id the platform sends in its webhooks.',
      );
    if (await loadCompany(store, id))
      throw new Refusal(409, 'This company is here already', `Open ${id} in the list of companies to change it.`);
    const settings = { name: form.text('name'), timezone: form.text('timezone') };
    const checked = companySettings.safeParse(settings);
    if (!checked.success) throw new Refusal(400, 'These settings are not valid', issueWords(checked.error));
    await noteInAudit(room, {
      actor: context.var.visitor.agent.name,
      action: 'company.settings',
      companyId: id,
      subject: `company/${id}`,
      reason: whyOf(form),
      after: settings,
    });
    await saveSettings(store, id, settings, new Date(clock.now()).toISOString());
    return context.redirect(companyPath(id, '/setup'), 303);
  });

  route.get('/console/companies/:id', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const [counts, runs] = await Promise.all([store.counts(company.id), store.runs({ companyId: company.id, limit: 8 })]);
    return showPage(context, {
      title: company.settings.name,
      at: 'companies',
      trail: TRAIL,
      body: html`${companyHead(company, clock.now(), visitor)}
        ${figures(
          (['failed', 'held', 'pending', 'posted'] as const).map((state) => ({
            name: ENTRY_STATES[state].word,
            value: counts[state],
            tone: counts[state] === 0 ? ('quiet' as const) : ENTRY_STATES[state].tone,
            href: `/console/outbox?company=${encodeURIComponent(company.id)}&state=${state}`,
            note: ENTRY_STATES[state].meaning,
          })),
        )}
        ${findInspection(company)} ${runSection(company, visitor)}
        <section aria-labelledby="runs">
          <h2 id="runs">Latest runs</h2>
          ${runsTable(runs, new Map([[company.id, company]]))}
          <p>
            <a href="/console/runs?company=${encodeURIComponent(company.id)}">All runs</a> ·
            <a href="/console/reconciliation?company=${encodeURIComponent(company.id)}">Reconciliation</a>
          </p>
        </section>`,
    });
  });

  route.get('/console/companies/:id/preview', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const verdicts = await previewCompany(store, company, clock.now());
    return showPage(context, {
      title: 'What tonight’s run would do',
      at: 'companies',
      trail: [...TRAIL, { href: companyPath(company.id), name: company.settings.name }],
      body: html`<p class="lead">
          ${verdicts.length === 0 ? 'Nothing is due.' : summaryOf(verdicts).replace('A replay', 'It')} QuickBooks was not asked; nothing was
          written.
        </p>
        ${verdictTable(verdicts, visitor)}`,
    });
  });

  route.post('/console/companies/:id/run', needs('support'), async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const why = whyOf(await readForm(context));
    const place = `${companyPath(company.id)}#run`;
    const running = (await store.runs({ companyId: company.id, limit: 5 })).find(({ state }) => state === 'running');
    if (running)
      return tellAndGo(context, room, place, {
        tone: 'careful',
        message: 'A run of this company is under way already; nothing was started twice.',
      });
    await noteInAudit(room, {
      actor: visitor.agent.name,
      action: 'run.start',
      companyId: company.id,
      subject: `company/${company.id}`,
      reason: why,
    });
    const noted: Promise<void> = runCompany(room, { companyId: company.id, trigger: 'person', clock, signal: room.signal })
      .then(({ outcome }) => room.logger.info({ companyId: company.id, outcome }, 'run asked for in the console ended'))
      .catch((error: unknown) => room.logger.error({ err: error, companyId: company.id }, 'run broke off'))
      .finally(() => room.background.delete(noted));
    room.background.add(noted);
    return tellAndGo(context, room, `/console/runs?company=${encodeURIComponent(company.id)}`, {
      tone: 'good',
      message: 'The run has begun; its line says how far it is.',
    });
  });

  route.post('/console/companies/:id/pause', needs('admin'), async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const form = await readForm(context);
    const paused = form.text('paused') === 'yes';
    await setPaused(room, { companyId: company.id, paused, actor: visitor.agent.name, reason: whyOf(form) });
    return tellAndGo(context, room, companyPath(company.id), {
      tone: paused ? 'careful' : 'good',
      message: paused ? 'Paused: events are stored and wait, no evening runs.' : 'Evenings run again.',
    });
  });

  return route;
}

const TRAIL = [{ href: '/console/companies', name: 'Companies' }];

interface Row {
  company: ListedCompany;
  counts: Awaited<ReturnType<ConsoleRoom['store']['counts']>>;
  last: Awaited<ReturnType<ConsoleRoom['store']['runs']>>[number] | undefined;
}

function listBody(visitor: Visitor, rows: readonly Row[], more: boolean, nowMs: number): Html {
  const last = rows.at(-1)?.company.id;
  return html`${table({
    caption: 'Companies',
    rows,
    empty: 'No company yet.',
    columns: [
      {
        name: 'Company',
        show: ({ company }) =>
          html`<a href="${companyPath(company.id)}"><strong>${company.settings.name}</strong></a> <span class="aside">${company.id}</span>`,
      },
      { name: 'QuickBooks', show: ({ company }) => standing(company) },
      { name: 'Evening', show: ({ company: { settings } }) => html`${settings.eveningAt} <span class="aside">${settings.timezone}</span>` },
      { name: 'Pending', number: true, show: ({ counts }) => counts.pending },
      { name: 'Held', number: true, show: ({ counts }) => counts.held },
      { name: 'Failed', number: true, show: ({ counts }) => counts.failed },
      { name: 'Last run', show: ({ last: run }) => (run ? fromNow(run.startedAt, nowMs) : 'never') },
    ],
  })}
  ${more && last !== undefined && html`<p><a class="button" href="/console/companies?after=${encodeURIComponent(last)}">More companies</a></p>`}
  ${visitor.can('admin') && !visitor.person.companies && html`<p><a class="button first" href="/console/companies/new">Set up a company</a></p>`}`;
}

function standing({ settings, connection }: ListedCompany): Html {
  if (settings.paused) return badge({ word: 'Paused', tone: 'quiet' });
  if (connection.state === 'connected' && connection.problems.length > 0)
    return html`${badge(CONNECTIONS.connected)} <span class="aside">${plural(connection.problems.length, 'problem')}</span>`;
  return badge(CONNECTIONS[connection.state]);
}

function companyHead(company: Company, nowMs: number, visitor: Visitor): Html {
  const { id, settings, connection } = company;
  const next = isPostable(company) ? nextEvening(settings, nowMs) : undefined;
  return html`<section class="card head">
    <dl class="facts">
      <div>
        <dt>Company id</dt>
        <dd><code>${id}</code></dd>
      </div>
      <div>
        <dt>QuickBooks</dt>
        <dd>${standing(company)}${connection.realmId !== undefined && html` <span class="aside">realm ${connection.realmId}</span>`}</dd>
      </div>
      <div>
        <dt>Checked</dt>
        <dd>${moment(connection.checkedAt, settings.timezone)}</dd>
      </div>
      <div>
        <dt>Next evening</dt>
        <dd>
          ${next ? html`${moment(new Date(next.atMs).toISOString(), settings.timezone)} <span class="aside">${fromNow(new Date(next.atMs).toISOString(), nowMs)}</span>` : 'none until it is connected and not paused'}
        </dd>
      </div>
    </dl>
    ${connection.problems.map((problem) => reasonBox(problem, visitor, settings.timezone))}
    <p class="buttons">
      <a class="button" href="${companyPath(id, '/preview')}">Tonight’s preview</a>
      ${visitor.can('admin') && html`<a class="button" href="${companyPath(id, '/setup')}">Set-up</a><a class="button" href="${companyPath(id, '/settings')}">Settings</a>`}
    </p>
  </section>`;
}

function findInspection({ id }: Company): Html {
  return html`<form class="card inline" action="${companyPath(id, '/inspection')}">
    ${textField({ name: 'id', label: 'Inspection', placeholder: 'Inspection id', required: true, autocomplete: 'off' })}
    <button>Is it in QuickBooks?</button>
  </form>`;
}

function runSection({ id, settings, connection }: Company, visitor: Visitor): Html | string {
  if (!visitor.can('support')) return '';
  return html`<div class="acts" id="run">
    ${
      connection.state === 'connected' &&
      html`<details class="act">
        <summary>Run now</summary>
        <form method="post" action="${companyPath(id, '/run')}">
          ${formToken(visitor)}
          <p>Posts everything that is due, as tonight’s run would. What is posted already stays as it is.</p>
          ${whyField('why-run')}
          <button class="first">Run now</button>
        </form>
      </details>`
    }
    ${
      visitor.can('admin') &&
      html`<details class="act">
        <summary>${settings.paused ? 'Resume evenings' : 'Pause evenings'}</summary>
        <form method="post" action="${companyPath(id, '/pause')}">
          ${formToken(visitor)}
          <input type="hidden" name="paused" value="${settings.paused ? 'no' : 'yes'}" />
          <p>
            ${settings.paused ? 'The next evening posts everything that waited.' : 'Events are stored and wait; nothing is posted until evenings are resumed.'}
          </p>
          ${whyField('why-pause')}
          <button class="${settings.paused ? 'first' : 'careful'}">${settings.paused ? 'Resume' : 'Pause'}</button>
        </form>
      </details>`
    }
  </div>`;
}

function newBody(visitor: Visitor): Html {
  return html`<section class="card">
    <form method="post" action="/console/companies">
      ${formToken(visitor)}
      <div class="fields">
        ${textField({ name: 'id', label: 'Company id', hint: 'As the platform sends it in its webhooks (data.companyId). It cannot be changed later.', required: true, autocomplete: 'off' })}
        ${textField({ name: 'name', label: 'Name', required: true, autocomplete: 'off' })}
        ${textField({ name: 'timezone', label: 'Time zone', value: 'America/Chicago', hint: 'Its days end, and its evening begins, on this clock.', required: true, autocomplete: 'off' })}
        ${whyField()}
      </div>
      <button class="first">Go on to QuickBooks</button>
    </form>
  </section>`;
}
