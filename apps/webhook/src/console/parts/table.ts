import { html } from 'hono/html';
import type { Html, Shown } from './html.ts';

export interface Column<Row> {
  name: string;
  /** Numbers stand right, with figures of one width. */
  number?: boolean;
  show: (row: Row) => Shown;
}

/** A table that turns into a list of cards on a phone. The roles keep it a table for screen readers even then. */
export function table<Row>({
  caption,
  columns,
  rows,
  empty,
  hideCaption = true,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** What is said when there are no rows. */
  empty: Shown;
  hideCaption?: boolean;
}): Html {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`<table role="table">
    <caption class="${hideCaption ? 'unseen' : ''}">
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map(({ name, number }) => html`<th role="columnheader" scope="col" class="${number ? 'number' : ''}">${name}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        (row) =>
          html`<tr role="row">
            ${columns.map((column) => cell(column, column.show(row)))}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** An empty cell says so on a desk, and is left out on a phone. */
function cell<Row>({ name, number }: Column<Row>, shown: Shown): Html {
  const isEmpty = shown === undefined || shown === false || shown === '';
  return html`<td role="cell" data-label="${name}" class="${number ? 'number' : ''}${isEmpty ? ' none' : ''}">
    <div>${isEmpty ? '–' : shown}</div>
  </td>`;
}
