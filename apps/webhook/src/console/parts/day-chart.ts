import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import { html } from 'hono/html';
import type { Html, Shown } from './html.ts';
import { day } from './moments.ts';
import { table } from './table.ts';

/** One day's numbers, one for each series. */
export interface ChartDay {
  localDate: string;
  values: readonly number[];
}

export interface DayChart {
  days: readonly ChartDay[];
  series: readonly { name: string; look: 'first' | 'second' | 'third' | 'fourth' }[];
  /** `stacked` parts of a whole, `beside` the same measure from several sides. */
  shape: 'stacked' | 'beside';
  /** What the drawing says, in one sentence. */
  told: string;
  show?: (value: number) => string;
}

interface Bar {
  localDate: string;
  series: number;
  from: number;
  to: number;
  value: number;
}

/** Bars by day: one drawing for wide pages, one for phones, and the same numbers as a table. */
export function dayChart(chart: DayChart): Html {
  const { days, series, told, show = String } = chart;
  return html`<figure class="chart">
    <ul class="legend" aria-hidden="true">
      ${series.map(({ name, look }) => html`<li><span class="swatch ${look}"></span>${name}</li>`)}
    </ul>
    ${drawing(chart, { kind: 'wide', width: 880, height: 220, every: 5 })}
    ${drawing(chart, { kind: 'narrow', width: 360, height: 200, every: 10 })}
    <figcaption>${told}</figcaption>
    <details>
      <summary>As a table</summary>
      ${table({
        caption: told,
        rows: days.toReversed(),
        empty: 'No days yet.',
        columns: [
          { name: 'Day', show: ({ localDate }) => day(localDate) },
          ...series.map(({ name }, index) => ({ name, number: true, show: ({ values }: ChartDay): Shown => show(values[index] ?? 0) })),
        ],
      })}
    </details>
  </figure>`;
}

function drawing(
  chart: DayChart,
  { kind, width, height, every }: { kind: 'wide' | 'narrow'; width: number; height: number; every: number },
): Html {
  const { days, series, shape, told, show = String } = chart;
  const [left, bottom, top] = [52, 24, 8];
  const x = scaleBand(
    days.map(({ localDate }) => localDate),
    [left, width],
  ).padding(0.25);
  const bars = shape === 'stacked' ? stacked(chart) : beside(chart);
  const y = scaleLinear([0, Math.max(4, ...bars.map(({ to }) => to))], [height - bottom, top]).nice(3);
  const breadth = shape === 'stacked' ? x.bandwidth() : x.bandwidth() / series.length;
  const leftOf = (bar: Bar) => (x(bar.localDate) ?? 0) + (shape === 'stacked' ? 0 : bar.series * breadth);
  return html`<svg class="${kind}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${told}">
    ${y
      .ticks(3)
      .map(
        (tick) =>
          html`<line class="grid" x1="${left}" x2="${width}" y1="${y(tick)}" y2="${y(tick)}" /><text
              class="tick"
              x="${left - 8}"
              y="${y(tick) + 4}"
              text-anchor="end"
              >${show(tick)}</text
            >`,
      )}
    ${bars.map(
      (bar) =>
        html`<rect
          class="${series[bar.series]?.look ?? ''}"
          x="${leftOf(bar)}"
          y="${y(bar.to)}"
          width="${breadth}"
          height="${y(bar.from) - y(bar.to)}"
          ><title>${bar.localDate}, ${series[bar.series]?.name}: ${show(bar.value)}</title></rect
        >`,
    )}
    ${days.map(({ localDate }, index) => {
      const fromEnd = days.length - 1 - index;
      if (fromEnd % every !== 0) return '';
      const anchor = fromEnd === 0 ? 'end' : 'middle';
      return html`<text
        class="tick"
        x="${fromEnd === 0 ? width : (x(localDate) ?? 0) + x.bandwidth() / 2}"
        y="${height - 6}"
        text-anchor="${anchor}"
        >${shortDay(localDate)}</text
      >`;
    })}
  </svg>`;
}

function stacked({ days, series }: DayChart): Bar[] {
  const layers = stack<unknown, ChartDay, number>()
    .keys(series.keys())
    .value(({ values }, index) => values[index] ?? 0)([...days]);
  return layers.flatMap((layer) =>
    layer.flatMap((part) => {
      const [from, to] = part;
      return to > from ? [{ localDate: part.data.localDate, series: layer.key, from, to, value: to - from }] : [];
    }),
  );
}

function beside({ days }: DayChart): Bar[] {
  return days.flatMap(({ localDate, values }) =>
    values.flatMap((value, series) => (value > 0 ? [{ localDate, series, from: 0, to: value, value }] : [])),
  );
}

const monthAndDay = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' });

function shortDay(localDate: string): string {
  return monthAndDay.format(Date.parse(localDate));
}
