import {
  parseEvent,
  type EventIssue,
  type Inspection,
  type ParsedEvent,
  type Payment,
  type Payout,
  type PlatformEvent,
} from '@vesper/core/event';
import type { Reason } from '@vesper/core/reason';
import type { NewEntry } from '@vesper/outbox/entry';
import { sha256 } from '@vesper/outbox/sha256';
import { StoreError } from '@vesper/outbox/store-error';
import type { Store } from '@vesper/outbox/store';
import type { CompanyDirectory } from './company-directory.ts';
import type { WebhookSource } from './sources/webhook-source.ts';

export interface Delivery {
  source: string;
  headers: Readonly<Record<string, string | undefined>>;
  /** What follows the source's name in the address. */
  token?: string | undefined;
  /** The bytes as they came over the wire. */
  body: Uint8Array;
  /** Milliseconds since 1970. */
  receivedAtMs: number;
}

export type ReceiveOutcome =
  | { outcome: 'stored' | 'duplicate'; id: string }
  | { outcome: 'conflict'; id: string }
  | { outcome: 'quarantined'; id: string; issues: readonly EventIssue[] }
  | { outcome: 'unverified' }
  | { outcome: 'unknown_source' }
  | { outcome: 'unknown_company'; companyId: string }
  | { outcome: 'unavailable'; retryAfterMs: number };

export interface ReceiveRoom {
  store: Store;
  companies: CompanyDirectory;
  sources: ReadonlyMap<string, WebhookSource>;
}

/** Where a signed body that names no company is kept. */
export const NO_COMPANY = '_unreadable';
const RETRY_AFTER_MS = 5_000;

/**
 * Verifies the raw bytes, reads them, and stores the event durably; every outcome that means "accepted" is told only after the commit.
 * Nothing is derived here: all thinking happens in the evening.
 */
export async function receiveWebhook({ store, companies, sources }: ReceiveRoom, delivery: Delivery): Promise<ReceiveOutcome> {
  const source = sources.get(delivery.source);
  if (!source) return { outcome: 'unknown_source' };
  const verified = source.verify(delivery);
  if (verified.outcome === 'refused') return { outcome: 'unverified' };
  const parsed = parseEvent(decode(delivery.body));
  try {
    const isBeyond = parsed.companyId !== undefined && source.companies?.has(parsed.companyId) === false;
    if (isBeyond || (parsed.companyId !== undefined && parsed.companyId !== NO_COMPANY && !(await companies.has(parsed.companyId))))
      return { outcome: 'unknown_company', companyId: parsed.companyId ?? '' };
    const appended = await store.append(toEntry(delivery, verified.webhookId, parsed));
    switch (appended.outcome) {
      case 'full':
        return { outcome: 'unavailable', retryAfterMs: appended.retryAfterMs };
      case 'conflict':
        return appended;
      case 'stored':
      case 'duplicate':
        return parsed.outcome === 'invalid' ? { outcome: 'quarantined', id: appended.id, issues: parsed.issues } : appended;
    }
  } catch (error) {
    if (error instanceof StoreError) return { outcome: 'unavailable', retryAfterMs: RETRY_AFTER_MS };
    throw error;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `undefined` for what is no JSON text in UTF-8: the parser names that as its issue. */
function decode(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function toEntry(delivery: Delivery, webhookId: string, parsed: ParsedEvent): NewEntry {
  const identity = {
    source: delivery.source,
    webhookId,
    body: delivery.body,
    bodySha256: sha256(delivery.body),
    receivedAt: new Date(delivery.receivedAtMs).toISOString(),
  };
  switch (parsed.outcome) {
    case 'known': {
      const { companyId, event, subject, refs } = parsed;
      return { ...identity, companyId, type: event.type, subject, refs, words: wordsOf(event), state: 'pending' };
    }
    case 'unknown_type': {
      const { companyId, type, subject } = parsed;
      return { ...identity, companyId, type, subject, refs: [subject], words: [], state: 'ignored', reason: UNKNOWN_TYPE };
    }
    case 'invalid': {
      const companyId = parsed.companyId ?? NO_COMPANY;
      return {
        ...identity,
        companyId,
        type: 'unreadable',
        subject: 'event/unreadable',
        refs: [],
        words: [],
        state: 'quarantined',
        reason: unreadable(parsed.issues),
      };
    }
  }
}

/** What support may search an entry by: ids, numbers, the client's name, e-mail and phone, in lower case. */
export function wordsOf(event: PlatformEvent): string[] {
  const words = new Set<string>();
  for (const text of textsOf(event)) {
    if (text === undefined) continue;
    const lower = text.toLowerCase();
    // Nearly every text is one word, and every webhook comes through here.
    for (const word of /\s/.test(lower) ? lower.split(/\s+/) : [lower]) if (word !== '') words.add(word.slice(0, MOST_WORD));
  }
  return [...words].slice(0, MOST_WORDS);
}

function textsOf({ data }: PlatformEvent): (string | undefined)[] {
  if ('inspection' in data) {
    const { id, number, client } = data.inspection as Inspection;
    return [id, number, client.id, client.firstName, client.lastName, client.company, client.email, client.phone];
  }
  if ('payment' in data) {
    const { id, inspectionId } = data.payment as Payment;
    return [id, inspectionId];
  }
  return 'payout' in data ? [(data.payout as Payout).id] : [];
}

const MOST_WORD = 100;
const MOST_WORDS = 40;

const UNKNOWN_TYPE: Reason = {
  code: 'unknown_type',
  message: 'Vesper does not know this type of event, so nothing in the books follows from it.',
  remedy: 'Nothing to do, unless the platform expected it to have an effect.',
};

function unreadable(issues: readonly EventIssue[]): Reason {
  const [first] = issues;
  return {
    code: 'unreadable_body',
    message: `The webhook is signed but its body is not a valid event${first ? ` (${first.path || 'body'}: ${first.message})` : ''}.`,
    remedy: 'The platform must send the event again in the documented shape, under a new webhook id.',
  };
}
