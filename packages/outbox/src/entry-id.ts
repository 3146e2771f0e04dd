import type { NewEntry } from './entry.ts';

/** The parts of an entry's id, `companyId|source|webhookId`; only the webhook id may itself hold a `|`. */
export function parseEntryId(id: string): { companyId: string; source: string; webhookId: string } {
  const first = id.indexOf('|');
  const second = id.indexOf('|', first + 1);
  if (first < 0 || second < 0) return { companyId: '', source: '', webhookId: id };
  return { companyId: id.slice(0, first), source: id.slice(first + 1, second), webhookId: id.slice(second + 1) };
}

/** Two companies could share an id if `|` were allowed in the first two parts: a wall between tenants, so it throws. */
export function assertEntryParts({ companyId, source }: Pick<NewEntry, 'companyId' | 'source'>): void {
  if (companyId.includes('|') || source.includes('|')) throw new RangeError('A company id or source must not contain "|".');
}
