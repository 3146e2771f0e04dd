import { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import type { ChartChoice } from '@vesper/qbo-adapter/chart-plan';
import type { Company } from '../company.ts';
import type { Connections } from '../connect.ts';

/** `/oauth/start` and `/oauth/callback`: what a browser goes through to connect a company. */
export function oauthRoute({ connections, publicUrl }: { connections: Connections; publicUrl: () => string }): Hono {
  const route = new Hono();
  // By the address browsers use: behind a proxy that ends TLS the request's own is http.
  const isSecure = () => publicUrl().startsWith('https:');
  const cookieName = () => (isSecure() ? '__Host-vesper-oauth' : 'vesper-oauth');

  route.get('/oauth/start', async (context) => {
    const started = await connections.start(context.req.query('ticket') ?? '');
    if (started.outcome === 'expired')
      return context.html(page('This link is used or expired', 'Begin connecting again: each link works once, for 15 minutes.'), 410);
    setCookie(context, cookieName(), started.binding, {
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      secure: isSecure(),
      maxAge: 900,
    });
    return context.redirect(started.url);
  });

  route.get('/oauth/callback', async (context) => {
    const finished = await connections.finish({
      state: context.req.query('state'),
      code: context.req.query('code'),
      realmId: context.req.query('realmId'),
      error: context.req.query('error'),
      binding: getCookie(context, cookieName()),
    });
    context.header('cache-control', 'no-store');
    // Whoever began in the console goes back to it; a platform's customer has no business there.
    const isFromConsole = (getCookie(context, '__Host-vesper') ?? getCookie(context, 'vesper')) !== undefined;
    const back = 'company' in finished && isFromConsole ? `/console/companies/${encodeURIComponent(finished.company.id)}/setup` : undefined;
    switch (finished.outcome) {
      case 'connected':
        return context.html(
          page('Connected to QuickBooks', `${finished.company.settings.name} is connected. Nothing else is needed.`, {
            back,
            choices: choicesOf(finished.company),
          }),
        );
      case 'connected_with_problems':
        return context.html(
          page('Connected to QuickBooks, with something to look at', `${finished.company.settings.name} is connected.`, {
            back,
            choices: choicesOf(finished.company),
            items: finished.company.connection.problems.map(({ message, remedy }) => `${message} ${remedy}`),
          }),
        );
      case 'bad_state':
        return context.html(
          page('This connection attempt cannot be finished', 'It was used already, has expired, or began in another browser. Begin again.'),
          400,
        );
      case 'refused':
        return context.html(page('Not connected', `${finished.reason.message} ${finished.reason.remedy}`), 409);
    }
  });
  return route;
}

/** What will be posted to, before anything is. */
function choicesOf({ connection }: Company): string[] {
  return ((connection.choices ?? []) as ChartChoice[]).map(
    ({ role, kind, name, how }) =>
      `${role.replaceAll('_', ' ')}: ${kind === 'item' ? 'product or service' : 'account'} “${name}”, ${how.replaceAll('_', ' ')}`,
  );
}

function page(
  title: string,
  text: string,
  { items = [], choices = [], back }: { items?: readonly string[]; choices?: readonly string[]; back?: string | undefined } = {},
) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          <p>${text}</p>
          ${
            items.length > 0
              ? html`<ul>
                  ${items.map((item) => html`<li>${item}</li>`)}
                </ul>`
              : ''
          }
          ${
            choices.length > 0
              ? html`<p>Vesper will post to these in QuickBooks; choose others in the settings before the first evening if you like.</p>
                  <ul>
                    ${choices.map((choice) => html`<li>${choice}</li>`)}
                  </ul>`
              : ''
          }
          ${back !== undefined && html`<p><a href="${back}">Back to the console</a></p>`}
        </main>
      </body>
    </html>`;
}
