import { Hono, type Context } from 'hono';
import { html } from 'hono/html';
import type { SignInOutcome } from '../../people/sign-in.ts';
import { isOwnOrigin } from '../browser-safety.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { readForm } from '../form.ts';
import { showPlainPage } from '../layout.ts';
import { noteInAudit } from '../note-in-audit.ts';
import { textField } from '../parts/fields.ts';
import { span } from '../parts/moments.ts';
import { Refusal } from '../refusal.ts';
import { addressOf, safeTarget, sessionToken, setSessionCookie } from '../visitor.ts';
import { organizationLink, organizationSignInPages, passwordsOnly } from './organization-sign-in-pages.ts';

/** Signing in with a password, and with a code where the person wants one; or with the organization's account, by the settings. */
export function signInPages(room: ConsoleRoom): Hono {
  const route = new Hono();
  const { organizationSignIn } = room;
  if (organizationSignIn) route.route('/', organizationSignInPages(room, organizationSignIn));

  route.get('/console/sign-in', async (context) => {
    if (await room.people.isEmpty()) return context.redirect('/console/first', 303);
    const target = context.req.query('to') ?? '';
    if (organizationSignIn) return showPlainPage(context, { title: 'Sign in', body: organizationLink(target) });
    return passwordPage(context, { target });
  });

  route.post('/console/sign-in', passwordsOnly(room), async (context) => {
    ownFormsOnly(context, room);
    const form = await readForm(context);
    const [email, target] = [form.text('email'), form.text('to')];
    // Not trimmed: a password may begin or end with a space.
    const { password } = await context.req.parseBody();
    const outcome = await room.signIn.withPassword({
      email,
      password: typeof password === 'string' ? password : '',
      address: addressOf(context),
    });
    const fault = await settle(context, room, outcome);
    if (fault !== undefined) return passwordPage(context, { email, target, fault }, outcome.outcome === 'wait' ? 429 : 401);
    return context.redirect(
      outcome.outcome === 'code_needed' ? `/console/sign-in/code?to=${encodeURIComponent(target)}` : safeTarget(target),
      303,
    );
  });

  route.get('/console/sign-in/code', async (context) => {
    if (!(await codeSession(context, room))) return context.redirect('/console/sign-in', 303);
    return codePage(context, { target: context.req.query('to') ?? '' });
  });

  route.post('/console/sign-in/code', passwordsOnly(room), async (context) => {
    ownFormsOnly(context, room);
    const session = await codeSession(context, room);
    if (!session) return context.redirect('/console/sign-in', 303);
    const form = await readForm(context);
    const outcome = await room.signIn.withCode(session, { digits: form.text('digits'), address: addressOf(context) });
    const fault = await settle(context, room, outcome);
    if (fault !== undefined) return codePage(context, { target: form.text('to'), fault }, outcome.outcome === 'wait' ? 429 : 401);
    return context.redirect(safeTarget(form.text('to')), 303);
  });

  return route;
}

/** Forms before a session have no token; their origin is what there is to check. */
export function ownFormsOnly(context: Context, room: ConsoleRoom): void {
  if (!isOwnOrigin(context.req.raw, room.publicUrl()))
    throw new Refusal(403, 'This form came from elsewhere', `Open ${room.publicUrl()}/console and begin there.`);
}

/** Sets the cookie and notes it, or answers what to tell. */
async function settle(context: Context, room: ConsoleRoom, outcome: SignInOutcome): Promise<string | undefined> {
  switch (outcome.outcome) {
    case 'wait':
      room.logger.warn({ address: addressOf(context) }, 'sign-in throttled');
      return `Too many tries. Wait ${span(outcome.waitMs)}, then try again.`;
    case 'wrong':
      room.logger.warn({ address: addressOf(context) }, 'sign-in refused');
      return 'That is not right. Check what you typed; after a few wrong tries you have to wait.';
    case 'in':
    case 'code_needed': {
      const { person, token } = outcome;
      if (outcome.outcome === 'in')
        await noteInAudit(room, { actor: person.email, action: 'person.sign_in', subject: `person/${person.email}` });
      await room.sessions.end(sessionToken(context, room));
      setSessionCookie(context, room, token);
      return undefined;
    }
  }
}

async function codeSession(context: Context, room: ConsoleRoom) {
  const opened = await room.sessions.open(sessionToken(context, room));
  return opened?.session.stage === 'code' ? opened.session : undefined;
}

function passwordPage(
  context: Context,
  { email, target, fault }: { email?: string; target: string; fault?: string },
  status: 200 | 401 | 429 = 200,
) {
  return showPlainPage(
    context,
    {
      title: 'Sign in',
      body: html`<form method="post" action="/console/sign-in">
        ${fault !== undefined && html`<p class="told bad" role="alert">${fault}</p>`}
        <input type="hidden" name="to" value="${target}" />
        ${textField({ name: 'email', label: 'E-mail', type: 'email', value: email, required: true, autocomplete: 'username' })}
        ${textField({ name: 'password', label: 'Password', type: 'password', required: true, autocomplete: 'current-password' })}
        <button class="first">Sign in</button>
        <p class="hint">Forgot it? An admin can make you a new link on the People page.</p>
      </form>`,
    },
    status,
  );
}

function codePage(context: Context, { target, fault }: { target: string; fault?: string }, status: 200 | 401 | 429 = 200) {
  return showPlainPage(
    context,
    {
      title: 'Second step',
      body: html`<form method="post" action="/console/sign-in/code">
        ${fault !== undefined && html`<p class="told bad" role="alert">${fault}</p>`}
        <input type="hidden" name="to" value="${target}" />
        ${textField({ name: 'digits', label: 'Code', hint: 'The six digits your authenticator app shows for Vesper now.', required: true, autocomplete: 'one-time-code' })}
        <button class="first">Continue</button>
        <p class="hint">Lost the device? Another admin can turn the second step off on the People page.</p>
      </form>`,
    },
    status,
  );
}
