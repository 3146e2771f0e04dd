import { parseEvent, type EventIssue } from '@vesper/core/event';
import type { Entry, NewEntry } from '@vesper/outbox/entry';
import { entryId } from '@vesper/outbox/entry';
import { planInspections } from '@vesper/outbox/flush-plan';
import { sha256 } from '@vesper/outbox/sha256';
import type { Store } from '@vesper/outbox/store';
import { localDate } from '@vesper/core/local-date';
import type { Company } from '../company.ts';
import { verdictsOf, type Verdict } from '../preview.ts';
import { wordsOf } from '../receive-webhook.ts';

/** Who signed imported events: nobody did, a person with an API key brought them. */
export const IMPORT_SOURCE = 'import';

export interface ImportPage {
  entries: NewEntry[];
  invalid: { index: number; issues: EventIssue[] }[];
}

/** The entries of a page of events. Their ids come from their content, so bringing the same event again stores nothing twice. */
export function toImportEntries(companyId: string, events: readonly unknown[], receivedAt: string): ImportPage {
  const page: ImportPage = { entries: [], invalid: [] };
  for (const [index, event] of events.entries()) {
    const parsed = parseEvent(event);
    if (parsed.outcome === 'invalid') page.invalid.push({ index, issues: parsed.issues });
    else if (parsed.outcome === 'unknown_type') page.invalid.push({ index, issues: [{ path: 'type', message: 'is no type of event' }] });
    else if (parsed.companyId !== companyId)
      page.invalid.push({ index, issues: [{ path: 'data.companyId', message: `is ${parsed.companyId}, not ${companyId}` }] });
    else {
      const body = new TextEncoder().encode(JSON.stringify(parsed.event));
      const bodySha256 = sha256(body);
      page.entries.push({
        companyId,
        source: IMPORT_SOURCE,
        webhookId: `imp_${bodySha256.slice(0, 40)}`,
        type: parsed.event.type,
        subject: parsed.subject,
        refs: parsed.refs,
        words: wordsOf(parsed.event),
        body,
        bodySha256,
        receivedAt,
        state: 'pending',
      });
    }
  }
  return page;
}

/**
 * What the run after an import would do with these events and those already stored, document by document. Nothing is written. The events of an
 * inspection must be in one page, or its verdict lacks the others.
 */
export async function previewImport(store: Store, { id, settings }: Company, page: ImportPage, nowMs: number): Promise<Verdict[]> {
  const brought = page.entries.map((entry): Entry => ({ ...entry, id: entryId(entry), attempts: 0, conflicts: 0 }));
  const withBrought: Store = Object.assign(Object.create(store) as Store, {
    async entriesByRefs(companyId: string, refs: readonly string[]): Promise<Entry[]> {
      const stored = await store.entriesByRefs(companyId, refs);
      const known = new Set(stored.map((entry) => entry.id));
      const asked = new Set(refs);
      return [...stored, ...brought.filter((entry) => !known.has(entry.id) && entry.refs.some((ref) => asked.has(ref)))];
    },
  });
  const today = localDate(new Date(nowMs).toISOString(), settings.timezone);
  const inspectionIds = new Set(
    brought.flatMap(({ refs }) => refs.flatMap((ref) => (ref.startsWith('inspection/') ? [ref.slice(11)] : []))),
  );
  const chunk = await planInspections({ store: withBrought, companyId: id, settings, today }, [...inspectionIds]);
  return verdictsOf(chunk);
}

/** Stores a page; each event is new, known already, or known under other content. */
export async function storeImport(store: Store, page: ImportPage): Promise<{ stored: number; duplicates: number; retryAfterMs?: number }> {
  const outcomes = await Promise.all(page.entries.map((entry) => store.append(entry)));
  const full = outcomes.find((one) => one.outcome === 'full');
  return {
    stored: outcomes.filter(({ outcome }) => outcome === 'stored').length,
    duplicates: outcomes.filter(({ outcome }) => outcome === 'duplicate' || outcome === 'conflict').length,
    ...(full?.outcome === 'full' && { retryAfterMs: full.retryAfterMs }),
  };
}
