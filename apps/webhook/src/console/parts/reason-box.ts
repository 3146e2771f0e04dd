import { formatDollars } from '@vesper/core/money';
import type { Reason } from '@vesper/core/reason';
import { html } from 'hono/html';
import type { Visitor } from '../visitor.ts';
import { sentence } from '../words.ts';
import type { Html, Shown } from './html.ts';
import { moment } from './moments.ts';

/**
 * Why something waits or failed, the remedy, and QuickBooks' own words. Those sentences name clients, so a viewer gets the code's words,
 * the amount and the time only.
 */
export function reasonBox(reason: Reason, { seesNames }: Visitor, timezone?: string): Html {
  const { code, message, remedy, amountCents, since, quickbooks } = reason;
  return html`<div class="reason">
    <p class="reason-what">${seesNames ? message : `${sentence(code)}.`}</p>
    ${seesNames && remedy !== '' && html`<p class="reason-remedy"><strong>What to do</strong> ${withLinks(remedy)}</p>`}
    <p class="reason-facts">
      <code>${code}</code>
      ${amountCents !== undefined && html`<span>${formatDollars(amountCents)}</span>`}
      ${since !== undefined && html`<span>since ${moment(since, timezone)}</span>`}
      ${quickbooks?.code !== undefined && html`<span>QuickBooks code <code>${quickbooks.code}</code></span>`}
      ${quickbooks?.intuitTid !== undefined && html`<span>intuit_tid <code>${quickbooks.intuitTid}</code></span>`}
    </p>
    ${seesNames && quickbooks?.detail !== undefined && html`<blockquote><span class="unseen">QuickBooks said: </span>${quickbooks.detail}</blockquote>`}
  </div>`;
}

/** Addresses at Intuit become links; everything else, whoever wrote it, stays text. */
function withLinks(text: string): Shown[] {
  return text
    .split(/(https:\/\/(?:[a-z]+\.)*intuit\.com\/[^\s]*[^\s.,;])/)
    .map((part, index) => (index % 2 === 0 ? part : html`<a href="${part}" target="_blank" rel="noopener noreferrer">${part}</a>`));
}

/** One line of it, for tables. */
export function reasonLine(reason: Pick<Reason, 'code' | 'message'> | undefined, { seesNames }: Visitor): string {
  if (!reason) return '';
  return seesNames ? reason.message : sentence(reason.code);
}
