import type { Context, MiddlewareHandler } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import type { Role } from '../config.ts';
import type { Person } from '../people/people.ts';
import { hasRole, mayReach, seesPersonalData } from '../people/reach.ts';
import { isFormToken, type Session, SESSION_MOST_MS } from '../people/sessions.ts';
import type { Agent } from '../support/support-room.ts';
import { isOwnOrigin } from './browser-safety.ts';
import type { ConsoleRoom } from './console-room.ts';
import { Refusal } from './refusal.ts';
import { takeTold, type Told } from './told.ts';

/** The person at the browser, for every page behind the sign-in. */
export interface Visitor {
  person: Person;
  session: Session;
  /** Names, addresses and QuickBooks' own words may be shown. */
  seesNames: boolean;
  can(least: Role): boolean;
  reaches(companyId: string): boolean;
  /** For the verbs of support. */
  agent: Agent;
}

export interface ConsoleEnv {
  Variables: {
    visitor: Visitor;
    /** What the last action said, shown once on the next page. */
    told?: Told;
  };
}

type Any = Context<ConsoleEnv>;

/** Opens the session of the cookie; without one the browser is sent to sign in. Changing requests need our origin and the session's form token. */
export function signedIn(room: ConsoleRoom): MiddlewareHandler<ConsoleEnv> {
  return createMiddleware<ConsoleEnv>(async (context, next) => {
    const opened = await room.sessions.open(sessionToken(context, room));
    if (!opened || opened.session.stage !== 'in') return context.redirect(await whereToSignIn(context, room), 303);
    const { session, person } = opened;
    if (!isRead(context)) {
      if (!isOwnOrigin(context.req.raw, room.publicUrl()))
        throw new Refusal(403, 'This form came from elsewhere', 'Open the page again from the console and repeat what you did.');
      const form = await context.req.parseBody({ all: true });
      if (!isFormToken(session, form['form_token']))
        throw new Refusal(
          403,
          'This form is out of date',
          'You signed in again since it was opened. Go back, load the page anew, and repeat what you did.',
        );
    }
    context.set('visitor', toVisitor(person, session));
    const told = context.req.query('told');
    if (told !== undefined) {
      const words = await takeTold(room.store, session, told);
      if (words) context.set('told', words);
    }
    return next();
  });
}

/** Lets through only people with at least this role. */
export function needs(least: Role): MiddlewareHandler<ConsoleEnv> {
  return createMiddleware<ConsoleEnv>(async (context, next) => {
    if (!context.var.visitor.can(least))
      throw new Refusal(
        403,
        `This needs the role ${least}`,
        `Your role is ${context.var.visitor.person.role}. Ask an admin if you should have more.`,
      );
    await next();
  });
}

/** An admin of some companies must not make one of all. */
export const needsEverywhere: MiddlewareHandler<ConsoleEnv> = createMiddleware<ConsoleEnv>(async (context, next) => {
  if (context.var.visitor.person.companies)
    throw new Refusal(
      403,
      'This needs an admin of all companies',
      'Your role is limited to some companies; people and keys are made by an admin of all.',
    );
  await next();
});

export function sessionToken(context: Context, room: ConsoleRoom): string | undefined {
  return getCookie(context, ownCookie(room, 'session').name);
}

/** `__Host-` binds a cookie to this host and to https; a developer's http has no such cookies. Lax: one comes back from QuickBooks signed in. */
export function ownCookie(room: Pick<ConsoleRoom, 'publicUrl'>, kind: 'session' | 'sign-in') {
  const secure = room.publicUrl().startsWith('https:');
  const name = `${secure ? '__Host-' : ''}vesper${kind === 'session' ? '' : '-sign-in'}`;
  return { name, options: { path: '/', httpOnly: true, sameSite: 'Lax', secure } as const };
}

export function setSessionCookie(context: Context, room: ConsoleRoom, token: string): void {
  const { name, options } = ownCookie(room, 'session');
  setCookie(context, name, token, { ...options, maxAge: SESSION_MOST_MS / 1000 });
}

export function dropSessionCookie(context: Context, room: ConsoleRoom): void {
  const { name, options } = ownCookie(room, 'session');
  deleteCookie(context, name, options);
}

/** Only a page of the console: nobody is sent elsewhere by a link that looks like ours. */
export function safeTarget(target: string): string {
  const base = 'http://console.invalid';
  if (!target.startsWith('/console') || !URL.canParse(target, base)) return '/console';
  const { origin, pathname, search } = new URL(target, base);
  return origin === base && /^\/console(\/|$)/.test(pathname) ? pathname + search : '/console';
}

/** The peer's address: what the throttle counts by. A header anybody can write would let them choose it. */
export function addressOf(context: Context): string {
  const { incoming } = (context.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress ?? 'unknown';
}

function toVisitor(person: Person, session: Session): Visitor {
  const { email, companies } = person;
  return {
    person,
    session,
    seesNames: seesPersonalData(person),
    can: (least) => hasRole(person, least),
    reaches: (companyId) => mayReach(person, companyId),
    agent: { name: email, ...(companies && { companies }) },
  };
}

/** Back to the page that was asked for, once signed in; only pages of ours, and only reads. */
async function whereToSignIn(context: Any, room: ConsoleRoom): Promise<string> {
  if (await room.people.isEmpty()) return '/console/first';
  if (!isRead(context) || context.req.path === '/console') return '/console/sign-in';
  const { pathname, search } = new URL(context.req.url);
  return `/console/sign-in?to=${encodeURIComponent(pathname + search)}`;
}

const isRead = (context: Context): boolean => context.req.method === 'GET' || context.req.method === 'HEAD';
