import { type DocumentKey, dependenciesOf } from '@vesper/core/document';
import { isInBooks } from '@vesper/core/ledger';
import type { Entry } from '@vesper/outbox/entry';
import type { PlannedChunk } from '@vesper/outbox/flush-plan';
import { type Company, loadCompany } from '../company.ts';
import { mayReach } from '../people/reach.ts';
import { planCompany, previewCompany, type Verdict } from '../preview.ts';
import { type Correction, type Fix, describeFix } from './correction.ts';
import { subjectOfDocument } from './document-subject.ts';
import { instantOf } from './note-act.ts';
import type { Agent, SupportRoom } from './support-room.ts';

export type AlikeEntry = Omit<Entry, 'body'>;

export type AlikeOutcome =
  | { outcome: 'not_found' }
  /** `entries` are the open entries whose documents the fix changes; `verdicts` what their replay would do with it. */
  | { outcome: 'alike'; text: string; entries: AlikeEntry[]; verdicts: Verdict[]; more: boolean };

const MOST = 2_000;

/** Shows what a fix would reach before it is made: every failed or held entry whose documents it changes, and what then becomes of them. */
export async function alikeFailures(
  room: SupportRoom,
  { who, companyId, fix }: { who: Agent; companyId: string; fix: Fix },
): Promise<AlikeOutcome> {
  const company = mayReach(who, companyId) ? await loadCompany(room.store, companyId) : undefined;
  if (!company) return { outcome: 'not_found' };
  const { entries, next } = await room.store.search({ companyIds: [companyId], states: ['failed', 'held'], limit: MOST });
  const subjects = [...new Set(entries.map(({ subject }) => subject))];
  const trial: Correction = { id: 'trial', companyId, fix, madeBy: who.name, madeAt: instantOf(room), why: 'shown before it is made' };
  const now = room.clock.now();
  const before = await planCompany(room.store, company, now, { subjects });
  const after = await planCompany(room.store, company, now, { subjects, corrections: [trial] });
  const reached = withDependents(fixedKeys(fix, before, after), after);
  const reachedSubjects = new Set([...reached].map(subjectOfDocument));
  const alike = entries.filter(({ subject }) => reachedSubjects.has(subject));
  return {
    outcome: 'alike',
    text: describeFix(fix),
    entries: alike,
    verdicts: await verdictsOfEntries(room, company, alike, [trial]),
    more: next !== undefined,
  };
}

/** Open entries that wait or failed for the same cause: the same reason, and the same QuickBooks code where there is one. */
export async function sameCause(room: SupportRoom, { who, entryId }: { who: Agent; entryId: string }): Promise<AlikeEntry[]> {
  const entry = await room.store.entry(entryId);
  if (!entry?.reason || !mayReach(who, entry.companyId)) return [];
  const { code, quickbooks } = entry.reason;
  const { entries } = await room.store.search({ companyIds: [entry.companyId], states: [entry.state], limit: MOST });
  return entries.filter(({ reason }) => reason?.code === code && reason.quickbooks?.code === quickbooks?.code);
}

async function verdictsOfEntries(
  room: SupportRoom,
  company: Company,
  entries: readonly AlikeEntry[],
  corrections: readonly Correction[],
): Promise<Verdict[]> {
  const subjects = [...new Set(entries.map(({ subject }) => subject))];
  return subjects.length === 0 ? [] : previewCompany(room.store, company, room.clock.now(), { subjects, corrections });
}

/** Documents whose wish, hold or skip is another one with the fix; a customer link changes no wish but where it goes. */
function fixedKeys(fix: Fix, before: readonly PlannedChunk[], after: readonly PlannedChunk[]): Set<DocumentKey> {
  if (fix.kind === 'customer_link') return new Set([`customer/${fix.clientId}`]);
  const [old, fresh] = [wishes(before), wishes(after)];
  return new Set([...old.keys(), ...fresh.keys()].filter((key) => old.get(key) !== fresh.get(key)));
}

function wishes(chunks: readonly PlannedChunk[]): Map<DocumentKey, string> {
  const found = new Map<DocumentKey, string>();
  for (const { plan } of chunks) {
    for (const wanted of plan.documents)
      found.set(wanted.presence === 'present' ? wanted.document.key : wanted.key, JSON.stringify(wanted));
    for (const [list, waiting] of [
      ['hold', plan.holds],
      ['skip', plan.skips],
    ] as const)
      for (const { key, subject, reason } of waiting) {
        const about = key ?? subject;
        found.set(about, `${found.get(about) ?? ''}|${list} ${reason.code}`);
      }
  }
  return found;
}

/** What waits for them is reached too. */
function withDependents(keys: ReadonlySet<DocumentKey>, chunks: readonly PlannedChunk[]): Set<DocumentKey> {
  const reached = new Set(keys);
  for (let grew = true; grew;) {
    grew = false;
    for (const { plan, ledger } of chunks) {
      for (const wanted of plan.documents) {
        if (wanted.presence === 'absent' || reached.has(wanted.document.key) || isInBooks(ledger.get(wanted.document.key))) continue;
        if (!dependenciesOf(wanted.document).some((key) => reached.has(key))) continue;
        reached.add(wanted.document.key);
        grew = true;
      }
    }
  }
  return reached;
}
