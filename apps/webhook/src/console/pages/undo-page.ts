import { formatDollars } from '@vesper/core/money';
import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Company } from '../../company.ts';
import { planUndo, undo, type UndoPlan, type UndoTarget } from '../../support/undo.ts';
import { companyFor, companyPath } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { readForm, whyOf } from '../form.ts';
import { showPage } from '../layout.ts';
import { formToken, tickField, whyField } from '../parts/fields.ts';
import type { Html } from '../parts/html.ts';
import { reasonLine } from '../parts/reason-box.ts';
import { table } from '../parts/table.ts';
import { Refusal } from '../refusal.ts';
import { tellAndGo } from '../told.ts';
import { needs, type ConsoleEnv, type Visitor } from '../visitor.ts';
import { nameOfKey, plural, sentence } from '../words.ts';

/** Takes a document, or all a run created, back out of QuickBooks: first what it would do, then with a reason. */
export function undoPage(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  route.use('/console/companies/:id/undo', needs('support'));

  route.get('/console/companies/:id/undo', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const target = targetOf((name) => context.req.query(name));
    const plan = await planUndo(room, { who: visitor.agent, companyId: company.id, target });
    return showPage(context, {
      title: 'runId' in target ? 'Undo a run' : `Undo ${nameOfKey(target.keys[0] ?? '')}`,
      at: 'companies',
      trail: [{ href: companyPath(company.id), name: company.settings.name }],
      body: planBody(visitor, company, target, plan),
    });
  });

  route.post('/console/companies/:id/undo', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const form = await readForm(context);
    const target = targetOf((name) => form.given(name));
    const undone = await undo(room, { who: visitor.agent, why: whyOf(form), companyId: company.id, target });
    return tellAndGo(context, room, `/console/corrections?company=${encodeURIComponent(company.id)}`, {
      tone: undone.outcome === 'undone' ? 'good' : 'careful',
      message: undone.message,
    });
  });

  return route;
}

function targetOf(field: (name: string) => string | undefined): UndoTarget {
  const [run, key] = [field('run'), field('key')];
  if (run !== undefined) return { runId: run };
  if (key === undefined) throw new Refusal(400, 'Undo what?', 'Begin from the document or the run that should be undone.');
  return { keys: [key], withDependents: field('dependents') !== undefined };
}

function planBody(visitor: Visitor, company: Company, target: UndoTarget, plan: UndoPlan): Html {
  if (plan.outcome !== 'plan') return html`<p class="told bad">${plan.message}</p>`;
  const { takeBack, stays, dependents } = plan;
  return html`<h2>${takeBack.length === 0 ? 'Nothing can be taken back' : `${plural(takeBack.length, 'document')} would be taken back`}</h2>
    ${table({
      caption: 'What would be taken back',
      rows: takeBack,
      empty: 'None.',
      columns: [
        { name: 'Document', show: ({ key }) => nameOfKey(key) },
        { name: 'Number', show: ({ docNumber }) => docNumber },
        { name: 'How', show: ({ how }) => sentence(how) },
        { name: 'Amount', number: true, show: ({ totalCents }) => totalCents !== undefined && formatDollars(totalCents) },
      ],
    })}
    ${
      stays.length > 0 &&
      html`<h2>What stays</h2>
        ${table({
          caption: 'What stays',
          rows: stays,
          empty: '',
          columns: [
            { name: 'Document', show: ({ key }) => nameOfKey(key) },
            { name: 'Why', show: ({ reason }) => reasonLine(reason, visitor) },
          ],
        })}`
    }
    ${(takeBack.length > 0 || dependents.length > 0) && undoForm(visitor, company, target, dependents)}`;
}

function undoForm(visitor: Visitor, { id }: Company, target: UndoTarget, dependents: readonly string[]): Html {
  return html`<form class="card" method="post" action="${companyPath(id, '/undo')}">
    ${formToken(visitor)}
    ${'runId' in target ? html`<input type="hidden" name="run" value="${target.runId}" />` : html`<input type="hidden" name="key" value="${target.keys[0] ?? ''}" />`}
    ${
      dependents.length > 0 &&
      tickField({
        name: 'dependents',
        label: 'Take back what stands on it, too',
        ticked: 'keys' in target && target.withDependents === true,
        hint: dependents.map(nameOfKey).join(', '),
      })
    }
    ${whyField()}
    <p class="hint">They stay out of QuickBooks until the correction that keeps them out is reverted.</p>
    <button class="careful">Take back</button>
  </form>`;
}
