import { parseEvent, type PlatformEvent } from '@vesper/core/event';
import type { Reason } from '@vesper/core/reason';
import type { EntryState } from '@vesper/outbox/entry';
import type { Store } from '@vesper/outbox/store';

/** An event with what became of the entry that brought it. */
export interface Told {
  subject: string;
  event: PlatformEvent;
  state: EntryState;
  reason?: Reason;
}

/** Events by each subject they tell something of, oldest first. */
export type ToldBySubject = ReadonlyMap<string, readonly Told[]>;

const DAY_MS = 86_400_000;
const PAGE = 500;
const OPEN: readonly EntryState[] = ['pending', 'held', 'failed'];
const KINDS = /^(inspection|payment|payout)\//;
const utf8 = new TextDecoder();

/** Inspections, payments and payouts that may concern these local days: told of since, dated within them in the ledger, or waiting however long. */
export async function subjectsOf(store: Store, companyId: string, { from, to }: { from: string; to: string }): Promise<Set<string>> {
  const subjects = new Set<string>();
  // A day before, so that no zone's first hours are missed.
  const since = new Date(Date.parse(from) - DAY_MS).toISOString();
  for (let cursor: string | undefined; ;) {
    const page = await store.search({ companyIds: [companyId], from: since, ...(cursor !== undefined && { cursor }), limit: PAGE });
    for (const { subject } of page.entries) if (KINDS.test(subject)) subjects.add(subject);
    cursor = page.next;
    if (cursor === undefined) break;
  }
  for (let after: string | undefined; ;) {
    const page = await store.ledgerByDate(companyId, { from, to }, { ...(after !== undefined && { after }), limit: PAGE });
    for (const { posted, wanted } of page) {
      const document = posted ?? wanted?.document;
      if (document && 'paymentId' in document) subjects.add(`payment/${document.paymentId}`);
      if (document?.type === 'deposit') subjects.add(`payout/${document.payoutId}`);
    }
    if (page.length < PAGE) break;
    after = page.at(-1)?.key;
  }
  for (let after: string | undefined; ;) {
    const page = await store.entriesByState(companyId, OPEN, { ...(after !== undefined && { after }), limit: PAGE });
    for (const { subject } of page) if (/^(payment|payout)\//.test(subject)) subjects.add(subject);
    if (page.length < PAGE) break;
    after = page.at(-1)?.id;
  }
  return subjects;
}

/** Canceled entries do not count, as in a run; redacted ones cannot be read any more. */
export async function readTold(store: Store, companyId: string, subjects: ReadonlySet<string>): Promise<ToldBySubject> {
  const told = new Map<string, Told[]>();
  const entries = subjects.size > 0 ? await store.entriesByRefs(companyId, [...subjects]) : [];
  for (const { subject, refs, body, state, reason } of entries) {
    if (body === undefined || state === 'canceled' || state === 'quarantined') continue;
    const event = readEvent(body);
    if (!event) continue;
    const one = { subject, event, state, ...(reason && { reason }) };
    for (const ref of refs) {
      if (!subjects.has(ref)) continue;
      const list = told.get(ref);
      if (list) list.push(one);
      else told.set(ref, [one]);
    }
  }
  return told;
}

function readEvent(body: Uint8Array): PlatformEvent | undefined {
  let decoded: unknown;
  try {
    decoded = JSON.parse(utf8.decode(body));
  } catch {
    // A row edited by hand; the run holds its inspection and says so.
    return undefined;
  }
  const parsed = parseEvent(decoded);
  return parsed.outcome === 'known' ? parsed.event : undefined;
}
