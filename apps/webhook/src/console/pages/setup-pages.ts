import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Company } from '../../company.ts';
import { choosesOtherwise } from '../../connect.ts';
import { changeSettings } from '../change-settings.ts';
import { companyFor, companyPath } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { readForm, whyOf } from '../form.ts';
import { showPage, showPlainPage } from '../layout.ts';
import { noteInAudit } from '../note-in-audit.ts';
import { badge } from '../parts/badge.ts';
import { chartChoices } from '../parts/chart-choices.ts';
import { formToken, textField, whyField } from '../parts/fields.ts';
import type { Html } from '../parts/html.ts';
import { moment } from '../parts/moments.ts';
import { pickerFields, pickedSettings } from '../parts/picker-fields.ts';
import { reasonBox } from '../parts/reason-box.ts';
import type { PickerLists } from '../quickbooks-pickers.ts';
import { Refusal } from '../refusal.ts';
import { tellAndGo } from '../told.ts';
import { needs, type ConsoleEnv, type Visitor } from '../visitor.ts';
import { CONNECTIONS } from '../words.ts';
import type { Reason } from '@vesper/core/reason';

type Read = { outcome: 'read'; lists: PickerLists } | { outcome: 'closed'; reason: Reason } | undefined;

/** Setting a company up in three steps: who it is, its QuickBooks, where things go. The third needs nothing to be chosen. */
export function setupPages(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  route.use('/console/companies/:id/setup/*', needs('admin'));
  const save = async (visitor: Visitor, company: Company, change: object, why: string): Promise<void> => {
    const changed = await changeSettings(room, company, { change, actor: visitor.agent.name, reason: why });
    if (changed.outcome === 'invalid') throw new Refusal(400, 'These settings are not valid', changed.words);
    if (choosesOtherwise(company.settings, changed.settings)) await room.connections.recheck(company.id);
  };

  route.get('/console/companies/:id/setup', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const read = company.connection.state === 'connected' ? await room.pickers(company) : undefined;
    return showPage(context, {
      title: `Set up ${company.settings.name}`,
      at: 'companies',
      trail: [
        { href: '/console/companies', name: 'Companies' },
        { href: companyPath(company.id), name: company.settings.name },
      ],
      body: setupBody(visitor, company, read),
    });
  });

  route.post('/console/companies/:id/setup/company', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const form = await readForm(context);
    await save(
      visitor,
      company,
      { name: form.text('name'), timezone: form.text('timezone'), eveningAt: form.text('eveningAt') },
      whyOf(form),
    );
    return tellAndGo(context, room, companyPath(company.id, '/setup'), { tone: 'good', message: 'Saved.' });
  });

  route.post('/console/companies/:id/setup/connect', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const form = await readForm(context);
    const move = form.ticked('move') ? { why: whyOf(form) } : undefined;
    const url = await room.connections.begin(company.id, visitor.agent.name, move);
    // Not a redirect: browsers hold the answers to a form to our own origin, all the way to where they end.
    context.header('refresh', `0; url=${url}`);
    return showPlainPage(context, {
      title: 'On to QuickBooks',
      body: html`<p>QuickBooks now asks you to sign in and to choose the company whose books these are.</p>
        <p><a class="button first" id="to-quickbooks" href="${url}">Continue to QuickBooks</a></p>`,
    });
  });

  route.post('/console/companies/:id/setup/disconnect', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const why = whyOf(await readForm(context));
    await noteInAudit(room, {
      actor: visitor.agent.name,
      action: 'company.disconnect_asked',
      companyId: company.id,
      subject: `company/${company.id}`,
      reason: why,
    });
    await room.connections.disconnect(company.id, visitor.agent.name);
    return tellAndGo(context, room, companyPath(company.id, '/setup'), {
      tone: 'careful',
      message: 'Disconnected. Events go on being stored and wait.',
    });
  });

  route.post('/console/companies/:id/setup/choices', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const form = await readForm(context);
    await save(visitor, company, pickedSettings(form, company.settings), whyOf(form));
    return tellAndGo(context, room, companyPath(company.id, '/setup'), { tone: 'good', message: 'Saved. It counts from the next run on.' });
  });

  return route;
}

