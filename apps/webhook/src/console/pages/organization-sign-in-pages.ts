import { Hono, type Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import { html } from 'hono/html';
import type { OrganizationOutcome, OrganizationSignIn } from '../../people/organization-sign-in.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { showPlainPage } from '../layout.ts';
import { noteInAudit } from '../note-in-audit.ts';
import type { Html } from '../parts/html.ts';
import { Refusal } from '../refusal.ts';
import { ownCookie, safeTarget, sessionToken, setSessionCookie } from '../visitor.ts';

const BEGIN = '/console/sign-in/organization';
export const ORGANIZATION_BACK = `${BEGIN}/back`;
/** Signing in elsewhere may take a second step and a new password there. */
const ATTEMPT_S = 10 * 60;

/** To the organization's own sign-in and back. */
export function organizationSignInPages(room: ConsoleRoom, organization: OrganizationSignIn): Hono {
  const route = new Hono();
  const reached = async <Value>(work: Promise<Value>): Promise<Value> => {
    try {
      return await work;
    } catch (error) {
      room.logger.error({ err: error }, 'the organization’s sign-in cannot be reached');
      throw new Refusal(
        503,
        'Your organization’s sign-in does not answer',
        'Try again in a moment; if it lasts, whoever runs Vesper finds why in the log.',
      );
    }
  };

  route.get(BEGIN, async (context) => {
    const { url, attempt } = await reached(organization.begin());
    const { name, options } = ownCookie(room, 'sign-in');
    const target = Buffer.from(context.req.query('to') ?? '').toString('base64url');
    setCookie(context, name, `${attempt}.${target}`, { ...options, maxAge: ATTEMPT_S });
    return context.redirect(url, 303);
  });

  route.get(ORGANIZATION_BACK, async (context) => {
    const { name, options } = ownCookie(room, 'sign-in');
    const [attempt, target = ''] = (getCookie(context, name) ?? '').split('.');
    // Worth one answer, whatever it is.
    deleteCookie(context, name, options);
    const outcome = await reached(organization.finish(new URL(context.req.url).search, attempt));
    if (outcome.outcome !== 'in') return refusedPage(context, room, outcome);
    const { person, token } = outcome;
    await noteInAudit(room, { actor: person.email, action: 'person.sign_in', subject: `person/${person.email}` });
    await room.sessions.end(sessionToken(context, room));
    setSessionCookie(context, room, token);
    return context.redirect(safeTarget(Buffer.from(target, 'base64url').toString()), 303);
  });

  return route;
}

export function organizationLink(target: string): Html {
  return html`<p><a class="button first" href="${BEGIN}?to=${encodeURIComponent(target)}">Sign in with your organization</a></p>`;
}

/** Where the organization vouches for people, a password left over from before opens and changes nothing. */
export function passwordsOnly({ organizationSignIn }: Pick<ConsoleRoom, 'organizationSignIn'>) {
  return createMiddleware(async (_, next) => {
    if (organizationSignIn)
      throw new Refusal(
        403,
        'Passwords open nothing here',
        'People sign in with their organization’s accounts, which keep password and second step.',
      );
    await next();
  });
}

function refusedPage(context: Context, { logger }: ConsoleRoom, outcome: Exclude<OrganizationOutcome, { outcome: 'in' }>) {
  logger.warn({ ...outcome }, 'sign-in with the organization refused');
  return showPlainPage(
    context,
    {
      title: 'You are not signed in',
      body: html`<p class="told bad" role="alert">${wordsOf(outcome)}</p>
        ${organizationLink('')}`,
    },
    403,
  );
}

function wordsOf(outcome: Exclude<OrganizationOutcome, { outcome: 'in' }>): string {
  switch (outcome.outcome) {
    case 'unknown':
      return `Nobody invited ${outcome.email} to Vesper, or the invitation was withdrawn. Ask an admin of Vesper.`;
    case 'another_account':
      return `${outcome.email} has signed in with another account of your organization before. If that is right, an admin of Vesper can let the new one in, on the People page.`;
    case 'unverified':
      return 'Your organization does not say that it has verified your e-mail address, so Vesper cannot tell who you are. Whoever runs the organization’s sign-in must let it send email and email_verified.';
    case 'refused':
      return `Your organization did not sign you in: ${outcome.why}.`;
  }
}
