import { html } from 'hono/html';
import { dayWords } from '../../day-words.ts';
import type { Html } from './html.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** An instant on the company's own clock, with UTC on hover: `Nov 2, 8:01 PM CST`. */
export function moment(instant: string | undefined, timezone = 'UTC'): Html | string {
  if (instant === undefined) return '–';
  return html`<time datetime="${instant}" title="${instant}">${inZone(instant, timezone)}</time>`;
}

/** A local day: `Mon, Nov 2, 2026`. */
export function day(localDate: string): Html {
  return html`<time datetime="${localDate}">${dayWords(localDate)}</time>`;
}

/** `3 min ago`, `in 4 h`: for what is near. Its words stay on one line. */
export function fromNow(instant: string, nowMs: number): string {
  const passed = nowMs - Date.parse(instant);
  const words = span(Math.abs(passed));
  return (passed >= 0 ? `${words} ago` : `in ${words}`).replaceAll(' ', '\u00A0');
}

export function span(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (ms < 60_000) return `${Math.max(1, Math.round(ms / 1000))} s`;
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

function inZone(instant: string, timezone: string): string {
  return format('moment', timezone, {
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(Date.parse(instant));
}

function format(name: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name} ${timeZone}`;
  let known = formats.get(key);
  if (!known) {
    known = new Intl.DateTimeFormat('en-US', { ...options, timeZone });
    formats.set(key, known);
  }
  return known;
}
