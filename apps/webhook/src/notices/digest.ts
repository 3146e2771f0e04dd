import { formatDollars } from '@vesper/core/money';
import { nameOfKey, plural } from '../console/words.ts';
import type { RunReport } from '../run-report.ts';
import type { WaitingRow } from '../waiting-rows.ts';

/** One thing that is wrong, by its cause: fifty documents held by a closed period are one. */
export interface Cause {
  /** The reason's code, or a name of ours; what a recovery is told by. */
  code: string;
  /** One sentence with a number when there are several; sentences of their own on lines of their own. */
  message: string;
  remedy: string;
  /** What it is about, so that only news are told: document keys, or the sentence itself. */
  subjects: string[];
  /** The local day it is about, when only looking at that day again can settle it. */
  day?: string;
}

const MOST_NAMED = 5;

/** What a run leaves that a person should hear of: nothing on a good evening. Why a run stopped is told apart, as a matter of the connection. */
export function causesOf(report: RunReport): Cause[] {
  const { waiting, controlTotals, completeness } = report;
  const byCode = Map.groupBy(
    waiting.filter(({ isUsual }) => !isUsual),
    ({ code }) => code,
  );
  const documents = [...byCode].map(([code, rows]) => toCause(code, rows));
  const totals = (controlTotals ? [controlTotals, ...controlTotals.earlier] : []).flatMap(({ localDate: day, unexplained }): Cause[] => {
    if (unexplained.length === 0) return [];
    return [{ code: 'control_difference', message: unexplained.join('\n'), remedy: NEVER_ADJUSTED, subjects: unexplained, day }];
  });
  const { daysWithoutStatement: days } = completeness;
  const gaps: Cause[] =
    days.length === 0
      ? []
      : [
          {
            code: 'incomplete',
            message: `The platform sent no control totals for ${days.join(', ')}.`,
            remedy: `Ask the platform to send day.closed for ${days.length === 1 ? 'that day' : 'those days'}.`,
            subjects: days,
          },
        ];
  return [...documents, ...totals, ...gaps];
}

const NEVER_ADJUSTED = 'Look at what is named above; Vesper shows differences and never adjusts one by itself.';

function toCause(code: string, rows: readonly WaitingRow[]): Cause {
  const [first] = rows;
  const cents = rows.reduce((sum, { amountCents = 0 }) => sum + amountCents, 0);
  const named = rows
    .slice(0, MOST_NAMED)
    .map(({ key }) => nameOfKey(key))
    .join(', ');
  const more = rows.length - MOST_NAMED;
  return {
    code,
    message:
      rows.length === 1
        ? (first?.message ?? code)
        : `${plural(rows.length, 'document')}${cents > 0 ? `, ${formatDollars(cents)}` : ''}, for one reason: ${named}${more > 0 ? ` and ${more} more` : ''}. The first: ${first?.message ?? code}`,
    remedy: first?.remedy ?? '',
    subjects: rows.map(({ key }) => key),
  };
}
