import { html } from 'hono/html';
import type { Label } from '../words.ts';
import type { Html } from './html.ts';

/** A state as a word with a mark beside it; the colour only repeats it. */
export function badge({ word, tone }: Label): Html {
  return html`<span class="badge ${tone}">${word}</span>`;
}
