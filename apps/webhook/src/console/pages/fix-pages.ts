import { Hono, type Context } from 'hono';
import { html } from 'hono/html';
import type { Company } from '../../company.ts';
import { alikeFailures, sameCause, type AlikeEntry } from '../../support/alike-failures.ts';
import { fix as fixSchema, type Fix } from '../../support/correction.ts';
import { entryStory, type EntryStory } from '../../support/entry-story.ts';
import { makeCorrection } from '../../support/make-correction.ts';
import { companyFor, companyPath, entryPath } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { readForm, whyOf } from '../form.ts';
import { showPage } from '../layout.ts';
import { entriesTable } from '../parts/entries-table.ts';
import { formToken, tickField, whyField } from '../parts/fields.ts';
import { fixForms } from '../parts/fix-forms.ts';
import type { Html } from '../parts/html.ts';
import { reasonBox } from '../parts/reason-box.ts';
import { verdictTable } from '../parts/verdict-table.ts';
import { notFound, Refusal } from '../refusal.ts';
import { tellAndGo } from '../told.ts';
import { needs, type ConsoleEnv, type Visitor } from '../visitor.ts';
import { nameOfKey, plural } from '../words.ts';

/** Fix once: choose what to decide, see every failure alike and what becomes of it, then keep the decision and replay them. */
export function fixPages(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  route.use('/console/companies/:id/fix', needs('support'));

  route.get('/console/entries/:id/fix', needs('support'), async (context) => {
    const { visitor } = context.var;
    const story = await entryStory(room, { who: visitor.agent, entryId: context.req.param('id') });
    if (!story) throw notFound('entry');
    const company = await companyFor(room, visitor, story.entry.companyId);
    const [alike, read] = await Promise.all([sameCause(room, { who: visitor.agent, entryId: story.entry.id }), room.pickers(company)]);
    return showPage(context, {
      title: 'Fix once',
      at: 'outbox',
      trail: [
        { href: '/console/outbox', name: 'Outbox' },
        { href: entryPath(story.entry.id), name: nameOfKey(story.entry.subject) },
      ],
      body: chooseBody(visitor, {
        story,
        alike,
        company,
        forms: fixForms({ story, companyId: company.id, lists: read.outcome === 'read' ? read.lists : undefined }),
      }),
    });
  });

  route.get('/console/companies/:id/fix', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const fix = readFix((name) => context.req.query(name));
    const alike = await alikeFailures(room, { who: visitor.agent, companyId: company.id, fix });
    if (alike.outcome === 'not_found') throw notFound('company');
    return showPage(context, {
      title: 'What this decides',
      at: 'outbox',
      trail: [{ href: companyPath(company.id), name: company.settings.name }],
      body: html`<p class="told careful" id="fix">${alike.text}</p>
        <h2>${plural(alike.entries.length, 'open entry is', 'open entries are')} reached by it</h2>
        ${verdictTable(alike.verdicts, visitor)}
        ${alike.more && html`<p class="hint">More entries are open than were looked at; they follow on the next evening.</p>`}
        ${confirmForm(visitor, company, fix, {})}
        <details>
          <summary>The entries</summary>
          ${entriesTable(alike.entries, { visitor, companies: new Map([[company.id, company]]), empty: 'None.' })}
        </details>`,
    });
  });

  route.post('/console/companies/:id/fix', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const form = await readForm(context);
    const fix = parseFix(form.text('fix'));
    const why = whyOf(form);
    const made = await makeCorrection(room, {
      who: visitor.agent,
      why,
      companyId: company.id,
      fix,
      replay: form.ticked('replay'),
      accept: form.ticked('accept'),
    });
    switch (made.outcome) {
      case 'not_found':
        throw notFound('company');
      case 'made':
        return made.replay
          ? tellAndGo(context, room, `/console/replays/${encodeURIComponent(made.replay.id)}`, { tone: 'good', message: made.message })
          : tellAndGo(context, room, correctionsPath(company), { tone: 'good', message: made.message });
      case 'already_made':
      case 'refused':
        return tellAndGo(context, room, correctionsPath(company), { tone: 'careful', message: made.message });
      case 'differs':
        return differs(context, company, fix, { why, message: made.message, differences: made.differences });
    }
  });

  return route;
}

const correctionsPath = ({ id }: Company): string => `/console/corrections?company=${encodeURIComponent(id)}`;

function differs(
  context: Context<ConsoleEnv>,
  company: Company,
  fix: Fix,
  { why, message, differences }: { why: string; message: string; differences: readonly string[] },
) {
  return showPage(context, {
    title: 'It is not the same',
    at: 'outbox',
    body: html`<p class="told careful">${message}</p>
      <ul class="differences">
        ${differences.map((difference) => html`<li>${difference}</li>`)}
      </ul>
      ${confirmForm(context.var.visitor, company, fix, { why, accept: true })}`,
  });
}

/** From the chosen form's fields; which of them count depends on the kind. */
function readFix(field: (name: string) => string | undefined): Fix {
  const given = ['kind', 'by', 'of', 'role', 'itemId', 'accountId', 'classId', 'clientId', 'quickbooksId', 'date'].flatMap((name) => {
    const value = field(name)?.trim();
    return value ? [[name, value] as const] : [];
  });
  const key = field('key');
  return checkFix({ ...Object.fromEntries(given), ...(key !== undefined && { keys: [key] }) });
}

function parseFix(text: string): Fix {
  try {
    return checkFix(JSON.parse(text));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, 'This correction cannot be read', 'Go back and choose it again.');
  }
}

function checkFix(value: unknown): Fix {
  const parsed = fixSchema.safeParse(value);
  if (!parsed.success) throw new Refusal(400, 'Something is missing', 'Go back and choose what it should be.');
  return parsed.data;
}

function confirmForm(visitor: Visitor, { id }: Company, fix: Fix, { why, accept }: { why?: string; accept?: boolean }): Html {
  return html`<form class="card" method="post" action="${companyPath(id, '/fix')}">
    ${formToken(visitor)}
    <input type="hidden" name="fix" value="${JSON.stringify(fix)}" />
    ${accept && html`<input type="hidden" name="accept" value="yes" />`}
    ${tickField({ name: 'replay', label: 'Replay them now', ticked: true, hint: 'Otherwise they follow on the next evening.' })}
    ${why === undefined ? whyField() : html`<input type="hidden" name="why" value="${why}" />`}
    <p class="hint">It is kept with your name and can be reverted. No event is edited.</p>
    <button class="${accept ? 'careful' : 'first'}">${accept ? 'Do it all the same' : 'Keep this correction'}</button>
  </form>`;
}

function chooseBody(
  visitor: Visitor,
  { story, alike, company, forms }: { story: EntryStory; alike: readonly AlikeEntry[]; company: Company; forms: Html },
): Html {
  const { reason } = story.entry;
  return html`${reason && html`<section class="card">${reasonBox(reason, visitor, company.settings.timezone)}</section>`}
    <p class="lead">
      ${alike.length > 1 ? html`<strong>${plural(alike.length, 'open entry has', 'open entries have')} this cause.</strong>` : 'No other open entry has this cause.'}
      One decision, kept with your name and reversible, counts for all it fits; you see them before it is made.
    </p>
    ${forms}`;
}
