import type { Cause } from './digest.ts';

/** What a company has been told and is not settled yet, by area and name. */
export type ToldCauses = Readonly<
  Record<string, { area: string; code: string; message: string; subjects: readonly string[]; since: string; day?: string }>
>;

export interface News {
  fresh: Pick<Cause, 'code' | 'message' | 'remedy'>[];
  settled: { code: string; message: string }[];
  stillOpen: number;
}

/** Subjects remembered of one cause, as many as a report lists. */
const MOST_SUBJECTS = 2_000;

/**
 * What of one area's causes is news, what is settled, and what is to be remembered. `days` are those whose control totals were compared, none
 * when the run did not come to that. A cause that another area has told of, as the pre-flight may of what stops the evening, is no news here,
 * and not settled before it is settled there.
 */
export function compareCauses(
  before: ToldCauses,
  { area, causes, days, at }: { area: string; causes: readonly Cause[]; days: { from: string } | undefined; at: string },
): { news: News; after: ToldCauses } {
  const after: Record<string, ToldCauses[string]> = Object.fromEntries(Object.entries(before).filter(([, cause]) => cause.area !== area));
  const elsewhere = new Set(Object.values(after).map(({ code }) => code));
  const fresh: News['fresh'] = [];
  for (const cause of causes) {
    const { code, message, remedy, subjects, day } = cause;
    const name = `${area}/${nameOf(cause)}`;
    const told = new Set(before[name]?.subjects);
    const isNews = before[name] || !elsewhere.has(code);
    if (isNews && subjects.some((subject) => !told.has(subject))) fresh.push({ code, message, remedy });
    const since = before[name]?.since ?? at;
    after[name] = { area, code, message, since, subjects: subjects.slice(0, MOST_SUBJECTS), ...(day !== undefined && { day }) };
  }
  const settled: News['settled'] = [];
  for (const [name, cause] of Object.entries(before)) {
    const { area: of, code, message, day } = cause;
    if (of !== area || after[name] || elsewhere.has(code)) continue;
    if (day === undefined || (days && day >= days.from)) settled.push({ code, message });
    // That day was not looked at again: nothing is known of its end. Days that are too old are the reconciliation's to tell.
    else if (!days) after[name] = cause;
  }
  const open = Object.values(after).filter((cause) => cause.area === area).length;
  return { news: { fresh, settled, stillOpen: open - fresh.length }, after };
}

/** Two causes under one name (two accounts) are told as one with two sentences. */
export function mergeCauses(causes: readonly Cause[]): Cause[] {
  const byName = new Map<string, Cause>();
  for (const cause of causes) {
    const known = byName.get(nameOf(cause));
    byName.set(
      nameOf(cause),
      known ? { ...known, message: `${known.message}\n${cause.message}`, subjects: [...known.subjects, ...cause.subjects] } : cause,
    );
  }
  return [...byName.values()];
}

/** Its name among a company's causes. */
function nameOf({ code, day }: Pick<Cause, 'code' | 'day'>): string {
  return day === undefined ? code : `${code}/${day}`;
}
