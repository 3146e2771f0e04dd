import type { Entry } from '@vesper/outbox/entry';
import type { Reason } from '@vesper/core/reason';
import { loadCompany } from '../company.ts';
import { previewCompany, type Verdict } from '../preview.ts';
import { askQuickbooks } from './ask-quickbooks.ts';
import { findEntry } from './find-entry.ts';
import type { Agent, SupportRoom } from './support-room.ts';

export type EntryVerdict =
  | { outcome: 'not_found' }
  /**
   * `replay` something would be sent · `already_there` QuickBooks agrees with all of it · `waits` nothing can be sent yet, the verdicts say
   * why · `refused` this entry cannot be replayed at all.
   */
  | { outcome: 'replay' | 'already_there' | 'waits'; message: string; verdicts: Verdict[] }
  | { outcome: 'refused'; message: string; verdicts: Verdict[]; reason: Reason };

/** What a replay of this entry would do, document by document. With `ask` QuickBooks is read too: records to link to, closed books. */
export async function entryVerdict(
  room: SupportRoom,
  { who, entryId, ask = false }: { who: Agent; entryId: string; ask?: boolean },
): Promise<EntryVerdict> {
  const entry = await findEntry(room.store, { who, entryId });
  return entry ? judgeEntry(room, entry, ask) : { outcome: 'not_found' };
}

export async function judgeEntry(room: SupportRoom, entry: Entry, ask: boolean): Promise<Exclude<EntryVerdict, { outcome: 'not_found' }>> {
  const reason = whyRefused(entry);
  if (reason) return { outcome: 'refused', message: `${reason.message} ${reason.remedy}`, verdicts: [], reason };
  const company = await loadCompany(room.store, entry.companyId);
  if (!company) return { outcome: 'refused', message: `${NO_COMPANY.message} ${NO_COMPANY.remedy}`, verdicts: [], reason: NO_COMPANY };
  const subjects = [entry.subject];
  const verdicts = ask
    ? await askQuickbooks(room, company, subjects)
    : await previewCompany(room.store, company, room.clock.now(), { subjects });
  return { ...conclude(verdicts), verdicts };
}

function conclude(verdicts: readonly Verdict[]): { outcome: 'replay' | 'already_there' | 'waits'; message: string } {
  if (verdicts.some(({ verdict }) => SENDS.has(verdict))) return { outcome: 'replay', message: summaryOf(verdicts) };
  const waiting = verdicts.filter(({ verdict }) => WAITS.has(verdict));
  const there = verdicts.filter(({ verdict }) => verdict === 'already_there');
  if (waiting.length > 0) return { outcome: 'waits', message: waiting.map(({ key, message }) => `${key}: ${message}`).join(' ') };
  if (there.length > 0) {
    const names = there.map(({ key, docNumber }) => (docNumber === undefined ? key : `${key} (${docNumber})`));
    return { outcome: 'already_there', message: `Already there: ${names.join(', ')}. A replay would send nothing.` };
  }
  const left = verdicts.map(({ message }) => message).join(' ');
  return { outcome: 'already_there', message: left || 'Nothing in the books follows from this event; a replay would send nothing.' };
}

/** Verdicts that change something in QuickBooks, or in what we know of it. */
export const SENDS: ReadonlySet<Verdict['verdict']> = new Set(['create', 'link', 'update', 'void', 'delete', 'unknown']);
const WAITS: ReadonlySet<Verdict['verdict']> = new Set(['hold', 'refuse']);

/** What changes first, what stays last. */
const WORDS: Record<Verdict['verdict'], (count: number) => string> = {
  create: (count) => `create ${count}`,
  link: (count) => `link ${count} to ${count === 1 ? 'a record that is' : 'records that are'} there`,
  update: (count) => `update ${count}`,
  void: (count) => `void ${count}`,
  delete: (count) => `delete ${count}`,
  unknown: (count) => `look for ${count} first`,
  hold: (count) => `let ${count} wait`,
  refuse: (count) => `be refused for ${count}`,
  skip: (count) => `leave ${count} out`,
  nothing: (count) => `do nothing about ${count}`,
  already_there: (count) => `leave ${count} that ${count === 1 ? 'is' : 'are'} there already`,
};

/** `A replay would create 2, update 1, let 1 wait.` */
export function summaryOf(verdicts: readonly Pick<Verdict, 'verdict'>[]): string {
  const parts = Object.entries(WORDS).flatMap(([verdict, words]) => {
    const count = verdicts.filter((one) => one.verdict === verdict).length;
    return count > 0 ? [words(count)] : [];
  });
  return `A replay would ${parts.join(', ')}.`;
}

/** Entries no replay can do anything with, and what to do instead. */
export function whyRefused(entry: Pick<Entry, 'state' | 'body'>): Reason | undefined {
  if (entry.state === 'canceled') return CANCELED;
  if (entry.state === 'quarantined') return UNREADABLE;
  if (entry.body === undefined) return REDACTED;
  return undefined;
}

const CANCELED: Reason = {
  code: 'canceled',
  message: 'This entry was canceled, so it counts for nothing.',
  remedy: 'Release it first; then replay it.',
};
const UNREADABLE: Reason = {
  code: 'unreadable_body',
  message: 'The body of this webhook is not a valid event.',
  remedy: 'The platform must send the event again in the documented shape, under a new webhook id.',
};
const REDACTED: Reason = {
  code: 'redacted',
  message: 'The body of this event was dropped by age; what it led to is in the ledger.',
  remedy: 'If the documents must change, let the platform send the latest snapshot again.',
};
const NO_COMPANY: Reason = {
  code: 'unknown_company',
  message: 'The company of this entry is not set up here.',
  remedy: 'Create the company, then replay.',
};
