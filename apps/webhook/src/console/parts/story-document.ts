import { formatDollars } from '@vesper/core/money';
import type { Entry } from '@vesper/outbox/entry';
import { html } from 'hono/html';
import type { Company } from '../../company.ts';
import type { StoryAttempt } from '../../support/attempts.ts';
import type { StoryDocument } from '../../support/entry-story.ts';
import { companyPath, entryPath } from '../company-names.ts';
import type { ConsoleRoom } from '../console-room.ts';
import type { Visitor } from '../visitor.ts';
import { DOCUMENT_STATES, nameOfKey, sentence } from '../words.ts';
import { badge } from './badge.ts';
import { formToken, textField, tickField, whyField } from './fields.ts';
import type { Html } from './html.ts';
import { day, moment } from './moments.ts';
import { quickbooksLink } from './quickbooks-link.ts';
import { reasonBox } from './reason-box.ts';

/** One document of the story: what it is in QuickBooks, why not, and every attempt. */
export function storyDocument(
  room: ConsoleRoom,
  visitor: Visitor,
  {
    document,
    entry,
    company,
  }: { document: StoryDocument; entry: Pick<Entry, 'id' | 'companyId' | 'reason'>; company: Company | undefined },
): Html {
  const { key, state, docNumber, quickbooks, date, totalCents, reason, differences, drift, syncedAt, attempts } = document;
  const timezone = company?.settings.timezone;
  const anchor = `document-${key.replaceAll(/[^A-Za-z0-9]/g, '-')}`;
  return html`<article class="card document" aria-labelledby="${anchor}">
    <header>
      <h3 id="${anchor}">${nameOfKey(key)}</h3>
      ${badge(state === 'posted' && differences && differences.length > 0 ? { word: 'Posted, but different', tone: 'unsure' } : DOCUMENT_STATES[state])}
      ${totalCents !== undefined && html`<span class="amount">${formatDollars(totalCents)}</span>`}
    </header>
    <dl class="facts">
      <div>
        <dt>Number</dt>
        <dd>${docNumber ?? '–'}</dd>
      </div>
      <div>
        <dt>Date</dt>
        <dd>${date === undefined ? '–' : day(date)}</dd>
      </div>
      <div>
        <dt>Last synchronized</dt>
        <dd>${moment(syncedAt, timezone)}</dd>
      </div>
      <div>
        <dt>QuickBooks</dt>
        <dd>${quickbooks ? quickbooksLink(room, company, quickbooks) : 'not there'}</dd>
      </div>
    </dl>
    ${reason && state !== 'posted' && reason.message !== entry.reason?.message && reasonBox(reason, visitor, timezone)}
    ${
      visitor.seesNames &&
      differences &&
      differences.length > 0 &&
      html`<ul class="differences">
        ${differences.map((difference) => html`<li>${difference}</li>`)}
      </ul>`
    }
    ${drift !== undefined && html`<p class="told careful">${visitor.seesNames ? drift : 'Somebody changed it in QuickBooks.'}</p>`}
    ${attempts.length > 0 && attemptsList(attempts, visitor, timezone)} ${visitor.can('support') && documentActs(visitor, document, entry)}
  </article>`;
}

function attemptsList(attempts: readonly StoryAttempt[], { seesNames }: Visitor, timezone: string | undefined): Html {
  return html`<details class="attempts" ${attempts.some(({ outcome }) => outcome !== 'posted') ? html`open` : ''}>
    <summary>${attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`}</summary>
    <ol>
      ${attempts.map(
        ({ kind, startedAt, sent, outcome, code, detail, intuitTid, requestId }) =>
          html`<li>
            <p>
              <strong>${sentence(kind)}</strong> ${moment(startedAt, timezone)}:
              ${outcome === undefined ? (sent === undefined ? 'sealed, never sent' : `request ${sent}`) : sentence(outcome)}
              ${code !== undefined && html`<code>${code}</code>`}
            </p>
            ${seesNames && detail !== undefined && html`<blockquote><span class="unseen">QuickBooks said: </span>${detail}</blockquote>`}
            <p class="aside">${intuitTid !== undefined && html`intuit_tid <code>${intuitTid}</code> `}request <code>${requestId}</code></p>
          </li>`,
      )}
    </ol>
  </details>`;
}

function documentActs(
  visitor: Visitor,
  { key, type, state, date }: StoryDocument,
  { id, companyId }: Pick<Entry, 'id' | 'companyId'>,
): Html {
  const at = key.replaceAll(/[^A-Za-z0-9]/g, '-');
  const isThere = state === 'posted';
  return html`<div class="acts" role="group" aria-label="Acts on ${nameOfKey(key)}">
    ${
      date !== undefined &&
      !isThere &&
      html`<details class="act">
        <summary>Post on another date</summary>
        <form method="post" action="${entryPath(id, '/date')}">
          ${formToken(visitor)}
          <input type="hidden" name="key" value="${key}" />
          ${textField({ name: 'date', id: `date-${at}`, label: 'Date', type: 'date', required: true })}
          ${tickField({ name: 'replay', id: `replay-${at}`, label: 'Replay it now', ticked: true })} ${whyField(`why-date-${at}`)}
          <button class="first">Post on this date</button>
        </form>
      </details>`
    }
    ${
      !isThere &&
      html`<details class="act">
        <summary>Adopt a record</summary>
        <form method="post" action="${entryPath(id, '/adopt')}">
          ${formToken(visitor)}
          <p>
            Take a record that is in QuickBooks already for this document. The two are compared first; nothing is written to QuickBooks.
          </p>
          <input type="hidden" name="key" value="${key}" />
          ${textField({ name: 'quickbooks_id', id: `adopt-${at}`, label: 'Its QuickBooks id', required: true, autocomplete: 'off' })}
          ${whyField(`why-adopt-${at}`)}
          <button>Compare</button>
        </form>
      </details>`
    }
    ${isThere && type !== 'customer' && html`<a class="button" href="${companyPath(companyId, `/undo?key=${encodeURIComponent(key)}`)}">Undo…</a>`}
  </div>`;
}
