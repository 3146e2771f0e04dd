import { documentKey, type DocumentKey } from '@vesper/core/document';
import type { Reason } from '@vesper/core/reason';
import type { FlushRun } from './flush-run.ts';
import { splitRef, type EntryHeader } from './flush-work.ts';
import type { RunRecord } from './run.ts';

/** Subjects worked on together, after runs were ended in the middle of them so many times. */
export interface Share {
  subjects: string[];
  endings: number;
}

/**
 * Inspections or payouts planned and posted at a time: bounds memory, whatever the company's size. A run that ends in the middle (the process
 * died, or something broke) leaves its share under suspicion: next time in smaller ones, then each alone, so that one that ends every
 * run is found and the others go on.
 */
const MOST_TOGETHER = [1_000, 30, 1];
/** One that has ended a run alone waits for a person. */
const MOST_ENDINGS = MOST_TOGETHER.length;

/** By subject, how many runs were ended in the middle of it. */
export function suspectsOf(broken: readonly RunRecord[]): Map<string, number> {
  const suspects = new Map<string, number>();
  for (const { underWay } of broken)
    for (const subject of underWay?.subjects ?? [])
      suspects.set(subject, Math.max(suspects.get(subject) ?? 0, (underWay?.endings ?? 0) + 1));
  return suspects;
}

/** The least suspected first. What has ended too many runs is left out, see `isSuspended`. */
export function sharesOf(subjects: readonly string[], suspects: ReadonlyMap<string, number>): Share[] {
  return MOST_TOGETHER.flatMap((most, endings) => {
    const alike = subjects.filter((subject) => (suspects.get(subject) ?? 0) === endings);
    return Array.from({ length: Math.ceil(alike.length / most) }, (_, index) => ({
      subjects: alike.slice(index * most, (index + 1) * most),
      endings,
    }));
  });
}

export const isSuspended = (subject: string, suspects: ReadonlyMap<string, number>): boolean =>
  (suspects.get(subject) ?? 0) >= MOST_ENDINGS;

/** Leaves a subject to a person: a later event or a replay tries it again. */
export async function suspend(run: FlushRun, subject: string, entries: readonly EntryHeader[]): Promise<void> {
  const reason = endsRuns(subject);
  const at = new Date(run.clock.now()).toISOString();
  const waiting = entries.filter(({ refs, state }) => refs.includes(subject) && (state === 'pending' || state === 'held'));
  run.conclude(ownDocument(subject), { outcome: 'failed', reason });
  if (waiting.length > 0)
    await run.store.settleEntries(
      run.lease,
      waiting.map(({ id }) => ({ id, state: 'failed', reason, runId: run.id, at })),
    );
}

function ownDocument(subject: string): DocumentKey {
  const [kind, id] = splitRef(subject);
  return kind === 'payout' ? documentKey.deposit(id) : documentKey.invoice(id);
}

const endsRuns = (subject: string): Reason => ({
  code: 'ends_runs',
  message: `Vesper was ended ${MOST_ENDINGS} times while it worked on ${subject}, the last time on it alone; everything else of the company goes on.`,
  remedy:
    'This is a fault of Vesper, not of the books. Send its developers the entry id, and replay it when they have answered. Look in QuickBooks first if it is urgent: part of it may be there.',
});
