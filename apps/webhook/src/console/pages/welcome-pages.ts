import { Hono, type Context } from 'hono';
import { html } from 'hono/html';
import type { Person } from '../../people/people.ts';
import { PASSWORD_LENGTH } from '../../people/password.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { readForm } from '../form.ts';
import { showPlainPage } from '../layout.ts';
import { noteInAudit } from '../note-in-audit.ts';
import { textField } from '../parts/fields.ts';
import { span } from '../parts/moments.ts';
import { addressOf, setSessionCookie } from '../visitor.ts';
import { organizationLink, passwordsOnly } from './organization-sign-in-pages.ts';
import { ownFormsOnly } from './sign-in-pages.ts';

/** The first person, made once with the environment's admin key; later ones come by an invitation's link. */
export function welcomePages(room: ConsoleRoom): Hono {
  const route = new Hono();
  const byPassword = room.organizationSignIn === undefined;
  const enter = async (context: Context, person: Person, action: string) => {
    await noteInAudit(room, { actor: person.email, action, subject: `person/${person.email}` });
    setSessionCookie(context, room, await room.sessions.begin(person, 'in'));
    return context.redirect('/console', 303);
  };

  route.get('/console/first', async (context) =>
    (await room.people.isEmpty()) ? firstPage(context, { byPassword }) : context.redirect('/console/sign-in', 303),
  );

  route.post('/console/first', async (context) => {
    ownFormsOnly(context, room);
    const form = await readForm(context);
    const given = { byPassword, email: form.text('email'), name: form.text('name') };
    const turn = await room.signInThrottle.take({ account: 'first', address: addressOf(context) });
    if (turn.outcome === 'wait')
      return firstPage(context, { ...given, fault: `Too many tries. Wait ${span(turn.waitMs)}, then try again.` }, 429);
    const caller = await room.checkEnvironmentKey(form.text('key'));
    if (caller?.role !== 'admin') return firstPage(context, { ...given, keyFault: 'This is not an admin key of this service.' }, 403);
    if (!isEmail(given.email) || given.name === '')
      return firstPage(context, { ...given, fault: 'Give your name and an e-mail address.' }, 400);
    const created = await room.people.createFirst(given, byPassword ? await passwordOf(context) : undefined);
    switch (created.outcome) {
      case 'created':
        if (byPassword) return enter(context, created.person, 'person.first');
        await noteInAudit(room, { actor: created.person.email, action: 'person.first', subject: `person/${created.person.email}` });
        return context.redirect('/console/sign-in', 303);
      case 'bad_password':
        return firstPage(context, { ...given, passwordFault: created.fault }, 400);
      case 'exists':
        return context.redirect('/console/sign-in', 303);
    }
  });

  route.get('/console/invitation/:ticket', async (context) => {
    const person = await room.people.invited(context.req.param('ticket'));
    if (!person) return expiredPage(context);
    return byPassword ? invitationPage(context, person) : organizationPage(context, person);
  });

  route.post('/console/invitation/:ticket', passwordsOnly(room), async (context) => {
    ownFormsOnly(context, room);
    const ticket = context.req.param('ticket');
    const person = await room.people.invited(ticket);
    if (!person) return expiredPage(context);
    const accepted = await room.people.acceptInvitation(ticket, await passwordOf(context));
    switch (accepted.outcome) {
      case 'accepted':
        // The second step is not skipped by a new password: who has one signs in with it.
        if (accepted.person.secondStep) return context.redirect('/console/sign-in', 303);
        return enter(context, accepted.person, 'person.password');
      case 'bad_password':
        return invitationPage(context, person, accepted.fault);
      case 'expired':
        return expiredPage(context);
    }
  });

  return route;
}

export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) && text.length <= 254;
}

async function passwordOf(context: Context): Promise<string> {
  const { password } = await context.req.parseBody();
  return typeof password === 'string' ? password : '';
}

const PASSWORD_HINT = `${PASSWORD_LENGTH.least} characters or more. A few words in a row are easy to keep and hard to guess.`;

interface FirstGiven {
  byPassword: boolean;
  email?: string;
  name?: string;
  fault?: string;
  keyFault?: string;
  passwordFault?: string;
}

function firstPage(
  context: Context,
  { byPassword, email, name, fault, keyFault, passwordFault }: FirstGiven,
  status: 200 | 400 | 403 | 429 = 200,
) {
  return showPlainPage(
    context,
    {
      title: 'Welcome',
      body: html`<p>Nobody can sign in yet. Make the first person: an admin, who invites all others.</p>
        <form method="post" action="/console/first">
          ${fault !== undefined && html`<p class="told bad" role="alert">${fault}</p>`}
          ${textField({
            name: 'key',
            label: 'Admin API key',
            type: 'password',
            required: true,
            autocomplete: 'off',
            hint: html`From <code>VESPER_API_KEYS</code> of this service, without its role. It opens this page once.`,
            fault: keyFault,
          })}
          ${textField({ name: 'name', label: 'Your name', value: name, required: true, autocomplete: 'name' })}
          ${textField({ name: 'email', label: 'E-mail', type: 'email', value: email, required: true, autocomplete: 'username' })}
          ${
            byPassword
              ? textField({
                  name: 'password',
                  label: 'Password',
                  type: 'password',
                  required: true,
                  autocomplete: 'new-password',
                  hint: PASSWORD_HINT,
                  fault: passwordFault,
                })
              : html`<p class="hint">Use the address your organization knows you by: you sign in with its account.</p>`
          }
          <button class="first">Begin</button>
        </form>`,
    },
    status,
  );
}

function invitationPage(context: Context, { name, email }: Person, fault?: string) {
  return showPlainPage(
    context,
    {
      title: `Hello, ${name}`,
      body: html`<p>Choose the password with which you sign in as <strong>${email}</strong>.</p>
        <form method="post">
          <input type="hidden" name="username" autocomplete="username" value="${email}" />
          ${textField({ name: 'password', label: 'Password', type: 'password', required: true, autocomplete: 'new-password', hint: PASSWORD_HINT, fault })}
          <button class="first">Save and sign in</button>
        </form>`,
    },
    fault === undefined ? 200 : 400,
  );
}

function organizationPage(context: Context, { name, email }: Person) {
  return showPlainPage(context, {
    title: `Hello, ${name}`,
    body: html`<p>You sign in with your organization’s account of <strong>${email}</strong>.</p>
      ${organizationLink('')}`,
  });
}

function expiredPage(context: Context) {
  return showPlainPage(
    context,
    {
      title: 'This link is used or expired',
      body: html`<p>Each link works once, for three days. Ask an admin for a new one, or <a href="/console/sign-in">sign in</a>.</p>`,
    },
    410,
  );
}
