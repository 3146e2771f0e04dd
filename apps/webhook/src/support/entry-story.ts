import { type AccountingDocument, type DocumentKey, dependenciesOf } from '@vesper/core/document';
import { type PlatformEvent, parseEvent } from '@vesper/core/event';
import { isInBooks, type LedgerRecord } from '@vesper/core/ledger';
import type { Reason } from '@vesper/core/reason';
import type { PlannedChunk } from '@vesper/outbox/flush-plan';
import type { Entry } from '@vesper/outbox/entry';
import type { AuditRow } from '@vesper/outbox/store';
import { loadCompany } from '../company.ts';
import { planCompany } from '../preview.ts';
import { attemptsOf, type StoryAttempt } from './attempts.ts';
import type { Correction } from './correction.ts';
import { activeCorrections } from './corrections.ts';
import { subjectOfDocument } from './document-subject.ts';
import { findEntry } from './find-entry.ts';
import type { Agent, SupportRoom } from './support-room.ts';

/** Everything there is to say about one entry. Personal data is in `event`, `text` and the documents: show those to roles that need them. */
export interface EntryStory {
  entry: Omit<Entry, 'body'>;
  /** The inspection it belongs to, where it names one. */
  inspectionId?: string;
  /** The event as it came; absent when it cannot be read or was dropped by age. */
  event?: PlatformEvent;
  /** The body as text, also of an unreadable one. */
  text?: string;
  /** Other bodies that came under the same webhook id. */
  conflicts: { receivedAt: string; bodySha256: string }[];
  /** All entries about the same subject, newest first: what came before and after. */
  siblings: Omit<Entry, 'body'>[];
  /** What it led to: the documents of its subject, those they stand on, with every attempt. */
  documents: StoryDocument[];
  /** What it waits for, in words. */
  waitsFor: { key: string; reason: Reason }[];
  /** Documents that cannot be posted before these are: the chain behind it. */
  blocks: { key: DocumentKey; waitsFor: DocumentKey; totalCents?: number }[];
  corrections: Correction[];
  audit: AuditRow[];
}

export interface StoryDocument {
  key: DocumentKey;
  type: LedgerRecord['type'];
  state: LedgerRecord['state'];
  docNumber?: string;
  quickbooks?: { entity: string; id: string };
  date?: string;
  totalCents?: number;
  reason?: Reason;
  /** What differs between what was sent and what QuickBooks answered. */
  differences?: string[];
  drift?: string;
  syncedAt?: string;
  /** Newest first. */
  attempts: StoryAttempt[];
}

export async function entryStory(
  room: Pick<SupportRoom, 'store' | 'clock'>,
  { who, entryId }: { who: Agent; entryId: string },
): Promise<EntryStory | undefined> {
  const { store, clock } = room;
  const found = await findEntry(store, { who, entryId });
  if (!found) return undefined;
  const { body, ...entry } = found;
  const { id, companyId, subject } = entry;
  const company = await loadCompany(store, companyId);
  const chunks = company ? await planCompany(store, company, clock.now(), { subjects: [subject] }) : [];
  const ledger = new Map(chunks.flatMap((chunk) => [...chunk.ledger]));
  const wanted = wantedIn(chunks);
  const own = ownKeys(subject, ledger, wanted);
  const related = new Set([...own, ...own.flatMap((key) => dependenciesOfKey(key, ledger, wanted))]);
  const documents: StoryDocument[] = [];
  for (const key of related) {
    const record = ledger.get(key);
    if (record) documents.push(toStory(record, await attemptsOf(store, companyId, key)));
  }
  const inspectionRef = entry.refs.find((ref) => ref.startsWith('inspection/'));
  const event = body && readEvent(body);
  return {
    entry,
    ...(inspectionRef !== undefined && { inspectionId: inspectionRef.slice('inspection/'.length) }),
    ...(event && { event }),
    ...(body && { text: new TextDecoder().decode(body) }),
    conflicts: (await store.conflicts(id)).map(({ receivedAt, bodySha256 }) => ({ receivedAt, bodySha256 })),
    siblings: (await store.search({ companyIds: [companyId], subject, limit: 50 })).entries,
    documents,
    waitsFor: waitsFor(entry, chunks, related),
    blocks: blockedBy(related, ledger, wanted),
    corrections: (await activeCorrections(store, companyId)).filter((correction) => concerns(correction, subject, related)),
    audit: await store.audit({ companyId, subject: `entry/${id}`, limit: 50 }),
  };
}

function readEvent(body: Uint8Array): PlatformEvent | undefined {
  let decoded: unknown;
  try {
    decoded = JSON.parse(new TextDecoder().decode(body));
  } catch {
    // A quarantined body need not be JSON; its text is shown.
    return undefined;
  }
  const parsed = parseEvent(decoded);
  return parsed.outcome === 'known' ? parsed.event : undefined;
}

