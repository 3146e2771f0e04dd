import { randomUUID } from 'node:crypto';
import { StoreError } from '@vesper/outbox/store-error';
import { Hono, type Context } from 'hono';
import { html } from 'hono/html';
import { HTTPException } from 'hono/http-exception';
import { consoleHeaders, limitForms, noStore } from '../console/browser-safety.ts';
import { assetsRoute } from '../console/console-assets.ts';
import type { ConsoleRoom } from '../console/console-room.ts';
import { showPage, showPlainPage } from '../console/layout.ts';
import { accountPage } from '../console/pages/account-page.ts';
import { auditPage } from '../console/pages/audit-page.ts';
import { companiesPages } from '../console/pages/companies-pages.ts';
import { correctionsPage } from '../console/pages/corrections-page.ts';
import { entryActsPages } from '../console/pages/entry-acts-pages.ts';
import { entryPage } from '../console/pages/entry-page.ts';
import { fixPages } from '../console/pages/fix-pages.ts';
import { inspectionPage } from '../console/pages/inspection-page.ts';
import { keysPage } from '../console/pages/keys-page.ts';
import { outboxPage } from '../console/pages/outbox-page.ts';
import { overviewPage } from '../console/pages/overview-page.ts';
import { peoplePages } from '../console/pages/people-pages.ts';
import { reconciliationPage } from '../console/pages/reconciliation-page.ts';
import { replaysPages } from '../console/pages/replays-pages.ts';
import { runsPages } from '../console/pages/runs-pages.ts';
import { settingsPage } from '../console/pages/settings-page.ts';
import { setupPages } from '../console/pages/setup-pages.ts';
import { signInPages } from '../console/pages/sign-in-pages.ts';
import { undoPage } from '../console/pages/undo-page.ts';
import { welcomePages } from '../console/pages/welcome-pages.ts';
import { notFound, Refusal } from '../console/refusal.ts';
import { signedIn, type ConsoleEnv } from '../console/visitor.ts';

/**
 * `/console`: what operators see and do. Mounted before the API's own headers: its pages bring stricter ones that allow its one script.
 * Everything but the assets, signing in, the first person and invitations is behind `signedIn`.
 */
export function consoleRoute(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  route.use('/console/*', consoleHeaders, noStore, limitForms);
  route.route('/', assetsRoute());
  route.route('/', signInPages(room));
  route.route('/', welcomePages(room));
  route.use('/console/*', signedIn(room));
  for (const pages of PAGES) route.route('/', pages(room));
  route.all('/console/*', () => {
    throw notFound('page');
  });
  route.onError((error, context) => showRefusal(context, toRefusal(error, context, room)));
  return route;
}

const PAGES = [
  overviewPage,
  outboxPage,
  entryPage,
  fixPages,
  entryActsPages,
  replaysPages,
  companiesPages,
  setupPages,
  settingsPage,
  inspectionPage,
  undoPage,
  runsPages,
  reconciliationPage,
  correctionsPage,
  auditPage,
  peoplePages,
  keysPage,
  accountPage,
];

function toRefusal(error: Error, context: Context, { logger }: ConsoleRoom): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof HTTPException && error.status === 413)
    return new Refusal(413, 'That is too much for one form', 'Send less at once.');
  if (error instanceof StoreError && error.kind === 'unavailable')
    return new Refusal(503, 'The store cannot be reached', 'Nothing was lost. Try again in a moment; if it lasts, look at /readyz.');
  const requestId = randomUUID();
  logger.error({ err: error, requestId, path: context.req.routePath }, 'console page failed');
  return new Refusal(500, 'Something went wrong on our side', `Whoever runs Vesper finds it in the log under ${requestId}.`);
}

function showRefusal(context: Context<ConsoleEnv>, { status, title, advice }: Refusal): Response | Promise<Response> {
  // The form was not read to its end, so nothing else can be sent after it on the same connection.
  if (status === 413) context.header('connection', 'close');
  const known = REFUSALS.find((one) => one === status) ?? 500;
  const body = html`<p>${advice}</p>
    <p><a class="button" href="/console">To the overview</a></p>`;
  return context.var.visitor ? showPage(context, { title, body }, known) : showPlainPage(context, { title, body }, known);
}

const REFUSALS = [400, 403, 404, 409, 413, 500, 503] as const;
