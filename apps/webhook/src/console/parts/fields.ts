import { html } from 'hono/html';
import type { Visitor } from '../visitor.ts';
import type { Html, Shown } from './html.ts';

/** Goes into every form that changes something. */
export function formToken({ session }: Visitor): Html {
  return html`<input type="hidden" name="form_token" value="${session.formToken}" />`;
}

export interface Field {
  name: string;
  label: string;
  hint?: Shown;
  value?: string | undefined;
  type?: 'text' | 'password' | 'email' | 'search' | 'date' | 'time' | 'datetime-local';
  required?: boolean;
  autocomplete?: string;
  fault?: string | undefined;
  placeholder?: string;
  /** Where several forms of one page have a field of this name. */
  id?: string;
}

export function textField({ name, label, hint, value, type = 'text', required, autocomplete, fault, placeholder, id = name }: Field): Html {
  const described = [hint !== undefined && `${id}-hint`, fault !== undefined && `${id}-fault`].filter(Boolean).join(' ');
  return html`<div class="field">
    <label for="${id}">${label}${required === false ? html` <span class="optional">optional</span>` : ''}</label>
    <input
      id="${id}"
      name="${name}"
      type="${type}"
      value="${value ?? ''}"
      ${required === true ? html`required` : ''}
      ${autocomplete === undefined ? '' : html`autocomplete="${autocomplete}"`}
      ${placeholder === undefined ? '' : html`placeholder="${placeholder}"`}
      ${described === '' ? '' : html`aria-describedby="${described}"`}
      ${fault === undefined ? '' : html`aria-invalid="true"`}
    />
    ${hint !== undefined && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    ${fault !== undefined && html`<p class="fault" id="${id}-fault">${fault}</p>`}
  </div>`;
}

export interface Choice {
  value: string;
  name: string;
}

export function choiceField({
  name,
  label,
  hint,
  value,
  choices,
  id = name,
}: {
  name: string;
  label: string;
  hint?: Shown;
  value: string | undefined;
  choices: readonly Choice[];
  id?: string;
}): Html {
  return html`<div class="field">
    <label for="${id}">${label}</label>
    <select id="${id}" name="${name}" ${hint === undefined ? '' : html`aria-describedby="${id}-hint"`}>
      ${choices.map((choice) => html`<option value="${choice.value}" ${choice.value === (value ?? '') ? html`selected` : ''}>${choice.name}</option>`)}
    </select>
    ${hint !== undefined && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </div>`;
}

export function tickField({
  name,
  label,
  ticked,
  hint,
  value = 'yes',
  id = name,
}: {
  name: string;
  label: Shown;
  ticked: boolean;
  hint?: Shown;
  value?: string;
  id?: string;
}): Html {
  return html`<div class="field tick">
    <input
      id="${id}"
      type="checkbox"
      name="${name}"
      value="${value}"
      ${ticked ? html`checked` : ''}
      ${hint === undefined ? '' : html`aria-describedby="${id}-hint"`}
    />
    <label for="${id}">${label}</label>
    ${hint !== undefined && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </div>`;
}

/** Why somebody acts, in their own words: asked for with every act, kept in the audit. */
export function whyField(id = 'why', hint = 'Kept in the audit, with your name.'): Html {
  return html`<div class="field">
    <label for="${id}">Why</label>
    <input id="${id}" name="why" required minlength="3" maxlength="500" autocomplete="off" aria-describedby="${id}-hint" />
    <p class="hint" id="${id}-hint">${hint}</p>
  </div>`;
}
