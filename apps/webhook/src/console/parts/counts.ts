import { html } from 'hono/html';
import type { Tone } from '../words.ts';
import type { Html, Shown } from './html.ts';

export interface Figure {
  name: string;
  value: number | string;
  tone?: Tone;
  href?: string;
  note?: Shown;
}

/** Numbers to take in at a glance, each a link to what it counts. */
export function figures(list: readonly Figure[]): Html {
  return html`<dl class="figures">
    ${list.map(
      ({ name, value, tone, href, note }) =>
        html`<div class="figure ${tone ?? 'quiet'}">
          <dt>${name}</dt>
          <dd>${href === undefined ? shown(value) : html`<a href="${href}" aria-label="${name}: ${shown(value)}">${shown(value)}</a>`}</dd>
          ${note && html`<dd class="note">${note}</dd>`}
        </div>`,
    )}
  </dl>`;
}

function shown(value: number | string): string {
  return typeof value === 'number' ? value.toLocaleString('en-US') : value;
}
