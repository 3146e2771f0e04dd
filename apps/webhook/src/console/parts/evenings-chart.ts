import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import { html } from 'hono/html';
import type { Evening } from '../overview-figures.ts';
import { plural } from '../words.ts';
import type { Html } from './html.ts';
import { day } from './moments.ts';
import { table } from './table.ts';

const SERIES = [
  { key: 'changed', name: 'Posted, updated, voided' },
  { key: 'held', name: 'Held' },
  { key: 'failed', name: 'Failed or unknown' },
] as const;

/** The last evenings as stacked bars: one drawing for wide pages, one for phones, and the same numbers as a table. */
export function eveningsChart(evenings: readonly Evening[]): Html {
  const total = evenings.reduce((sum, { changed }) => sum + changed, 0);
  const failed = evenings.reduce((sum, evening) => sum + evening.failed, 0);
  const told = `${plural(total, 'document')} changed in QuickBooks in ${plural(evenings.length, 'evening')}, ${failed === 0 ? 'none failed' : `${failed} failed`}.`;
  return html`<figure class="chart">
    <ul class="legend" aria-hidden="true">
      ${SERIES.map(({ key, name }) => html`<li><span class="swatch ${key}"></span>${name}</li>`)}
    </ul>
    ${drawing(evenings, told, { kind: 'wide', width: 880, height: 220 })}
    ${drawing(evenings, told, { kind: 'narrow', width: 360, height: 200 })}
    <figcaption>${told}</figcaption>
    <details>
      <summary>As a table</summary>
      ${table({
        caption: 'Documents by evening',
        rows: evenings.toReversed(),
        empty: 'No evenings yet.',
        columns: [
          { name: 'Evening', show: ({ localDate }) => day(localDate) },
          ...SERIES.map(({ key, name }) => ({ name, number: true, show: (evening: Evening) => evening[key] })),
        ],
      })}
    </details>
  </figure>`;
}

function drawing(
  evenings: readonly Evening[],
  told: string,
  { kind, width, height }: { kind: 'wide' | 'narrow'; width: number; height: number },
): Html {
  const [left, bottom, top] = [36, 24, 8];
  const x = scaleBand(
    evenings.map(({ localDate }) => localDate),
    [left, width],
  ).padding(0.25);
  const most = Math.max(4, ...evenings.map(({ changed, held, failed }) => changed + held + failed));
  const y = scaleLinear([0, most], [height - bottom, top]).nice(4);
  const keys = SERIES.map(({ key }) => key);
  const layers = stack<unknown, Evening, (typeof keys)[number]>().keys(keys)([...evenings]);
  const every = kind === 'wide' ? 5 : 10;
  return html`<svg class="${kind}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${told}">
    ${y
      .ticks(4)
      .map(
        (tick) =>
          html`<line class="grid" x1="${left}" x2="${width}" y1="${y(tick)}" y2="${y(tick)}" /><text
              class="tick"
              x="${left - 8}"
              y="${y(tick) + 4}"
              text-anchor="end"
              >${tick}</text
            >`,
      )}
    ${layers.map(
      (layer) =>
        html`<g class="${layer.key}">
          ${layer.map((bar) => {
            const [from, to] = bar;
            if (to <= from) return '';
            const { localDate, ...counts } = bar.data;
            return html`<rect x="${x(localDate)}" y="${y(to)}" width="${x.bandwidth()}" height="${y(from) - y(to)}" rx="1.5"
              ><title>${localDate}: ${counts[layer.key]}</title></rect
            >`;
          })}
        </g>`,
    )}
    ${evenings.map(({ localDate }, index) =>
      (evenings.length - 1 - index) % every === 0
        ? html`<text
            class="tick"
            x="${(x(localDate) ?? 0) + x.bandwidth() / 2}"
            y="${height - 6}"
            text-anchor="${index === evenings.length - 1 ? 'end' : 'middle'}"
            >${shortDay(localDate)}</text
          >`
        : '',
    )}
  </svg>`;
}

const monthAndDay = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' });

function shortDay(localDate: string): string {
  return monthAndDay.format(Date.parse(localDate));
}
