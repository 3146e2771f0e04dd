import { Hono, type Context } from 'hono';
import { html } from 'hono/html';
import type { Entry } from '@vesper/outbox/entry';
import { adoptRecord } from '../../support/adopt-record.ts';
import { cancelEntry } from '../../support/cancel-entry.ts';
import { entryVerdict, type EntryVerdict } from '../../support/entry-verdict.ts';
import { findEntry } from '../../support/find-entry.ts';
import { holdEntry } from '../../support/hold-entry.ts';
import { postOnDate } from '../../support/post-on-date.ts';
import { releaseEntry } from '../../support/release-entry.ts';
import { replayEntry, type ReplayOutcome } from '../../support/replay-entry.ts';
import { entryPath } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { readForm, whyOf } from '../form.ts';
import { showPage } from '../layout.ts';
import { formToken, whyField } from '../parts/fields.ts';
import type { Html } from '../parts/html.ts';
import { verdictTable } from '../parts/verdict-table.ts';
import { notFound } from '../refusal.ts';
import { tellAndGo, type Told } from '../told.ts';
import { needs, type ConsoleEnv, type Visitor } from '../visitor.ts';
import { nameOfKey } from '../words.ts';

/** Verdict, then replay; hold, release, cancel; another date; adopt. Each verb is support's own, this only asks and tells. */
export function entryActsPages(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  route.use('/console/entries/:id/*', needs('support'));
  const find = async (context: Context<ConsoleEnv>): Promise<Entry> => {
    const entry = await findEntry(room.store, { who: context.var.visitor.agent, entryId: context.req.param('id') ?? '' });
    if (!entry) throw notFound('entry');
    return entry;
  };
  const told = (context: Context<ConsoleEnv>, entryId: string, words: Told) => tellAndGo(context, room, entryPath(entryId), words);
  const act = async (context: Context<ConsoleEnv>) => {
    const entry = await find(context);
    const form = await readForm(context);
    return { entry, form, act: { who: context.var.visitor.agent, why: whyOf(form), entryId: entry.id } };
  };

  route.get('/console/entries/:id/replay', async (context) => {
    const { visitor } = context.var;
    const entry = await find(context);
    const verdict = await entryVerdict(room, { who: visitor.agent, entryId: entry.id, ask: true });
    if (verdict.outcome === 'not_found') throw notFound('entry');
    return showPage(context, {
      title: 'What a replay would do',
      at: 'outbox',
      trail: [
        { href: '/console/outbox', name: 'Outbox' },
        { href: entryPath(entry.id), name: nameOfKey(entry.subject) },
      ],
      body: verdictBody(visitor, entry, verdict),
    });
  });

  route.post('/console/entries/:id/replay', async (context) => {
    const { entry, act: replay } = await act(context);
    const outcome = await replayEntry(room, replay);
    if (outcome.outcome === 'not_found') throw notFound('entry');
    return told(context, entry.id, { tone: toneOf(outcome), message: outcome.message });
  });

  route.post('/console/entries/:id/hold', async (context) => {
    const { entry, act: hold } = await act(context);
    const outcome = await holdEntry(room, hold);
    if (outcome.outcome === 'not_found') throw notFound('entry');
    return told(context, entry.id, { tone: outcome.outcome === 'held' ? 'good' : 'careful', message: outcome.message });
  });

  route.post('/console/entries/:id/release', async (context) => {
    const { entry, act: release } = await act(context);
    const outcome = await releaseEntry(room, release);
    if (outcome.outcome === 'not_found') throw notFound('entry');
    return told(context, entry.id, { tone: outcome.outcome === 'released' ? 'good' : 'careful', message: outcome.message });
  });

  route.post('/console/entries/:id/cancel', async (context) => {
    const { entry, act: cancel } = await act(context);
    const outcome = await cancelEntry(room, cancel);
    if (outcome.outcome === 'not_found') throw notFound('entry');
    return told(context, entry.id, { tone: outcome.outcome === 'canceled' ? 'good' : 'careful', message: outcome.message });
  });

  route.post('/console/entries/:id/date', async (context) => {
    const { entry, form, act: post } = await act(context);
    const outcome = await postOnDate(room, {
      ...post,
      companyId: entry.companyId,
      key: form.text('key'),
      date: form.text('date'),
      replay: form.ticked('replay'),
    });
    if (outcome.outcome === 'not_found') throw notFound('entry');
    if (outcome.outcome === 'made' && outcome.replay)
      return tellAndGo(context, room, `/console/replays/${encodeURIComponent(outcome.replay.id)}`, {
        tone: 'good',
        message: outcome.message,
      });
    return told(context, entry.id, { tone: outcome.outcome === 'made' ? 'good' : 'careful', message: outcome.message });
  });

  route.post('/console/entries/:id/adopt', async (context) => {
    const { entry, form, act: adopt } = await act(context);
    const [key, quickbooksId] = [form.text('key'), form.text('quickbooks_id')];
    const outcome = await adoptRecord(room, { ...adopt, companyId: entry.companyId, key, quickbooksId, accept: form.ticked('accept') });
    if (outcome.outcome !== 'differs')
      return told(context, entry.id, { tone: outcome.outcome === 'adopted' ? 'good' : 'careful', message: outcome.message });
    return showPage(context, {
      title: 'It is not the same',
      at: 'outbox',
      trail: [{ href: entryPath(entry.id), name: nameOfKey(entry.subject) }],
      body: differsBody(context.var.visitor, entry, { key, quickbooksId, why: adopt.why, differences: outcome.differences }),
    });
  });

  return route;
}

