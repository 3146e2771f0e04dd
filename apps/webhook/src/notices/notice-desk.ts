import type { Reason } from '@vesper/core/reason';
import type { FlushClock } from '@vesper/outbox/flusher';
import type { Store } from '@vesper/outbox/store';
import type { Company } from '../company.ts';
import type { Deliveries } from '../outgoing/deliveries.ts';
import type { RunReport } from '../run-report.ts';
import { causesOf, type Cause } from './digest.ts';
import type { Notice } from './notice.ts';

export interface NoticeDesk {
  /** The digest of a run: what is new, what is settled; on a quiet evening nothing, unless the company wants every run. */
  afterRun(company: Company, report: RunReport): Promise<void>;
  /** What a pre-flight, or an evening that could not begin, found in one area; an empty list tells that all is well there again. */
  problems(company: Company, area: 'preflight' | 'connection', found: readonly Reason[]): Promise<void>;
  /** A message to try the addresses out. */
  test(company: Company): Promise<void>;
}

/** What a company has been told and is not settled yet, by area and code. */
interface Told {
  causes: Record<string, { area: string; code: string; message: string; subjects: string[]; since: string }>;
}

const KIND = 'notices_told';
/** Subjects remembered of one cause; of more than these only the number is news. */
const MOST_SUBJECTS = 1_000;

/**
 * Decides what is worth saying. One cause is told once, however many evenings and documents it goes on for; again only when documents join it;
 * and once more when it is settled.
 */
export function createNoticeDesk({ store, clock, deliveries }: { store: Store; clock: FlushClock; deliveries: Deliveries }): NoticeDesk {
  const tell = async (company: Company, notice: Omit<Notice, 'companyId' | 'companyName' | 'at'>): Promise<void> => {
    const { emails, webhookUrl } = company.settings.notices;
    const at = new Date(clock.now()).toISOString();
    const content = JSON.stringify({ companyId: company.id, companyName: company.settings.name, at, ...notice } satisfies Notice);
    const id = `notice|${company.id}|${clock.newId()}`;
    if (emails.length > 0) await deliveries.put(`${id}|email`, { channel: 'email', companyId: company.id, to: emails.join(', '), content });
    if (webhookUrl !== undefined)
      await deliveries.put(`${id}|webhook`, { channel: 'webhook', companyId: company.id, to: webhookUrl, content });
  };

  /** What of these causes is news, and what is settled; remembered before it is told, so that a crash repeats nothing. */
  const newsOf = async (company: Company, area: string, causes: readonly Cause[]) => {
    for (;;) {
      const known = await store.getRecord<Told>(KIND, company.id);
      const before = known?.value.causes ?? {};
      const at = new Date(clock.now()).toISOString();
      const after: Told['causes'] = Object.fromEntries(Object.entries(before).filter(([, cause]) => cause.area !== area));
      const fresh: Cause[] = [];
      for (const cause of causes) {
        const name = `${area}/${cause.code}`;
        const told = new Set(before[name]?.subjects);
        if (cause.subjects.some((subject) => !told.has(subject))) fresh.push(cause);
        const merged = { message: cause.message, subjects: cause.subjects.slice(0, MOST_SUBJECTS) };
        after[name] = { area, code: cause.code, since: before[name]?.since ?? at, ...merged };
      }
      const settled = Object.entries(before).filter(([name, cause]) => cause.area === area && !after[name]);
      const saved = await store.putRecord(KIND, company.id, { causes: after } satisfies Told, { expectedVersion: known?.version ?? 'new' });
      if (saved.outcome === 'changed_meanwhile') continue;
      return {
        fresh,
        settled: settled.map(([, { code, message }]) => ({ code, message })),
        stillOpen: causes.length - fresh.length,
      };
    }
  };

  return {
    async afterRun(company, report) {
      const { fresh, settled, stillOpen } = await newsOf(company, 'run', mergeCodes(causesOf(company, report)));
      const isQuiet = fresh.length === 0 && settled.length === 0;
      if (isQuiet && company.settings.notices.when === 'exceptions') return;
      const { localDate, runId, state, counts, requests, durationMs } = report;
      await tell(company, {
        kind: fresh.length === 0 && settled.length > 0 ? 'recovery' : 'digest',
        localDate,
        headline: headline(localDate, { fresh: fresh.length, settled: settled.length, stillOpen, posted: counts.posted + counts.updated }),
        causes: fresh.map(({ code, message, remedy }) => ({ code, message, remedy })),
        resolved: settled,
        stillOpen,
        run: { runId, state, counts: { ...counts }, requests, durationMs },
      });
    },

    async problems(company, area, found) {
      const causes = found.map(({ code, message, remedy }) => ({ code, message, remedy, subjects: [code] }));
      const { fresh, settled, stillOpen } = await newsOf(company, area, mergeCodes(causes));
      if (fresh.length === 0 && settled.length === 0) return;
      const [first] = fresh;
      await tell(company, {
        kind: first ? 'problem' : 'recovery',
        headline: first ? PROBLEM[area] : 'what stood in the way is settled',
        causes: fresh.map(({ code, message, remedy }) => ({ code, message, remedy })),
        resolved: settled,
        stillOpen,
      });
    },

    test: (company) => tell(company, { kind: 'test', headline: 'this is a test of your notices', causes: [], resolved: [], stillOpen: 0 }),
  };
}

const PROBLEM = {
  preflight: 'something needs you before the evening',
  connection: 'the evening could not be finished',
} as const;

/** Two causes under one code (two gaps, two accounts) are told as one with two sentences. */
function mergeCodes(causes: readonly Cause[]): Cause[] {
  const merged = new Map<string, Cause>();
  for (const cause of causes) {
    const known = merged.get(cause.code);
    merged.set(
      cause.code,
      known ? { ...known, message: `${known.message}\n${cause.message}`, subjects: [...known.subjects, ...cause.subjects] } : cause,
    );
  }
  return [...merged.values()];
}

function headline(
  localDate: string,
  { fresh, settled, stillOpen, posted }: { fresh: number; settled: number; stillOpen: number; posted: number },
): string {
  if (fresh > 0) return `${fresh === 1 ? 'one thing needs' : `${fresh} things need`} you after the evening of ${localDate}`;
  if (settled > 0) return `settled in the evening of ${localDate}`;
  if (stillOpen > 0) return `the evening of ${localDate} is done; nothing new`;
  return `the evening of ${localDate} is done, ${posted} documents posted or updated, nothing to look at`;
}