function wantedIn(chunks: readonly PlannedChunk[]): Map<DocumentKey, AccountingDocument> {
  return new Map(
    chunks.flatMap(({ plan }) =>
      plan.documents.flatMap((wanted) => (wanted.presence === 'present' ? [[wanted.document.key, wanted.document] as const] : [])),
    ),
  );
}

function ownKeys(
  subject: string,
  ledger: ReadonlyMap<DocumentKey, LedgerRecord>,
  wanted: ReadonlyMap<DocumentKey, AccountingDocument>,
): DocumentKey[] {
  return [...new Set([...ledger.keys(), ...wanted.keys()])].filter((key) => subjectOfDocument(key) === subject);
}

function dependenciesOfKey(
  key: DocumentKey,
  ledger: ReadonlyMap<DocumentKey, LedgerRecord>,
  wanted: ReadonlyMap<DocumentKey, AccountingDocument>,
): DocumentKey[] {
  const record = ledger.get(key);
  const document = wanted.get(key) ?? record?.wanted?.document ?? record?.posted;
  // A deposit stands on hundreds of payments: each has a story of its own.
  return document && document.type !== 'deposit' ? dependenciesOf(document) : [];
}

function toStory(
  { key, type, state, posted, wanted, quickbooks, reason, differences, drift, syncedAt }: LedgerRecord,
  attempts: StoryAttempt[],
): StoryDocument {
  const document = wanted?.document ?? posted;
  const totalCents = document && 'totalCents' in document ? document.totalCents : quickbooks?.totalCents;
  const docNumber = quickbooks?.docNumber ?? (document && 'docNumber' in document ? document.docNumber : undefined);
  return {
    key,
    type,
    state,
    ...(docNumber !== undefined && { docNumber }),
    ...(quickbooks && { quickbooks: { entity: quickbooks.entity, id: quickbooks.id } }),
    ...(document && 'date' in document && { date: document.date }),
    ...(totalCents !== undefined && { totalCents }),
    ...(reason && { reason }),
    ...(differences && { differences }),
    ...(drift !== undefined && { drift }),
    ...(syncedAt !== undefined && { syncedAt }),
    attempts,
  };
}

function waitsFor(entry: Omit<Entry, 'body'>, chunks: readonly PlannedChunk[], related: ReadonlySet<DocumentKey>): EntryStory['waitsFor'] {
  const found = new Map<string, Reason>();
  for (const { plan, ledger } of chunks) {
    for (const { key, subject, reason } of plan.holds)
      if (subject === entry.subject || (key !== undefined && related.has(key))) found.set(key ?? subject, reason);
    for (const key of related) {
      const record = ledger.get(key);
      if (record?.reason && record.state !== 'posted' && record.state !== 'voided' && !found.has(key)) found.set(key, record.reason);
    }
  }
  return [...found].map(([key, reason]) => ({ key, reason }));
}

/** Follows, from every document that is not in the books, what stands on it and is not there either. */
function blockedBy(
  related: ReadonlySet<DocumentKey>,
  ledger: ReadonlyMap<DocumentKey, LedgerRecord>,
  wanted: ReadonlyMap<DocumentKey, AccountingDocument>,
): EntryStory['blocks'] {
  const documents = new Map(wanted);
  for (const [key, record] of ledger) if (!documents.has(key) && record.wanted?.document) documents.set(key, record.wanted.document);
  const blocked = new Map<DocumentKey, DocumentKey>();
  let front = [...related].filter((key) => !isInBooks(ledger.get(key)));
  while (front.length > 0) {
    const next: DocumentKey[] = [];
    for (const [key, document] of documents) {
      if (blocked.has(key) || related.has(key) || isInBooks(ledger.get(key))) continue;
      const on = dependenciesOf(document).find((other) => front.includes(other));
      if (on === undefined) continue;
      blocked.set(key, on);
      next.push(key);
    }
    front = next;
  }
  return [...blocked].map(([key, on]) => {
    const document = documents.get(key);
    return { key, waitsFor: on, ...(document && 'totalCents' in document && { totalCents: document.totalCents }) };
  });
}

function concerns({ fix }: Correction, subject: string, related: ReadonlySet<DocumentKey>): boolean {
  switch (fix.kind) {
    case 'hold':
      return fix.subjects.includes(subject);
    case 'skip':
    case 'post_on':
      return fix.keys.some((key) => related.has(key));
    case 'take_back':
      return fix.documents.some(({ key }) => related.has(key));
    case 'customer_link':
      return related.has(`customer/${fix.clientId}`);
    case 'map_item':
    case 'map_role':
    case 'map_account':
    case 'map_class':
      return false;
  }
}
