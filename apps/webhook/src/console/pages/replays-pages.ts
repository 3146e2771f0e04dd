import { Hono } from 'hono';
import { html } from 'hono/html';
import type { EntryState } from '@vesper/outbox/entry';
import { startReplay, stopReplay } from '../../support/bulk-replay.ts';
import { planReplay, type ReplayPlan } from '../../support/plan-replay.ts';
import { replayJob, type ReplayJob } from '../../support/replay-job.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { readForm, whyOf } from '../form.ts';
import { showPage } from '../layout.ts';
import { outboxPath, readOutboxFilter, toEntrySearch, type OutboxFilter } from '../outbox-filter.ts';
import { badge } from '../parts/badge.ts';
import { figures } from '../parts/counts.ts';
import { formToken, whyField } from '../parts/fields.ts';
import type { Html } from '../parts/html.ts';
import { moment } from '../parts/moments.ts';
import { verdictTable } from '../parts/verdict-table.ts';
import { notFound } from '../refusal.ts';
import { tellAndGo } from '../told.ts';
import { needs, type ConsoleEnv, type Visitor } from '../visitor.ts';
import { ENTRY_STATES, plural, VERDICTS, type Label } from '../words.ts';

/** Many at once: a plan with exact counts, then a run in the background that says how far it is and what really changed. */
export function replaysPages(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  route.use('/console/replays/*', needs('support'));

  route.post('/console/replays/plan', async (context) => {
    const { visitor } = context.var;
    const form = await readForm(context);
    const filter = readOutboxFilter((name) => form.given(name));
    const plan = await planReplay(room, { who: visitor.agent, filter: toEntrySearch(filter) });
    return showPage(context, {
      title: 'Replay many: the plan',
      at: 'outbox',
      trail: [{ href: outboxPath(filter), name: 'Outbox' }],
      body: planBody(visitor, filter, plan),
    });
  });

  route.post('/console/replays', async (context) => {
    const { visitor } = context.var;
    const form = await readForm(context);
    const started = await startReplay(room, { who: visitor.agent, why: whyOf(form), token: form.text('token') });
    if (started.outcome === 'unknown_plan') return tellAndGo(context, room, '/console/outbox', { tone: 'bad', message: started.message });
    const place = `/console/replays/${encodeURIComponent(started.job.id)}`;
    if (started.outcome === 'already_started') return tellAndGo(context, room, place, { tone: 'careful', message: started.message });
    return context.redirect(place, 303);
  });

  route.get('/console/replays/:id', async (context) => {
    const { visitor } = context.var;
    const job = await replayJob(room, { who: visitor.agent, id: context.req.param('id') });
    if (!job) throw notFound('replay');
    return showPage(context, {
      title: 'Replay of many',
      at: 'outbox',
      trail: [{ href: '/console/outbox', name: 'Outbox' }],
      ...(job.state === 'running' && { refreshSeconds: 3 }),
      body: jobBody(visitor, job),
    });
  });

  route.post('/console/replays/:id/stop', async (context) => {
    const id = context.req.param('id');
    const stopped = await stopReplay(room, { who: context.var.visitor.agent, why: whyOf(await readForm(context)), id });
    if (stopped.outcome === 'not_found') throw notFound('replay');
    return tellAndGo(context, room, `/console/replays/${encodeURIComponent(id)}`, { tone: 'careful', message: stopped.message });
  });

  return route;
}

