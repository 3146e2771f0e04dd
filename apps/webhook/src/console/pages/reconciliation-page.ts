import { formatDollars } from '@vesper/core/money';
import { localDate } from '@vesper/core/local-date';
import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Company } from '../../company.ts';
import { agreement } from '../../reconciliation/agreement.ts';
import { reconcile, reconciliationCsv, undepositedCsv, type Reconciliation } from '../../reconciliation/reconcile.ts';
import { companiesOf, companyFor, type ListedCompany } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { showPage } from '../layout.ts';
import { choiceField, textField } from '../parts/fields.ts';
import { completenessList } from '../parts/completeness-list.ts';
import { dayChart } from '../parts/day-chart.ts';
import type { Html } from '../parts/html.ts';
import { day } from '../parts/moments.ts';
import { reasonBox } from '../parts/reason-box.ts';
import { table } from '../parts/table.ts';
import { waitingTable } from '../parts/waiting-table.ts';
import { Refusal } from '../refusal.ts';
import { needs, type ConsoleEnv, type Visitor } from '../visitor.ts';
import { nameOfKey, plural } from '../words.ts';

const DAY_MS = 86_400_000;
const DAYS = 14;
const MOST_DAYS = 92;

interface Period {
  from: string;
  to: string;
}

/** Any period from four sides: what the platform says, what came, what Vesper posted, what QuickBooks has. */
export function reconciliationPage(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();
  const found = (company: Company, period: Period) =>
    reconcile({ store: room.store, clientOf: room.clientOf, now: () => room.clock.now() }, company, period);

  route.get('/console/reconciliation', async (context) => {
    const { visitor } = context.var;
    const companies = await companiesOf(room, visitor);
    const asked = context.req.query('company') || companies[0]?.id;
    if (asked === undefined)
      return showPage(context, {
        title: 'Reconciliation',
        at: 'reconciliation',
        body: html`<p class="empty">There is no company yet.</p>`,
      });
    const company = await companyFor(room, visitor, asked);
    const period = periodOf(company, (name) => context.req.query(name), room.clock.now());
    return showPage(context, {
      title: 'Reconciliation',
      at: 'reconciliation',
      body: html`${periodForm(companies, company, period)}
      ${
        context.req.query('compare') === undefined
          ? comparing(company, period)
          : html`<div id="compared" aria-live="polite">${reconciliationBody(visitor, company, await found(company, period))}</div>`
      }`,
    });
  });

  // Names of clients are in the reasons of what waits, and so in the file.
  route.get('/console/reconciliation/:file{days.csv|undeposited.csv}', needs('support'), async (context) => {
    const company = await companyFor(room, context.var.visitor, context.req.query('company') ?? '');
    const period = periodOf(company, (name) => context.req.query(name), room.clock.now());
    const reconciliation = await found(company, period);
    const isDays = context.req.param('file') === 'days.csv';
    return context.body(isDays ? reconciliationCsv(reconciliation) : undepositedCsv(reconciliation.undepositedFunds), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${company.id}-${period.from}-${period.to}-${isDays ? 'days' : 'undeposited'}.csv"`,
    });
  });

  return route;
}

/** Reading QuickBooks takes seconds: the page is there at once, and the comparison follows by itself or, without JavaScript, by a link. */
function comparing({ id }: Company, { from, to }: Period): Html {
  const place = `/console/reconciliation?${new URLSearchParams({ company: id, from, to, compare: 'now' }).toString()}`;
  return html`<div id="compared" aria-live="polite" hx-get="${place}" hx-trigger="load" hx-select="#compared" hx-swap="outerHTML">
    <p class="empty">Reading QuickBooks and comparing… <a href="${place}">Show it as a page</a></p>
  </div>`;
}

