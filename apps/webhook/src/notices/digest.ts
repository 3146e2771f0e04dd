import { formatDollars } from '@vesper/core/money';
import { describeCompleteness } from '../completeness.ts';
import type { Company } from '../company.ts';
import type { RunReport } from '../run-report.ts';
import type { WaitingRow } from '../waiting-rows.ts';

/** One thing that is wrong, by its cause: fifty documents held by a closed period are one. */
export interface Cause {
  /** The reason's code, or a name of ours; what a recovery is told by. */
  code: string;
  /** One sentence with a number when there are several. */
  message: string;
  remedy: string;
  /** What it is about, so that only news are told: document keys, or the sentence itself. */
  subjects: string[];
}

const MOST_NAMED = 5;

/** What a run leaves that a person should hear of: nothing on a good evening. Why a run stopped is told apart, as a matter of the connection. */
export function causesOf({ settings }: Pick<Company, 'settings'>, report: RunReport): Cause[] {
  const { waiting, controlTotals } = report;
  const byCode = Map.groupBy(
    waiting.filter(({ isUsual }) => !isUsual),
    ({ code }) => code,
  );
  const documents = [...byCode].map(([code, rows]) => toCause(code, rows));
  const unexplained = controlTotals ? [controlTotals, ...controlTotals.earlier].flatMap((day) => day.unexplained) : [];
  const totals: Cause[] =
    unexplained.length > 0
      ? [
          {
            code: 'control_difference',
            message: unexplained.join('\n'),
            remedy: 'Compare the documents named; Vesper never adjusts a difference by itself.',
            subjects: unexplained,
          },
        ]
      : [];
  const incomplete = describeCompleteness(report.completeness, settings.notices.achWaitDays);
  const gaps: Cause[] = incomplete.map((message) => ({
    code: 'incomplete',
    message,
    remedy: 'Ask the platform what became of it.',
    subjects: [message],
  }));
  return [...documents, ...totals, ...gaps];
}

function toCause(code: string, rows: readonly WaitingRow[]): Cause {
  const [first] = rows;
  const cents = rows.reduce((sum, { amountCents = 0 }) => sum + amountCents, 0);
  const named = rows
    .slice(0, MOST_NAMED)
    .map(({ key }) => key)
    .join(', ');
  const more = rows.length - MOST_NAMED;
  return {
    code,
    message:
      rows.length === 1
        ? (first?.message ?? code)
        : `${rows.length} documents${cents > 0 ? `, ${formatDollars(cents)}` : ''}: ${first?.message ?? code} (${named}${more > 0 ? ` and ${more} more` : ''})`,
    remedy: first?.remedy ?? '',
    subjects: rows.map(({ key }) => key),
  };
}
