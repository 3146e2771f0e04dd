import { formatDollars } from '@vesper/core/money';
import { DOCUMENT_TYPES, plural } from '../console/words.ts';
import type { MoneyTotals } from '../day-figures.ts';
import { dayWords } from '../day-words.ts';
import type { RunAmounts } from '../run-watch.ts';
import type { Cause } from './digest.ts';

/** What a company is told at one time, by e-mail as text and by webhook as JSON. */
export interface Notice {
  kind: 'digest' | 'problem' | 'recovery' | 'test';
  companyId: string;
  companyName: string;
  /** The evening's local day, where it is about one. */
  localDate?: string;
  at: string;
  headline: string;
  /** New since the last notice. */
  causes: Pick<Cause, 'code' | 'message' | 'remedy'>[];
  /** What was told before and is over. */
  resolved: { code: string; message: string }[];
  /** How many things told before still wait. */
  stillOpen: number;
  run?: NoticedRun;
}

/** The run a digest is of; amounts in cents. */
export interface NoticedRun {
  runId: string;
  state: string;
  counts: Readonly<Record<string, number>>;
  amounts: RunAmounts;
  requests: number;
  durationMs: number;
  /** The day's money from four sides, when the run came to its end; a side is left out when it could not be had. */
  totals?: { platform?: MoneyTotals; outbox: MoneyTotals; ledger: MoneyTotals; quickbooks?: MoneyTotals };
}

/** Plain text for people: what happened, what to do, what was done, where to look. */
export function noticeText(
  { companyName, localDate, headline, causes, resolved, stillOpen, run }: Notice,
  consoleUrl: string | undefined,
): string {
  const lines = [`${headline.charAt(0).toUpperCase()}${headline.slice(1)}.`, ''];
  for (const { message, remedy } of causes)
    lines.push(`* ${readable(message)}`, ...(remedy ? [`  What to do: ${readable(remedy)}`] : []), '');
  for (const { message } of resolved) lines.push(`* Settled: ${readable(message)}`, '');
  if (stillOpen > 0) lines.push(`${plural(stillOpen, 'thing')} you were told of before still ${stillOpen === 1 ? 'waits' : 'wait'}.`, '');
  if (run) lines.push(...runLines(run), '');
  if (run?.totals && localDate !== undefined) lines.push(...moneyLines(localDate, run.totals));
  if (consoleUrl !== undefined) lines.push(`Look at it: ${consoleUrl}`, '');
  lines.push(`Vesper, for ${companyName}`, '');
  return lines.join('\n');
}

/** Several sentences stay under one star, and days are written as the reader does. */
function readable(message: string): string {
  return message.replaceAll('\n', '\n  ').replaceAll(/\b\d{4}-\d{2}-\d{2}\b/g, dayWords);
}

function runLines({ amounts, counts }: NoticedRun): string[] {
  const done = (['posted', 'updated', 'voided'] as const).flatMap((what) => {
    const types = Object.entries(amounts).flatMap(([type, of]) => {
      const { count, cents } = of[what];
      return count === 0 ? [] : [`${plural(count, (DOCUMENT_TYPES[type] ?? type).toLowerCase())}, ${formatDollars(cents)}`];
    });
    return types.length === 0 ? [] : [`${what.charAt(0).toUpperCase()}${what.slice(1)}: ${types.join('; ')}.`];
  });
  const { held = 0, failed = 0, unknown = 0 } = counts;
  const left = [
    ...(held > 0 ? [`${held} waiting`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(unknown > 0 ? [`${unknown} of unknown outcome`] : []),
  ];
  return [
    ...(done.length > 0 ? done : ['Nothing had to be changed in QuickBooks.']),
    ...(left.length > 0 ? [`Still open: ${left.join(', ')}.`] : []),
  ];
}

/** What moved that day, each kind of money in one line. */
function moneyLines(localDate: string, { platform, outbox, ledger, quickbooks }: NonNullable<NoticedRun['totals']>): string[] {
  const sides = [
    { where: 'at the platform', side: platform },
    { where: 'in the webhooks', side: outbox },
    { where: 'in Vesper’s ledger', side: ledger },
    { where: 'in QuickBooks', side: quickbooks },
  ].flatMap(({ where, side }) => (side ? [{ where, side }] : []));
  const lines = MONEY.flatMap(([what, field]) => {
    const amounts = sides.map(({ side }) => side[field]);
    if (amounts.every((cents) => cents === 0)) return [];
    const [first = 0] = amounts;
    return amounts.every((cents) => cents === first)
      ? [`${what}: ${formatDollars(first)}, the same ${list(sides.map(({ where }) => where))}.`]
      : [`${what}: ${sides.map(({ where, side }) => `${formatDollars(side[field])} ${where}`).join(', ')}.`];
  });
  return lines.length === 0 ? [] : [`The money of ${dayWords(localDate)}:`, ...lines, ''];
}

const MONEY = [
  ['Payments', 'paymentsCents'],
  ['Refunds', 'refundsCents'],
  ['Payouts', 'payoutsCents'],
] as const;

function list(places: readonly string[]): string {
  return places.length < 2 ? places.join('') : `${places.slice(0, -1).join(', ')} and ${places.at(-1)}`;
}
