import type { DocumentKey } from '@vesper/core/document';
import type { Reason } from '@vesper/core/reason';
import { keyOf, type PlannedChunk } from './flush-plan.ts';
import type { DocumentOutcome, FlushRun } from './flush-run.ts';
import type { EntryHeader } from './flush-work.ts';

type Settled = { state: 'posted' | 'held' | 'failed' | 'ignored' | 'pending'; reason?: Reason };

/** Concludes about the due entries whose subject this chunk was about: an entry's state is that of what its subject led to. */
export async function settleEntriesOf(run: FlushRun, chunk: PlannedChunk, entries: readonly EntryHeader[]): Promise<void> {
  const at = new Date(run.clock.now()).toISOString();
  const verdicts = createVerdicts(run, chunk);
  const settled = entries
    .filter(({ subject }) => chunk.subjects.has(subject))
    .map((entry) => ({ entry, verdict: verdicts(entry.subject) }))
    // An entry that goes on waiting for the same thing is left as it is: waiting costs no attempt.
    .filter(({ entry, verdict }) => !(verdict.state === entry.state && sameReason(verdict.reason, entry.reason)))
    .map(({ entry, verdict }) => ({ id: entry.id, runId: run.id, at, ...verdict }));
  if (settled.length > 0) await run.store.settleEntries(run.lease, settled);
}

/** The platform's statements about its day make no document; the run's control totals read them. */
export async function settleStatements(run: FlushRun, entries: readonly EntryHeader[]): Promise<void> {
  const at = new Date(run.clock.now()).toISOString();
  const statements = entries.filter(({ subject }) => subject.startsWith('day/'));
  if (statements.length === 0) return;
  await run.store.settleEntries(
    run.lease,
    statements.map(({ id }) => ({ id, state: 'ignored', reason: CONTROL_TOTALS, runId: run.id, at })),
  );
}

function createVerdicts(run: FlushRun, chunk: PlannedChunk): (subject: string) => Settled {
  const documents = new Map<string, DocumentKey[]>();
  for (const wanted of chunk.plan.documents) {
    const key = keyOf(wanted);
    const document = wanted.presence === 'present' ? wanted.document : undefined;
    // A customer is nobody's subject: what became of it shows where its inspection's invoice does.
    const keys = document?.type === 'invoice' ? [key, document.customerKey] : [key];
    for (const subject of subjectsOf(key, document)) documents.set(subject, [...(documents.get(subject) ?? []), ...keys]);
  }
  const holds = new Map(chunk.plan.holds.map((hold) => [hold.subject, hold.reason]));
  const skips = new Map(chunk.plan.skips.map((skip) => [skip.subject, skip.reason]));

  return (subject) => {
    const outcomes = (documents.get(subject) ?? []).flatMap((key) => run.outcomes.get(key) ?? []);
    const worst = worstOf(outcomes);
    if (worst?.outcome === 'failed') return { state: 'failed', reason: worst.reason };
    if (worst && run.stopReason()) return { state: 'pending', reason: worst.reason };
    if (worst) return { state: 'held', reason: worst.reason };
    const hold = holds.get(subject);
    if (hold) return { state: 'held', reason: hold };
    const skip = skips.get(subject);
    if (outcomes.length > 0) return { state: 'posted' };
    return { state: 'ignored', reason: skip ?? NOTHING_TO_POST };
  };
}

function worstOf(outcomes: readonly DocumentOutcome[]): Extract<DocumentOutcome, { reason: Reason }> | undefined {
  const bad = outcomes.flatMap((outcome) => ('reason' in outcome ? [outcome] : []));
  return bad.find(({ outcome }) => outcome === 'failed') ?? bad[0];
}

/** `payment/9` and its refunds are about payment 9; an invoice and its customer about the inspection. */
function subjectsOf(key: DocumentKey, document: { type: string } | undefined): string[] {
  const [kind = '', id = ''] = key.split(/\/(.*)/s);
  switch (kind) {
    case 'invoice':
      return [`inspection/${id}`];
    case 'payment':
    case 'sales_receipt':
      return [`payment/${id}`];
    case 'refund':
      return [document && 'paymentId' in document ? `payment/${String(document.paymentId)}` : `payment/${id.slice(0, id.indexOf('/'))}`];
    case 'deposit':
      return [`payout/${id}`];
    default:
      return [];
  }
}

function sameReason(one: Reason | undefined, other: Reason | undefined): boolean {
  return one?.code === other?.code && one?.message === other?.message;
}

const CONTROL_TOTALS: Reason = {
  code: 'control_totals',
  message: "The platform's own totals for the day; they are set beside the books and make no document.",
  remedy: 'Nothing to do.',
};

const NOTHING_TO_POST: Reason = {
  code: 'nothing_to_post',
  message: 'Nothing in the books follows from this event.',
  remedy: 'Nothing to do.',
};
