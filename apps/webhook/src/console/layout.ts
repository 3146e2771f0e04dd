import type { Context } from 'hono';
import { html } from 'hono/html';
import type { Role } from '../config.ts';
import { assets } from './console-assets.ts';
import type { Html } from './parts/html.ts';
import type { ConsoleEnv, Visitor } from './visitor.ts';

export interface Page {
  title: string;
  /** The entry of the navigation that is lit. */
  at?: NavPlace;
  /** Links back up, outermost first. */
  trail?: readonly { href: string; name: string }[];
  /** Without JavaScript the browser loads the page anew after this long; with it a part of the page looks by itself. */
  refreshSeconds?: number;
  body: Html;
}

export type NavPlace =
  | 'overview'
  | 'companies'
  | 'outbox'
  | 'runs'
  | 'reconciliation'
  | 'corrections'
  | 'audit'
  | 'people'
  | 'keys'
  | 'account';

const NAV: readonly { at: NavPlace; href: string; name: string; least: Role }[] = [
  { at: 'overview', href: '/console', name: 'Overview', least: 'viewer' },
  { at: 'outbox', href: '/console/outbox', name: 'Outbox', least: 'viewer' },
  { at: 'companies', href: '/console/companies', name: 'Companies', least: 'viewer' },
  { at: 'runs', href: '/console/runs', name: 'Runs', least: 'viewer' },
  { at: 'reconciliation', href: '/console/reconciliation', name: 'Reconciliation', least: 'viewer' },
  { at: 'corrections', href: '/console/corrections', name: 'Corrections', least: 'support' },
  { at: 'audit', href: '/console/audit', name: 'Audit', least: 'support' },
  { at: 'people', href: '/console/people', name: 'People', least: 'admin' },
  { at: 'keys', href: '/console/keys', name: 'API keys', least: 'admin' },
];

/** A page for a signed-in visitor: navigation, what the last action said, the page itself. */
export function showPage(context: Context<ConsoleEnv>, page: Page, status: 200 | 400 | 403 | 404 | 409 | 413 | 422 | 500 | 503 = 200) {
  const { visitor, told } = context.var;
  return context.html(
    shell(
      page,
      html`<a class="skip" href="#main">Skip to the page</a>
        <header class="top">
          <a class="brand" href="/console"><img src="${assets.icon.path}" alt="" width="26" height="26" />Vesper</a>
          <form class="top-search" action="/console/outbox" role="search">
            <input
              type="search"
              name="q"
              aria-label="Find an inspection, document number, client or QuickBooks id"
              placeholder="Find anything"
            />
          </form>
        </header>
        <details class="menu">
          <summary>Menu</summary>
          ${nav(visitor, page.at)}
        </details>
        <div class="side">${nav(visitor, page.at)}</div>
        <main id="main" tabindex="-1">
          ${page.trail && html`<nav class="trail" aria-label="Where this is">${page.trail.map(({ href, name }) => html`<a href="${href}">${name}</a>`)}</nav>`}
          <h1>${page.title}</h1>
          ${told && html`<div class="told ${told.tone}" role="status">${told.message}</div>`} ${page.body}
        </main>`,
      'inside',
    ),
    status,
  );
}

/** A page without navigation: signing in, invitations, refusals before it is known who asks. */
export function showPlainPage(context: Context, page: Page, status: 200 | 400 | 401 | 403 | 404 | 409 | 410 | 413 | 429 | 500 | 503 = 200) {
  return context.html(
    shell(
      page,
      html`<main id="main" class="card plain">
        <p class="brand"><img src="${assets.icon.path}" alt="" width="30" height="30" />Vesper</p>
        <h1>${page.title}</h1>
        ${page.body}
      </main>`,
      'outside',
    ),
    status,
  );
}

/** The API's reference, for anybody: as wide as a page inside, with nothing of the console in it. */
export function showReference(context: Context, body: Html) {
  const title = 'API reference';
  const page = html`<a class="skip" href="#main">Skip to the page</a>
    <header class="top">
      <a class="brand" href="/console"><img src="${assets.icon.path}" alt="" width="26" height="26" />Vesper</a>
    </header>
    <main id="main" tabindex="-1">
      <h1>${title}</h1>
      ${body}
    </main>`;
  return context.html(shell({ title, body }, page, 'reference'));
}

function shell({ title, refreshSeconds }: Page, body: Html, kind: 'inside' | 'outside' | 'reference'): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <meta name="htmx-config" content='{"includeIndicatorCSS":false,"history":"reload"}' />
        <title>${title} · Vesper</title>
        <link rel="icon" href="${assets.icon.path}" type="image/svg+xml" />
        <link rel="stylesheet" href="${assets.styles.path}" integrity="${assets.styles.integrity}" />
        <script src="${assets.htmx.path}" integrity="${assets.htmx.integrity}" defer></script>
        ${refreshSeconds !== undefined && html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}" /></noscript>`}
      </head>
      <body class="${kind}">
        ${body}
      </body>
    </html>`;
}

function nav(visitor: Visitor, at: NavPlace | undefined): Html {
  const { person, session } = visitor;
  return html`<nav class="nav" aria-label="Console">
    <ul>
      ${NAV.filter(({ least }) => visitor.can(least)).map(
        ({ at: place, href, name }) => html`<li><a href="${href}" ${place === at ? html`aria-current="page"` : ''}>${name}</a></li>`,
      )}
    </ul>
    <div class="self">
      <a href="/console/account" ${at === 'account' ? html`aria-current="page"` : ''}>${person.name}</a>
      <span class="role">${person.role}</span>
      <form method="post" action="/console/sign-out">
        <input type="hidden" name="form_token" value="${session.formToken}" />
        <button class="quiet">Sign out</button>
      </form>
    </div>
  </nav>`;
}
