import type { Inspection, Payment, Payout } from '@vesper/core/event';
import { formatDollars, lineCents } from '@vesper/core/money';
import { html } from 'hono/html';
import type { EntryStory } from '../../support/entry-story.ts';
import { sentence } from '../words.ts';
import type { Html } from './html.ts';
import { moment } from './moments.ts';
import { table } from './table.ts';

/** The event in plain words, and as it came. Personal data: only for roles that see names. */
export function eventFacts({ event, text }: EntryStory, timezone: string | undefined): Html {
  return html`<section class="card" aria-labelledby="event">
    <h2 id="event">What came</h2>
    ${event && factsOf(event.data, timezone)}
    ${
      text === undefined
        ? html`<p class="empty">The body was dropped by age; its identity and what it led to are kept.</p>`
        : html`<details>
            <summary>The body as it came</summary>
            <pre tabindex="0">${pretty(text)}</pre>
          </details>`
    }
  </section>`;
}

function factsOf(data: object, timezone: string | undefined): Html | string {
  if ('inspection' in data) return inspectionFacts(data.inspection as Inspection, timezone);
  if ('payment' in data) return paymentFacts(data.payment as Payment, timezone);
  if ('payout' in data) return payoutFacts(data.payout as Payout, timezone);
  return '';
}

function inspectionFacts(
  { client, address, status, revision, scheduledAt, lines, inspector }: Inspection,
  timezone: string | undefined,
): Html {
  const place = [address?.line1, address?.line2, address?.city, address?.state, address?.zip].filter(Boolean).join(', ');
  return html`<dl class="facts">
      <div>
        <dt>Client</dt>
        <dd>${[client.firstName, client.lastName].join(' ').trim()}${client.company && html` (${client.company})`}</dd>
      </div>
      <div>
        <dt>E-mail</dt>
        <dd>${client.email ?? '–'}</dd>
      </div>
      <div>
        <dt>Phone</dt>
        <dd>${client.phone ?? '–'}</dd>
      </div>
      <div>
        <dt>Address</dt>
        <dd>${place === '' ? '–' : place}</dd>
      </div>
      <div>
        <dt>Scheduled</dt>
        <dd>${moment(scheduledAt, timezone)}</dd>
      </div>
      <div>
        <dt>Status</dt>
        <dd>${status}, revision ${revision}</dd>
      </div>
      ${
        inspector &&
        html`<div>
          <dt>Inspector</dt>
          <dd>${inspector.name}</dd>
        </div>`
      }
    </dl>
    ${table({
      caption: 'Lines',
      rows: lines,
      empty: 'No lines.',
      columns: [
        { name: 'Line', show: ({ name }) => name },
        { name: 'Kind', show: ({ kind }) => sentence(kind) },
        { name: 'Quantity', number: true, show: ({ quantity }) => quantity },
        { name: 'Each', number: true, show: ({ unitAmountCents }) => formatDollars(unitAmountCents) },
        { name: 'Amount', number: true, show: ({ quantity, unitAmountCents }) => formatDollars(lineCents(quantity, unitAmountCents)) },
      ],
    })}`;
}

function paymentFacts(
  { id, inspectionId, amountCents, method, processor, receivedAt, settledAt, feeCents, refunds = [] }: Payment,
  timezone: string | undefined,
): Html {
  return html`<dl class="facts">
    <div>
      <dt>Payment</dt>
      <dd>${id} for inspection ${inspectionId}</dd>
    </div>
    <div>
      <dt>Amount</dt>
      <dd>${formatDollars(amountCents)}</dd>
    </div>
    <div>
      <dt>By</dt>
      <dd>${sentence(method)}, ${processor === 'platform' ? 'through the platform' : 'outside the platform'}</dd>
    </div>
    <div>
      <dt>Received</dt>
      <dd>${moment(receivedAt, timezone)}</dd>
    </div>
    <div>
      <dt>Settled</dt>
      <dd>${moment(settledAt, timezone)}</dd>
    </div>
    ${
      feeCents !== undefined &&
      html`<div>
        <dt>Fee</dt>
        <dd>${formatDollars(feeCents)}</dd>
      </div>`
    }
    ${refunds.map(
      (refund) =>
        html`<div>
          <dt>Refund ${refund.id}</dt>
          <dd>${formatDollars(refund.amountCents)}, ${moment(refund.refundedAt, timezone)}</dd>
        </div>`,
    )}
  </dl>`;
}

function payoutFacts({ id, arrivedAt, netCents, items }: Payout, timezone: string | undefined): Html {
  return html`<dl class="facts">
      <div>
        <dt>Payout</dt>
        <dd>${id}</dd>
      </div>
      <div>
        <dt>Arrived</dt>
        <dd>${moment(arrivedAt, timezone)}</dd>
      </div>
      <div>
        <dt>Net</dt>
        <dd>${formatDollars(netCents)}</dd>
      </div>
    </dl>
    ${table({
      caption: 'Items',
      rows: items,
      empty: 'No items.',
      columns: [
        { name: 'Item', show: ({ kind }) => sentence(kind) },
        { name: 'Payment', show: ({ paymentId }) => paymentId },
        { name: 'Amount', number: true, show: ({ amountCents }) => formatDollars(amountCents) },
      ],
    })}`;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Quarantined bodies need not be JSON: they are shown as they came.
    return text;
  }
}