function verdictBody(visitor: Visitor, entry: Entry, verdict: Exclude<EntryVerdict, { outcome: 'not_found' }>): Html {
  const tone = verdict.outcome === 'already_there' ? 'good' : verdict.outcome === 'replay' ? 'careful' : 'bad';
  return html`<p class="told ${tone}" id="verdict">${verdict.message}</p>
    ${verdict.verdicts.length > 0 && verdictTable(verdict.verdicts, visitor)}
    ${
      verdict.outcome === 'replay'
        ? html`<form class="card" method="post" action="${entryPath(entry.id, '/replay')}">
            ${formToken(visitor)} ${whyField()}
            <p class="hint">Each document takes effect once. What is there already stays as it is.</p>
            <div class="buttons"><button class="first">Replay now</button><a class="button" href="${entryPath(entry.id)}">Back</a></div>
          </form>`
        : html`<p class="buttons">
            <a class="button" href="${entryPath(entry.id)}">Back to its story</a>
            ${verdict.outcome === 'waits' && html`<a class="button" href="${entryPath(entry.id, '/fix')}">Fix once…</a>`}
          </p>`
    }`;
}

function differsBody(
  visitor: Visitor,
  entry: Entry,
  { key, quickbooksId, why, differences }: { key: string; quickbooksId: string; why: string; differences: readonly string[] },
): Html {
  return html`<section class="card">
    <p>QuickBooks record ${quickbooksId} differs from ${nameOfKey(key)}:</p>
    <ul class="differences">
      ${differences.map((difference) => html`<li>${difference}</li>`)}
    </ul>
    <form method="post" action="${entryPath(entry.id, '/adopt')}">
      ${formToken(visitor)}
      <input type="hidden" name="key" value="${key}" />
      <input type="hidden" name="quickbooks_id" value="${quickbooksId}" />
      <input type="hidden" name="why" value="${why}" />
      <input type="hidden" name="accept" value="yes" />
      <p>Adopted all the same, it is shown as posted, but different.</p>
      <div class="buttons">
        <button class="careful">Adopt it all the same</button><a class="button" href="${entryPath(entry.id)}">Leave it</a>
      </div>
    </form>
  </section>`;
}

function toneOf(outcome: Exclude<ReplayOutcome, { outcome: 'not_found' }>): Told['tone'] {
  switch (outcome.outcome) {
    case 'replayed':
      return outcome.state === 'failed' ? 'bad' : outcome.state === 'held' ? 'careful' : 'good';
    case 'already_there':
      return 'good';
    case 'waits':
    case 'under_way':
    case 'busy':
      return 'careful';
    case 'refused':
      return 'bad';
  }
}
