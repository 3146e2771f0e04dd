import { html } from 'hono/html';
import { describeFix, type Correction } from '../../support/correction.ts';
import { companyPath } from '../company-names.ts';
import type { Visitor } from '../visitor.ts';
import { badge } from './badge.ts';
import { formToken, whyField } from './fields.ts';
import type { Html } from './html.ts';
import { moment } from './moments.ts';

/** What people decided once, who and why, and the way back. */
export function correctionsList(visitor: Visitor, corrections: readonly Correction[], timezone: string | undefined): Html {
  if (corrections.length === 0) return html`<p class="empty">None.</p>`;
  return html`<ul class="list">
    ${corrections.map(
      (correction) =>
        html`<li class="card">
          <p>
            ${badge(correction.revertedAt === undefined ? { word: 'In force', tone: 'good' } : { word: 'Reverted', tone: 'quiet' })}
            <strong>${describeFix(correction.fix)}</strong>
          </p>
          <p class="aside">${correction.madeBy}, ${moment(correction.madeAt, timezone)}: ${correction.why}</p>
          ${correction.revertedAt === undefined ? revertForm(visitor, correction) : html`<p class="aside">Reverted by ${correction.revertedBy}, ${moment(correction.revertedAt, timezone)}: ${correction.revertedWhy}</p>`}
        </li>`,
    )}
  </ul>`;
}

function revertForm(visitor: Visitor, { companyId, id }: Correction): Html | string {
  if (!visitor.can('support')) return '';
  return html`<details class="act">
    <summary>Revert</summary>
    <form method="post" action="${companyPath(companyId, `/corrections/${encodeURIComponent(id)}/revert`)}">
      ${formToken(visitor)}
      <p>Documents are planned as without it from the next run on; what is posted follows then.</p>
      ${whyField(`why-${id}`)}
      <button class="careful">Revert it</button>
    </form>
  </details>`;
}
