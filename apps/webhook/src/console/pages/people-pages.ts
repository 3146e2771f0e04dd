import { Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import type { Role } from '../../config.ts';
import type { Person } from '../../people/people.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { readForm, whyOf, type SentForm } from '../form.ts';
import { showPage } from '../layout.ts';
import { noteInAudit } from '../note-in-audit.ts';
import { choiceField, formToken, textField, tickField, whyField } from '../parts/fields.ts';
import { badge } from '../parts/badge.ts';
import type { Html } from '../parts/html.ts';
import { moment } from '../parts/moments.ts';
import { table } from '../parts/table.ts';
import { notFound, Refusal } from '../refusal.ts';
import { tellAndGo } from '../told.ts';
import { needs, needsEverywhere, type ConsoleEnv, type Visitor } from '../visitor.ts';
import { passwordsOnly } from './organization-sign-in-pages.ts';
import { isEmail } from './welcome-pages.ts';

export const ROLES: readonly { value: Role; name: string }[] = [
  { value: 'viewer', name: 'Viewer: sees states and amounts, no names' },
  { value: 'support', name: 'Support: sees everything, replays and corrects' },
  { value: 'admin', name: 'Admin: also settings, connections, people, keys' },
];

/** Who may sign in: invite, change role and companies, disable. For admins of everything only. */
export function peoplePages(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  const { people } = room;
  route.use('/console/people/*', needs('admin'), needsEverywhere);
  const find = async (email: string): Promise<Person> => {
    const person = await people.find(email);
    if (!person) throw notFound('person');
    return person;
  };

  route.get('/console/people', async (context) =>
    showPage(context, { title: 'People', at: 'people', body: listBody(context.var.visitor, await people.all()) }),
  );

  route.post('/console/people', async (context) => {
    const form = await readForm(context);
    const [email, name] = [form.text('email'), form.text('name')];
    if (!isEmail(email) || name === '') throw new Refusal(400, 'Give a name and an e-mail address', 'Go back and fill in both.');
    const reach = reachOf(form);
    const why = whyOf(form);
    await noteInAudit(room, {
      actor: context.var.visitor.agent.name,
      action: 'person.invite',
      subject: `person/${email.toLowerCase()}`,
      reason: why,
      after: reach,
    });
    const invited = await people.invite({ email, name, ...reach }, context.var.visitor.person.email);
    if (invited.outcome === 'exists')
      return tellAndGo(context, room, '/console/people', {
        tone: 'careful',
        message: `${email} is here already; open the entry in the list to change it.`,
      });
    return showPage(context, linkPage(room, name, invited.ticket));
  });

  route.get('/console/people/:email', async (context) => {
    const person = await find(context.req.param('email'));
    return showPage(context, {
      title: person.name,
      at: 'people',
      trail: [{ href: '/console/people', name: 'People' }],
      body: personBody(context.var.visitor, person, room.organizationSignIn !== undefined),
    });
  });

  route.post('/console/people/:email', async (context) => {
    const person = await find(context.req.param('email'));
    const form = await readForm(context);
    const reach = reachOf(form);
    const disabled = form.ticked('disabled');
    const place = `/console/people/${encodeURIComponent(person.email)}`;
    await noteInAudit(room, {
      actor: context.var.visitor.agent.name,
      action: 'person.change',
      subject: `person/${person.email}`,
      reason: whyOf(form),
      before: { role: person.role, companies: person.companies ?? 'all', disabled: person.disabledAt !== undefined },
      after: { role: reach.role, companies: reach.companies ?? 'all', disabled },
    });
    const changed = await people.setReach(person.email, { ...reach, disabled });
    if (changed.outcome !== 'changed')
      return tellAndGo(context, room, place, {
        tone: 'bad',
        message: 'Nothing was changed: somebody must stay admin of everything, or nobody could let anybody in again.',
      });
    return tellAndGo(context, room, place, { tone: 'good', message: 'Changed. Sessions that were open are over.' });
  });

  route.post('/console/people/:email/another-account', async (context) => {
    const person = await find(context.req.param('email'));
    await noteInAudit(room, {
      actor: context.var.visitor.agent.name,
      action: 'person.another_account',
      subject: `person/${person.email}`,
      reason: whyOf(await readForm(context)),
      before: { account: person.account },
    });
    await people.forgetAccount(person.email);
    return tellAndGo(context, room, `/console/people/${encodeURIComponent(person.email)}`, {
      tone: 'careful',
      message: `The next account of the organization with the address ${person.email} signs in as ${person.name}, and from then on only that one.`,
    });
  });

  route.use('/console/people/:email/link', passwordsOnly(room));
  route.use('/console/people/:email/second-step-off', passwordsOnly(room));
  route.post('/console/people/:email/link', async (context) => {
    const person = await find(context.req.param('email'));
    await noteInAudit(room, {
      actor: context.var.visitor.agent.name,
      action: 'person.link',
      subject: `person/${person.email}`,
      reason: whyOf(await readForm(context)),
    });
    return showPage(context, linkPage(room, person.name, await people.inviteAgain(person.email)));
  });

  route.post('/console/people/:email/second-step-off', async (context) => {
    const person = await find(context.req.param('email'));
    await noteInAudit(room, {
      actor: context.var.visitor.agent.name,
      action: 'person.second_step_off',
      subject: `person/${person.email}`,
      reason: whyOf(await readForm(context)),
    });
    await people.setSecondStep(person.email, false);
    await room.secondStep.forget(person.email);
    return tellAndGo(context, room, `/console/people/${encodeURIComponent(person.email)}`, {
      tone: 'careful',
      message: `${person.name} signs in with the password alone until setting the second step up again.`,
    });
  });

  return route;
}

const companyId = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/** Role and companies as a form gives them: `all`, or ids separated by spaces or commas. */
export function reachOf(form: SentForm): { role: Role; companies?: string[] } {
  const role = z.enum(['viewer', 'support', 'admin']).safeParse(form.text('role'));
  if (!role.success) throw new Refusal(400, 'Choose a role', 'Go back and choose viewer, support or admin.');
  const companies = form
    .text('companies')
    .split(/[\s,]+/)
    .filter(Boolean);
  if (companies.length === 0) return { role: role.data };
  const wrong = companies.find((id) => !companyId.test(id));
  if (wrong !== undefined)
    throw new Refusal(
      400,
      'That is no company id',
      `“${wrong}” cannot be one. Write ids with spaces between them, or leave the field empty for all.`,
    );
  return { role: role.data, companies };
}

export function reachFields({ role, companies }: { role: Role; companies?: readonly string[] | undefined }): Html {
  return html`${choiceField({ name: 'role', label: 'Role', value: role, choices: ROLES })}
  ${textField({ name: 'companies', label: 'Companies', value: companies?.join(' '), required: false, hint: 'Company ids with spaces between them. Empty means all companies.' })}`;
}

function listBody(visitor: Visitor, people: readonly Person[]): Html {
  return html`${table({
      caption: 'People',
      rows: people,
      empty: 'Nobody.',
      columns: [
        { name: 'Name', show: ({ email, name }) => html`<a href="/console/people/${encodeURIComponent(email)}">${name}</a>` },
        { name: 'E-mail', show: ({ email }) => email },
        { name: 'Role', show: ({ role }) => role },
        { name: 'Companies', show: ({ companies }) => companies?.join(', ') ?? 'all' },
        { name: 'Second step', show: ({ secondStep }) => (secondStep ? 'on' : 'off') },
        { name: 'Last signed in', show: ({ lastSignInAt }) => moment(lastSignInAt) },
        { name: 'Standing', show: standing },
      ],
    })}
    <section class="card" aria-labelledby="invite">
      <h2 id="invite">Invite somebody</h2>
      <form method="post" action="/console/people">
        ${formToken(visitor)}
        <div class="fields">
          ${textField({ name: 'name', label: 'Name', required: true, autocomplete: 'off' })}
          ${textField({ name: 'email', label: 'E-mail', type: 'email', required: true, autocomplete: 'off' })}
          ${reachFields({ role: 'support' })} ${whyField()}
        </div>
        <button class="first">Make an invitation</button>
      </form>
    </section>`;
}

function standing({ disabledAt, password, lastSignInAt }: Person): Html {
  if (disabledAt !== undefined) return badge({ word: 'Disabled', tone: 'quiet' });
  const isIn = password !== undefined || lastSignInAt !== undefined;
  return isIn ? badge({ word: 'Active', tone: 'good' }) : badge({ word: 'Invited', tone: 'waits' });
}

function personBody(visitor: Visitor, person: Person, byOrganization: boolean): Html {
  const place = `/console/people/${encodeURIComponent(person.email)}`;
  return html`<p class="lead">${person.email} ${standing(person)} · here since ${moment(person.createdAt)}, by ${person.createdBy}</p>
    <div class="columns">
      <section class="card" aria-labelledby="reach">
        <h2 id="reach">What they may do</h2>
        <form method="post" action="${place}">
          ${formToken(visitor)} ${reachFields(person)}
          ${tickField({ name: 'disabled', label: 'Disabled', ticked: person.disabledAt !== undefined, hint: 'Cannot sign in; open sessions end at once.' })}
          ${whyField('why-reach')}
          <button class="first">Save</button>
        </form>
      </section>
      <section class="card" aria-labelledby="help">
        <h2 id="help">Help them in</h2>
        ${byOrganization ? accountHelp(visitor, person, place) : passwordHelp(visitor, person, place)}
      </section>
    </div>`;
}

function accountHelp(visitor: Visitor, { account, email }: Person, place: string): Html {
  if (account === undefined)
    return html`<p>They sign in with the organization’s account of ${email}; the first one that comes is bound.</p>`;
  return html`<p>They sign in with the organization’s account <code>${account}</code>.</p>
    <form method="post" action="${place}/another-account">
      ${formToken(visitor)} ${whyField('why-account', 'Make sure that the address still belongs to the same person.')}
      <button class="careful">Let another account in</button>
    </form>`;
}

function passwordHelp(visitor: Visitor, { secondStep }: Person, place: string): Html {
  return html`<form method="post" action="${place}/link">
      ${formToken(visitor)} ${whyField('why-link')}
      <button>Make a link for a new password</button>
    </form>
    ${
      secondStep &&
      html`<hr />
        <form method="post" action="${place}/second-step-off">
          ${formToken(visitor)} ${whyField('why-step', 'Check on another way that it is really them who ask.')}
          <button class="careful">Turn their second step off</button>
        </form>`
    }`;
}

function linkPage(room: ConsoleRoom, name: string, ticket: string) {
  const link = `${room.publicUrl()}/console/invitation/${ticket}`;
  return {
    title: `A link for ${name}`,
    at: 'people' as const,
    trail: [{ href: '/console/people', name: 'People' }],
    body: html`<section class="card">
      <p>
        Hand this to ${name} on a way only they
        read.${room.organizationSignIn ? ' It leads to your organization’s sign-in.' : ' It sets a password once, within three days, and is shown here once.'}
      </p>
      <p><code class="secret" id="link">${link}</code></p>
      <p><a class="button" href="/console/people">Done</a></p>
    </section>`,
  };
}
