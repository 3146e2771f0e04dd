import { html } from 'hono/html';
import type { ListedCompany } from '../company-names.ts';
import { choiceField } from './fields.ts';
import type { Html } from './html.ts';

/** Which company a page is about; works as a plain form, and by itself where there is JavaScript. */
export function companyChoice({
  action,
  companies,
  value,
  everything,
}: {
  action: string;
  companies: readonly ListedCompany[];
  value: string | undefined;
  /** What stands for all of them, on pages that can show all. */
  everything?: string;
}): Html | string {
  if (companies.length < 2 && everything === undefined) return '';
  return html`<form class="inline card" action="${action}">
    ${choiceField({
      name: 'company',
      label: 'Company',
      value,
      choices: [
        ...(everything === undefined ? [] : [{ value: '', name: everything }]),
        ...companies.map(({ id, settings }) => ({ value: id, name: settings.name })),
      ],
    })}
    <button>Show</button>
  </form>`;
}
