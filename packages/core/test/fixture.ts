import type { AccountingDocument, DocumentKey } from '../src/document.ts';
import type { PlatformEvent } from '../src/event.ts';
import type { Waiting } from '../src/plan.ts';
import type { CompanySettingsInput } from '../src/settings.ts';
import { openCompany } from './company-books.ts';

/** What a fixture expects: of each evening that heard something what it did and what waits, and of the last one the books. */
export interface Expected {
  evenings: Record<string, { operations: string[]; holds: string[]; skips: string[] }>;
  books: Record<DocumentKey, AccountingDocument>;
}

/** Runs the evenings a company would have had: each knows what happened up to `eveningAt` on the company's clock. */
export function runFixture(events: readonly PlatformEvent[], settings: CompanySettingsInput): Expected {
  const company = openCompany(settings);
  const evenings: Expected['evenings'] = {};
  const byEvening = Map.groupBy(events, ({ timestamp }) => eveningOf(timestamp, company.settings));
  for (const [date, heard] of [...byEvening].sort(([a], [b]) => (a < b ? -1 : 1))) {
    company.hear(...heard);
    const { plan, operations } = company.evening(date);
    evenings[date] = {
      operations: operations.map(({ kind, key }) => `${kind} ${key}`),
      holds: plan.holds.map(toText),
      skips: plan.skips.map(toText),
    };
  }
  return { evenings, books: Object.fromEntries([...company.books()].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function toText({ subject, reason }: Waiting): string {
  return `${subject} ${reason.code}: ${reason.message}`;
}

function eveningOf(timestamp: string, { timezone, eveningAt }: { timezone: string; eveningAt: string }): string {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'medium' });
  const [date = '', time = ''] = clock.format(Date.parse(timestamp)).split(' ');
  return time <= `${eveningAt}:00` ? date : new Date(Date.parse(`${date}T12:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
