import { Hono } from 'hono';
import { html, raw } from 'hono/html';
import { renderSVG } from 'uqr';
import type { ConsoleRoom } from '../console-room.ts';
import { readForm } from '../form.ts';
import { showPage } from '../layout.ts';
import { noteInAudit } from '../note-in-audit.ts';
import { formToken, textField } from '../parts/fields.ts';
import type { Html } from '../parts/html.ts';
import { moment } from '../parts/moments.ts';
import { tellAndGo } from '../told.ts';
import { addressOf, dropSessionCookie, sessionToken, setSessionCookie, type ConsoleEnv, type Visitor } from '../visitor.ts';
import { passwordsOnly } from './organization-sign-in-pages.ts';

/** One's own password, second step and session. */
export function accountPage(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  const { people, secondStep, sessions } = room;
  const page = '/console/account';
  const note = ({ person }: Visitor, action: string) =>
    noteInAudit(room, { actor: person.email, action, subject: `person/${person.email}` });

  route.get(page, async (context) => {
    const { visitor } = context.var;
    if (room.organizationSignIn)
      return showPage(context, { title: 'Your account', at: 'account', body: html`${whoBody(visitor)}${ORGANIZATION}` });
    const begun = visitor.person.secondStep ? undefined : await secondStep.begun(visitor.person.email);
    return showPage(context, { title: 'Your account', at: 'account', body: accountBody(visitor, begun) });
  });

  route.post('/console/sign-out', async (context) => {
    await sessions.end(sessionToken(context, room));
    dropSessionCookie(context, room);
    return context.redirect('/console/sign-in', 303);
  });

  route.use(`${page}/*`, passwordsOnly(room));
  route.post(`${page}/password`, async (context) => {
    const { visitor } = context.var;
    const { now, next } = await context.req.parseBody();
    if (!(await isOwnPassword(room, visitor, now, addressOf(context))))
      return tellAndGo(context, room, page, {
        tone: 'bad',
        message: 'The present password is not right, or was tried too often. Nothing was changed.',
      });
    const changed = await people.changePassword(visitor.person.email, typeof next === 'string' ? next : '');
    if (changed.outcome === 'bad_password') return tellAndGo(context, room, page, { tone: 'bad', message: changed.fault });
    await note(visitor, 'person.password');
    // All sessions of the old password are over, this one too: begin another.
    setSessionCookie(context, room, await sessions.begin(changed.person, 'in'));
    return context.redirect(page, 303);
  });

  route.post(`${page}/second-step`, async (context) => {
    const { visitor } = context.var;
    if (!visitor.person.secondStep) await secondStep.begin(visitor.person.email);
    return context.redirect(`${page}#second-step`, 303);
  });

  route.post(`${page}/second-step/on`, async (context) => {
    const { visitor } = context.var;
    const { email, lastCodeStep } = visitor.person;
    const checked = await secondStep.check(email, (await readForm(context)).text('digits'), { after: lastCodeStep });
    if (checked.outcome === 'wrong')
      return tellAndGo(context, room, `${page}#second-step`, {
        tone: 'bad',
        message: 'These are not the digits of now. Check the clock of your device and try again.',
      });
    await note(visitor, 'person.second_step_on');
    await people.useCode(email, checked.step);
    await people.setSecondStep(email, true);
    return tellAndGo(context, room, page, { tone: 'good', message: 'From now on signing in asks for a code as well.' });
  });

  route.post(`${page}/second-step/off`, async (context) => {
    const { visitor } = context.var;
    const { password } = await context.req.parseBody();
    if (!(await isOwnPassword(room, visitor, password, addressOf(context))))
      return tellAndGo(context, room, `${page}#second-step`, {
        tone: 'bad',
        message: 'The password is not right, or was tried too often. The second step stays on.',
      });
    await note(visitor, 'person.second_step_off');
    await people.setSecondStep(visitor.person.email, false);
    await secondStep.forget(visitor.person.email);
    return tellAndGo(context, room, page, { tone: 'careful', message: 'The second step is off.' });
  });

  return route;
}

/** A session somebody left open must not be enough to guess the password from. */
async function isOwnPassword(room: ConsoleRoom, { person }: Visitor, password: unknown, address: string): Promise<boolean> {
  const turn = await room.signInThrottle.take({ account: person.email, address });
  if (turn.outcome === 'wait' || typeof password !== 'string' || !(await room.people.isPasswordOf(person, password))) return false;
  await room.signInThrottle.forgive(person.email);
  return true;
}

const ORGANIZATION = html`<section class="card">
  <p>You sign in with your organization’s account. Your password and its second step are kept there.</p>
</section>`;

function whoBody({ person, session }: Visitor): Html {
  return html`<p class="lead">
    ${person.email}, role <strong>${person.role}</strong>,
    ${person.companies ? html`companies ${person.companies.join(', ')}` : 'all companies'}. Signed in since ${moment(session.createdAt)}.
  </p>`;
}

function accountBody(visitor: Visitor, begun: { uri: string; secret: string } | undefined): Html {
  const { person } = visitor;
  return html`${whoBody(visitor)}
    <div class="columns">
      <section class="card" aria-labelledby="password-title">
        <h2 id="password-title">Password</h2>
        <form method="post" action="/console/account/password">
          ${formToken(visitor)}
          ${textField({ name: 'now', label: 'Present password', type: 'password', required: true, autocomplete: 'current-password' })}
          ${textField({ name: 'next', label: 'New password', type: 'password', required: true, autocomplete: 'new-password', hint: '12 characters or more. It ends all your other sessions.' })}
          <button>Change it</button>
        </form>
      </section>
      <section class="card" aria-labelledby="second-step">
        <h2 id="second-step">Second step</h2>
        ${person.secondStep ? stepOn(visitor) : begun ? stepBegun(visitor, begun) : stepOff(visitor)}
      </section>
    </div>`;
}

function stepOff(visitor: Visitor): Html {
  return html`<p>Off. With it, a stolen password alone opens nothing: signing in also asks for a code from an app on your phone.</p>
    <form method="post" action="/console/account/second-step">${formToken(visitor)}<button>Set it up</button></form>`;
}

function stepBegun(visitor: Visitor, { uri, secret }: { uri: string; secret: string }): Html {
  // The QR code is ours: a grid of squares from the address, nothing of anybody's text in it.
  return html`<p>Scan this with an authenticator app, or type the key into it; then enter the six digits it shows.</p>
    <div class="qr" role="img" aria-label="QR code of the key below">${raw(renderSVG(uri, { border: 2 }))}</div>
    <p>Key <code class="secret">${secret.replaceAll(/(.{4})/g, '$1 ').trim()}</code></p>
    <form method="post" action="/console/account/second-step/on">
      ${formToken(visitor)} ${textField({ name: 'digits', label: 'Digits', required: true, autocomplete: 'one-time-code' })}
      <button>Turn it on</button>
    </form>`;
}

function stepOn(visitor: Visitor): Html {
  return html`<p>On: signing in asks for a code.</p>
    <form method="post" action="/console/account/second-step/off">
      ${formToken(visitor)}
      ${textField({ name: 'password', label: 'Password', type: 'password', required: true, autocomplete: 'current-password' })}
      <button class="careful">Turn it off</button>
    </form>`;
}
