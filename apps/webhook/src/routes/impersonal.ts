import type { Reason } from '@vesper/core/reason';
import { seesPersonalData } from '../people/reach.ts';
import type { Verdict } from '../preview.ts';
import type { EntryStory } from '../support/entry-story.ts';
import type { Caller } from './api-key.ts';

/** A reason for a caller who may not see names: its code in words instead of sentences that name clients, nothing QuickBooks quoted. */
function reasonFor(caller: Pick<Caller, 'role'>, reason: Reason): Reason {
  if (seesPersonalData(caller)) return reason;
  const { code, amountCents, since, daysWaited, quickbooks } = reason;
  return {
    code,
    message: wordsOf(code),
    remedy: '',
    ...(amountCents !== undefined && { amountCents }),
    ...(since !== undefined && { since }),
    ...(daysWaited !== undefined && { daysWaited }),
    ...(quickbooks && {
      quickbooks: {
        ...(quickbooks.code !== undefined && { code: quickbooks.code }),
        ...(quickbooks.intuitTid !== undefined && { intuitTid: quickbooks.intuitTid }),
      },
    }),
  };
}

function wordsOf(code: string): string {
  return `${code.charAt(0).toUpperCase()}${code.slice(1).replaceAll('_', ' ')}.`;
}

/** Anything with a reason in it, for this caller. */
export function withReasonFor<Of extends { reason?: Reason }>(caller: Pick<Caller, 'role'>, value: Of): Of {
  return value.reason ? { ...value, reason: reasonFor(caller, value.reason) } : value;
}

/** A run's report, or a period, whose list of what waits names clients. */
export function withWaitingFor<Of extends { waiting: { code: string; message: string; remedy: string }[]; reason?: Reason | undefined }>(
  caller: Pick<Caller, 'role'>,
  value: Of,
): Of {
  if (seesPersonalData(caller)) return value;
  const waiting = value.waiting.map((one) => ({ ...one, message: wordsOf(one.code), remedy: '' }));
  return { ...value, waiting, ...(value.reason && { reason: reasonFor(caller, value.reason) }) };
}

/** A verdict's sentences name clients, its differences may hold their addresses. */
export function verdictFor(caller: Pick<Caller, 'role'>, value: Verdict): Verdict {
  if (seesPersonalData(caller)) return value;
  const { differences: _, reason, ...rest } = value;
  const known = reason && reasonFor(caller, reason as Reason);
  return { ...rest, message: known?.message ?? wordsOf(value.verdict), ...(known && { reason: known }) };
}

/** A story without the client: what it was about, what became of it and when. */
export function storyFor(caller: Pick<Caller, 'role'>, story: EntryStory): EntryStory {
  if (seesPersonalData(caller)) return story;
  const { event: _, text: __, ...rest } = story;
  return {
    ...rest,
    entry: withReasonFor(caller, rest.entry),
    siblings: rest.siblings.map((sibling) => withReasonFor(caller, sibling)),
    documents: rest.documents.map(({ differences: ___, drift: ____, ...document }) => ({
      ...withReasonFor(caller, document),
      attempts: document.attempts.map(({ detail: _____, ...attempt }) => attempt),
    })),
    waitsFor: rest.waitsFor.map((waiting) => withReasonFor(caller, waiting)),
    audit: [],
  };
}
