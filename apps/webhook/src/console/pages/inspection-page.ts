import { formatDollars } from '@vesper/core/money';
import { Hono } from 'hono';
import { html } from 'hono/html';
import type { Company } from '../../company.ts';
import { inspectionStatus, type InspectionStatus } from '../../inspection-status.ts';
import { companyFor, companyPath } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import { showPage } from '../layout.ts';
import { badge } from '../parts/badge.ts';
import { entriesTable } from '../parts/entries-table.ts';
import type { Html } from '../parts/html.ts';
import { fromNow, moment } from '../parts/moments.ts';
import { quickbooksLink } from '../parts/quickbooks-link.ts';
import { reasonBox } from '../parts/reason-box.ts';
import { table } from '../parts/table.ts';
import { notFound } from '../refusal.ts';
import type { ConsoleEnv, Visitor } from '../visitor.ts';
import { DOCUMENT_STATES, nameOfKey, sentence } from '../words.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  customer: 'Customer',
  invoice: 'Invoice',
  payment: 'Payment',
  sales_receipt: 'SalesReceipt',
  refund: 'RefundReceipt',
  deposit: 'Deposit',
};

/** The question support is asked: is it in QuickBooks, since when, under which number, and if not, why not. */
export function inspectionPage(room: ConsoleRoom): Hono<ConsoleEnv> {
  const route = new Hono<ConsoleEnv>();

  route.get('/console/companies/:id/inspection', async (context) => {
    const { id } = await companyFor(room, context.var.visitor, context.req.param('id'));
    return context.redirect(companyPath(id, `/inspections/${encodeURIComponent(context.req.query('id')?.trim() ?? '')}`), 303);
  });

  route.get('/console/companies/:id/inspections/:inspection', async (context) => {
    const { visitor } = context.var;
    const company = await companyFor(room, visitor, context.req.param('id'));
    const inspectionId = context.req.param('inspection');
    const status = await inspectionStatus(room.store, company, inspectionId, room.clock.now());
    if (!status) throw notFound('inspection');
    const { entries } = await room.store.search({ companyIds: [company.id], subject: `inspection/${inspectionId}`, limit: 50 });
    return showPage(context, {
      title: `Inspection ${inspectionId}`,
      at: 'companies',
      trail: [
        { href: '/console/companies', name: 'Companies' },
        { href: companyPath(company.id), name: company.settings.name },
      ],
      body: html`${answer(status, company, room.clock.now())} ${documents(room, visitor, company, status)} ${inFlight(status, company)}
        <section aria-labelledby="events">
          <h2 id="events">What came about it</h2>
          ${entriesTable(entries, { visitor, companies: new Map([[company.id, company]]), empty: 'No event of its own.' })}
        </section>`,
    });
  });

  return route;
}

function answer({ docNumber, lastSyncedAt }: InspectionStatus, { settings }: Company, nowMs: number): Html {
  return html`<section class="card answer">
    <dl class="facts">
      <div>
        <dt>QuickBooks document number</dt>
        <dd class="big">${docNumber ?? 'not in QuickBooks'}</dd>
      </div>
      <div>
        <dt>Last synchronized</dt>
        <dd class="big">
          ${lastSyncedAt === null ? 'never' : html`${moment(lastSyncedAt, settings.timezone)} <span class="aside">${fromNow(lastSyncedAt, nowMs)}</span>`}
        </dd>
      </div>
    </dl>
  </section>`;
}

function documents(room: ConsoleRoom, visitor: Visitor, company: Company, { documents: list }: InspectionStatus): Html {
  return html`<section aria-labelledby="documents">
    <h2 id="documents">Documents</h2>
    ${table({
      caption: 'Documents',
      rows: list,
      empty: 'None: nothing has been posted for it.',
      columns: [
        { name: 'Document', show: ({ key }) => nameOfKey(key) },
        { name: 'Number', show: ({ docNumber }) => docNumber },
        { name: 'State', show: ({ state }) => badge(DOCUMENT_STATES[state]) },
        { name: 'Amount', number: true, show: ({ totalCents }) => totalCents !== undefined && formatDollars(totalCents) },
        {
          name: 'QuickBooks',
          show: ({ type, quickbooksId }) =>
            quickbooksId !== undefined && quickbooksLink(room, company, { entity: ENTITIES[type] ?? type, id: quickbooksId }),
        },
        { name: 'Last synchronized', show: ({ syncedAt }) => syncedAt !== undefined && moment(syncedAt, company.settings.timezone) },
      ],
    })}
    ${list.flatMap(({ key, state, reason }) =>
      reason && state !== 'posted'
        ? [
            html`<div class="card">
              <h3>${nameOfKey(key)}</h3>
              ${reasonBox(reason, visitor, company.settings.timezone)}
            </div>`,
          ]
        : [],
    )}
  </section>`;
}

function inFlight({ inFlight: list }: InspectionStatus, { settings }: Company): Html | string {
  if (list.length === 0) return '';
  return html`<section aria-labelledby="in-flight">
    <h2 id="in-flight">Money in flight</h2>
    ${table({
      caption: 'Promised and not yet arrived',
      rows: list,
      empty: '',
      columns: [
        { name: 'Payment', show: ({ paymentId }) => paymentId },
        { name: 'By', show: ({ method }) => sentence(method) },
        { name: 'Amount', number: true, show: ({ amountCents }) => formatDollars(amountCents) },
        { name: 'Since', show: ({ since }) => moment(since, settings.timezone) },
      ],
    })}
  </section>`;
}