function setupBody(visitor: Visitor, company: Company, read: Read): Html {
  const { id, settings, connection } = company;
  const isConnected = connection.state === 'connected';
  return html`<ol class="steps">
    <li class="step done" aria-labelledby="step-company">
      <h2 id="step-company">The company</h2>
      <form method="post" action="${companyPath(id, '/setup/company')}">
        ${formToken(visitor)}
        <div class="fields">
          ${textField({ name: 'name', label: 'Name', value: settings.name, required: true, autocomplete: 'off' })}
          ${textField({ name: 'timezone', label: 'Time zone', value: settings.timezone, required: true, autocomplete: 'off' })}
          ${textField({ name: 'eveningAt', label: 'Evening begins', type: 'time', value: settings.eveningAt, required: true })}
          ${whyField('why-company')}
        </div>
        <button>Save</button>
      </form>
    </li>
    <li class="step ${isConnected ? 'done' : 'now'}" aria-labelledby="step-connect">
      <h2 id="step-connect">QuickBooks ${badge(CONNECTIONS[connection.state])}</h2>
      ${connection.problems.map((problem) => reasonBox(problem, visitor, settings.timezone))}
      ${isConnected ? connected(visitor, company) : notConnected(visitor, company)}
    </li>
    <li class="step ${isConnected ? 'now' : ''}" aria-labelledby="step-choices">
      <h2 id="step-choices">Where things go</h2>
      ${choices(visitor, company, read)}
    </li>
  </ol>`;
}

function notConnected(visitor: Visitor, { id, connection }: Company): Html {
  return html`<p>
      Sign in to QuickBooks and choose the company. Vesper then checks that it can post there: country, plan, numbering, accounts.
    </p>
    <form method="post" action="${companyPath(id, '/setup/connect')}">
      ${formToken(visitor)}
      <button class="first">${connection.realmId === undefined ? 'Connect to QuickBooks' : 'Connect again'}</button>
    </form>
    ${connection.realmId !== undefined && html`<div class="acts">${moveForm(visitor, id, connection.realmId)}</div>`}`;
}

function connected(visitor: Visitor, { id, settings, connection }: Company): Html {
  return html`<p>
      Connected to QuickBooks company <code>${connection.realmId}</code>, checked ${moment(connection.checkedAt, settings.timezone)}.
    </p>
    <div class="acts">
      <details class="act">
        <summary>Connect again</summary>
        <form method="post" action="${companyPath(id, '/setup/connect')}">
          ${formToken(visitor)}
          <p>For when the person who connected has left. Choose the same QuickBooks company; another one is refused.</p>
          <button>Connect again</button>
        </form>
      </details>
      ${moveForm(visitor, id, connection.realmId ?? '')}
      <details class="act">
        <summary>Disconnect</summary>
        <form method="post" action="${companyPath(id, '/setup/disconnect')}">
          ${formToken(visitor)}
          <p>Nothing is posted any more; events go on being stored and wait.</p>
          ${whyField('why-disconnect')}
          <button class="careful">Disconnect</button>
        </form>
      </details>
    </div>`;
}

/** Told on purpose, or another QuickBooks company is refused: two sets of books must not be mixed by a wrong click. */
function moveForm(visitor: Visitor, id: string, realmId: string): Html {
  return html`<details class="act">
    <summary>Move to another QuickBooks company</summary>
    <form method="post" action="${companyPath(id, '/setup/connect')}">
      ${formToken(visitor)}
      <input type="hidden" name="move" value="on" />
      <p>
        For when the books are kept in another QuickBooks company from now on. What was posted stays in <code>${realmId}</code>: it is
        neither changed there nor posted again. Customers are found or made anew, and accounts and items must be chosen anew.
      </p>
      ${whyField('why-move')}
      <button class="careful">Choose the other company</button>
    </form>
  </details>`;
}

function choices(visitor: Visitor, { id, settings, connection }: Company, read: Read): Html {
  if (connection.state !== 'connected')
    return html`<p class="hint">Once connected, nothing else is needed: what is not chosen here is chosen or made in QuickBooks.</p>`;
  if (read?.outcome !== 'read')
    return html`<p>The lists could not be read from QuickBooks now; what was chosen stays in force.</p>
      ${read && reasonBox(read.reason, visitor, settings.timezone)}`;
  return html`<p>Nothing needs to be chosen: without a choice Vesper uses what it found or made in QuickBooks when connecting.</p>
    ${chartChoices(connection.choices)}
    <form method="post" action="${companyPath(id, '/setup/choices')}">
      ${formToken(visitor)} ${pickerFields(settings, read.lists, connection.chart)} ${whyField('why-choices')}
      <button class="first">Save</button>
    </form>`;
}
