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
  run?: { runId: string; state: string; counts: Readonly<Record<string, number>>; requests: number; durationMs: number };
}

/** Plain text for people: what happened, what to do, where to look. */
export function noticeText({ companyName, headline, causes, resolved, stillOpen, run }: Notice, consoleUrl: string | undefined): string {
  const lines = [headline, ''];
  for (const { message, remedy } of causes) lines.push(`* ${message}`, ...(remedy ? [`  What to do: ${remedy}`] : []), '');
  for (const { message } of resolved) lines.push(`* Settled: ${message}`, '');
  if (stillOpen > 0) lines.push(`${stillOpen} told of before still ${stillOpen === 1 ? 'waits' : 'wait'}.`, '');
  if (run) {
    const { posted = 0, updated = 0, voided = 0, held = 0, failed = 0, unknown = 0 } = run.counts;
    lines.push(
      `The run: ${posted} posted, ${updated} updated, ${voided} voided, ${held} waiting, ${failed} failed, ${unknown} of unknown outcome.`,
      '',
    );
  }
  if (consoleUrl !== undefined) lines.push(`Look at it: ${consoleUrl}`, '');
  lines.push(`Vesper, for ${companyName}`, '');
  return lines.join('\n');
}