function planBody(visitor: Visitor, filter: OutboxFilter, { token, entries, documents, more, sample, expiresAt }: ReplayPlan): Html {
  return html`${figures([
      { name: 'Entries that match', value: entries.matched },
      { name: 'Would be replayed', value: entries.replay, tone: 'busy' },
      { name: 'Already there', value: entries.alreadyThere, tone: 'good' },
      { name: 'Still wait', value: entries.waits, tone: 'waits' },
      { name: 'Cannot be replayed', value: entries.refused, tone: 'quiet' },
    ])}
    <p>
      Documents:
      ${Object.entries(documents).map(([verdict, count]) => html`<span class="counted">${badge((VERDICTS as Record<string, Label>)[verdict] ?? { word: verdict, tone: 'quiet' })} ${count}</span> `)}
    </p>
    ${more && html`<p class="told careful">More match than one plan takes: replay these, then plan again.</p>`}
    ${
      entries.replay === 0
        ? html`<p class="told good">There is nothing to replay.</p>
            <p><a class="button" href="${outboxPath(filter)}">Back</a></p>`
        : html`<form class="card" method="post" action="/console/replays">
            ${formToken(visitor)}
            <input type="hidden" name="token" value="${token}" />
            ${whyField()}
            <p class="hint">Nothing has been done yet. The plan may be used until ${moment(expiresAt)}, once.</p>
            <div class="buttons">
              <button class="first">Replay ${plural(entries.replay, 'entry', 'entries')}</button
              ><a class="button" href="${outboxPath(filter)}">Back</a>
            </div>
          </form>`
    }
    <h2>Some of the documents</h2>
    ${verdictTable(sample, visitor)}`;
}

const JOB_STATES: Record<ReplayJob['state'], Label> = {
  running: { word: 'Running', tone: 'busy' },
  done: { word: 'Done', tone: 'good' },
  stopped: { word: 'Stopped', tone: 'waits' },
  interrupted: { word: 'Interrupted', tone: 'bad' },
};

function jobBody(visitor: Visitor, job: ReplayJob): Html {
  const { id, state, total, done, changed, entries, skipped, problems, waitingFor, by, why, startedAt, finishedAt } = job;
  const place = `/console/replays/${encodeURIComponent(id)}`;
  const polling = state === 'running' ? html`hx-get="${place}" hx-trigger="every 2s" hx-select="#progress" hx-swap="outerHTML"` : '';
  return html`<section id="progress" class="card" aria-live="polite" ${polling}>
      <p class="standing">${badge(JOB_STATES[state])} <span class="aside">${done} of ${plural(total, 'entry', 'entries')}</span></p>
      <progress max="${Math.max(1, total)}" value="${done}" aria-label="Entries looked at">${done} of ${total}</progress>
      ${waitingFor !== undefined && html`<p class="told careful">${waitingFor}</p>`}
      ${state === 'interrupted' && html`<p class="told bad">Vesper was ended in the middle of it. What it did is done; plan the rest again.</p>`}
      ${figures([
        { name: 'Posted', value: changed.posted, tone: 'good' },
        { name: 'Updated', value: changed.updated + changed.voided, tone: 'good' },
        { name: 'Held', value: changed.held, tone: 'waits' },
        { name: 'Failed', value: changed.failed + changed.unknown, tone: changed.failed + changed.unknown > 0 ? 'bad' : 'quiet' },
      ])}
      ${
        Object.keys(entries).length > 0 &&
        html`<p>
          Entries now:
          ${Object.entries(entries).map(([now, count]) => html`<span class="counted">${badge(ENTRY_STATES[now as EntryState])} ${count}</span> `)}
        </p>`
      }
      ${skipped > 0 && html`<p class="aside">${skipped} settled by somebody else meanwhile</p>`}
      ${problems.map((problem) => html`<p class="told bad">${visitor.seesNames ? problem : 'A company could not be posted to.'}</p>`)}
      <p class="aside">Begun by ${by}, ${moment(startedAt)}: ${why}. ${finishedAt !== undefined && html`Ended ${moment(finishedAt)}.`}</p>
    </section>
    ${
      state === 'running' &&
      html`<details class="act">
        <summary>Stop</summary>
        <form method="post" action="${place}/stop">
          ${formToken(visitor)}
          <p>It ends after the documents it is sending now; what is posted stays posted.</p>
          ${whyField()}
          <button class="careful">Stop it</button>
        </form>
      </details>`
    }`;
}