function periodOf({ settings }: Company, field: (name: string) => string | undefined, nowMs: number): Period {
  const today = localDate(new Date(nowMs).toISOString(), settings.timezone);
  const from = field('from') || new Date(Date.parse(today) - (DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
  const to = field('to') || today;
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (![from, to].every((text) => /^\d{4}-\d{2}-\d{2}$/.test(text)) || !(days >= 1 && days <= MOST_DAYS))
    throw new Refusal(400, 'That is no period', `Choose one to ${MOST_DAYS} days, the first before the last.`);
  return { from, to };
}

function periodForm(companies: readonly ListedCompany[], company: Company, { from, to }: Period): Html {
  return html`<form class="inline card" action="/console/reconciliation">
    ${choiceField({ name: 'company', label: 'Company', value: company.id, choices: (companies.length > 0 ? companies : [company]).map(({ id, settings }) => ({ value: id, name: settings.name })) })}
    ${textField({ name: 'from', label: 'From', type: 'date', value: from })}
    ${textField({ name: 'to', label: 'Until', type: 'date', value: to })}
    <button>Show</button>
  </form>`;
}

function reconciliationBody(visitor: Visitor, company: Company, found: Reconciliation): Html {
  const { days, differences, waiting, waitingTotal } = found;
  const query = new URLSearchParams({ company: company.id, from: found.from, to: found.to }).toString();
  const { isWhole, words } = agreement({
    days: days.length,
    daysWithStatement: found.sums.platform.days,
    isQuickbooksRead: found.sums.quickbooks !== null,
  });
  const told =
    differences.length === 0
      ? html`<p class="told ${isWhole ? 'good' : ''}">${words}</p>`
      : html`<p class="told careful">${plural(differences.length, 'difference')} in the period. Shown, never adjusted.</p>`;
  return html`${told} ${sumsTable(found)} ${dayChart(paymentsByDay(found))}
    <section aria-labelledby="days">
      <h2 id="days">Day by day</h2>
      ${daysTable(visitor, days)}
      ${visitor.can('support') && html`<p><a href="/console/reconciliation/days.csv?${query}">Download as CSV</a></p>`}
    </section>
    <section aria-labelledby="complete">
      <h2 id="complete">Is anything missing?</h2>
      ${completenessList(found.completeness)}
    </section>
    <section aria-labelledby="waiting">
      <h2 id="waiting">What waits</h2>
      ${waitingTable(visitor, company, waiting.slice(0, 50))}
      ${waitingTotal > 50 && html`<p class="hint">${plural(waitingTotal, 'row')} in all; the outbox finds every one.</p>`}
    </section>
    <section aria-labelledby="funds">
      <h2 id="funds">Undeposited Funds</h2>
      ${funds(visitor, company, found)}
      ${visitor.can('support') && html`<p><a href="/console/reconciliation/undeposited.csv?${query}">Download as CSV</a></p>`}
    </section>`;
}

function sumsTable({ sums }: Reconciliation): Html {
  return table({
    caption: 'Sums of the period',
    rows: [
      { name: 'Platform', side: sums.platform, note: `${plural(sums.platform.days, 'day')} with a statement` },
      { name: 'Webhooks', side: sums.outbox, note: undefined },
      { name: 'Vesper’s ledger', side: sums.ledger, note: undefined },
      { name: 'QuickBooks', side: sums.quickbooks, note: sums.quickbooks ? undefined : 'could not be read' },
    ],
    empty: '',
    columns: [
      {
        name: 'Sums of the period',
        show: ({ name, note }) => html`${name} ${note !== undefined && html`<span class="aside">${note}</span>`}`,
      },
      { name: 'Payments', number: true, show: ({ side }) => side !== null && formatDollars(side.paymentsCents) },
      { name: 'Refunds', number: true, show: ({ side }) => side !== null && formatDollars(side.refundsCents) },
      { name: 'Payouts', number: true, show: ({ side }) => side !== null && formatDollars(side.payoutsCents) },
    ],
  });
}

function paymentsByDay({ days }: Reconciliation) {
  const total = days.reduce((sum, { ledger }) => sum + ledger.paymentsCents, 0);
  return {
    days: days.map(({ localDate: date, platform, ledger, quickbooks }) => ({
      localDate: date,
      values: [platform?.paymentsCents ?? 0, ledger.paymentsCents, quickbooks?.paymentsCents ?? 0],
    })),
    series: [
      { name: 'Platform', look: 'second' },
      { name: 'Vesper’s ledger', look: 'first' },
      { name: 'QuickBooks', look: 'fourth' },
    ],
    shape: 'beside',
    told: `Payments by day: ${formatDollars(total)} posted in the period.`,
    show: (cents: number) => formatDollars(cents).replace(/\.00$/, ''),
  } as const;
}

function daysTable(visitor: Visitor, days: Reconciliation['days']): Html {
  return table({
    caption: 'Day by day',
    rows: days.toReversed(),
    empty: 'No days.',
    columns: [
      { name: 'Day', show: ({ localDate: date }) => day(date) },
      { name: 'Platform', number: true, show: ({ platform }) => platform && formatDollars(platform.paymentsCents) },
      { name: 'Webhooks', number: true, show: ({ outbox }) => formatDollars(outbox.paymentsCents) },
      { name: 'Ledger', number: true, show: ({ ledger }) => formatDollars(ledger.paymentsCents) },
      { name: 'QuickBooks', number: true, show: ({ quickbooks }) => (quickbooks ? formatDollars(quickbooks.paymentsCents) : undefined) },
      { name: 'Invoices', number: true, show: ({ ledger }) => `${ledger.invoices.count} · ${formatDollars(ledger.invoices.cents)}` },
      {
        name: 'Differences',
        show: ({ differences }) =>
          differences.length > 0 &&
          (visitor.seesNames
            ? html`<ul class="differences">
                ${differences.map((difference) => html`<li>${difference}</li>`)}
              </ul>`
            : plural(differences.length, 'difference')),
      },
    ],
  });
}

function funds(visitor: Visitor, { settings }: Company, { undepositedFunds: found }: Reconciliation): Html {
  if (found.outcome === 'unreadable') return reasonBox(found.reason, visitor, settings.timezone);
  return html`<p>${formatDollars(found.totalCents)} of Vesper’s records lie there.</p>
    ${table({
      caption: 'Records in Undeposited Funds',
      rows: found.rows.slice(0, 100),
      empty: 'None: every payment is in a deposit.',
      columns: [
        { name: 'Document', show: ({ documentKey }) => nameOfKey(documentKey) },
        { name: 'Date', show: ({ date }) => day(date) },
        { name: 'QuickBooks', show: ({ entity, id }) => `${entity} ${id}` },
        { name: 'Amount', number: true, show: ({ amountCents }) => formatDollars(amountCents) },
        { name: 'Why it lies there', show: ({ why }) => why },
      ],
    })}`;
}
