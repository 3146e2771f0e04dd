import { formatDollars } from '@vesper/core/money';
import { html } from 'hono/html';
import type { Completeness } from '../../completeness.ts';
import { nameOfKey, plural } from '../words.ts';
import { badge } from './badge.ts';
import type { Html } from './html.ts';

/** What is not complete although nothing failed. */
export function completenessList({ paidButUnposted, confirmedButUninvoiced, achTooLong, daysWithoutStatement }: Completeness): Html {
  const rows = [
    {
      what: 'Paid, but not posted',
      count: paidButUnposted.count,
      more: formatDollars(paidButUnposted.cents),
      names: paidButUnposted.keys.map(nameOfKey),
    },
    { what: 'Confirmed, but not invoiced', count: confirmedButUninvoiced.count, names: confirmedButUninvoiced.keys.map(nameOfKey) },
    {
      what: 'Bank transfers on their way too long',
      count: achTooLong.count,
      more: formatDollars(achTooLong.cents),
      names: achTooLong.keys.map(nameOfKey),
    },
    { what: 'Days without the platform’s own totals', count: daysWithoutStatement.length, names: daysWithoutStatement },
  ].filter(({ count }) => count > 0);
  if (rows.length === 0) return html`<p class="empty">Nothing is missing.</p>`;
  return html`<ul class="troubles">
    ${rows.map(
      ({ what, count, more, names }) =>
        html`<li>
          ${badge({ word: plural(count, 'case'), tone: 'waits' })}
          <div>
            <strong>${what}</strong> ${more !== undefined && html`<span class="aside">${more}</span>`}
            <p>${names.slice(0, 20).join(', ')}${names.length > 20 ? ' …' : ''}</p>
          </div>
        </li>`,
    )}
  </ul>`;
}
